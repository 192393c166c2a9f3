/**
 * Sessions, people and rooms, as the hub knows them.
 *
 * @module
 */

import type {
  Name,
  RemoteProtocolError,
  Request,
  RoomKind,
  Said,
} from "../wire/mod.ts";
import { Few, FewByKey, Line } from "./few.ts";
import type { Flood } from "./floods.ts";
import type { KeptSession } from "./kept_sessions.ts";
import type { MessageRequest } from "./messages.ts";
import { networkOf } from "./network.ts";
import type { Verifier } from "./state.ts";
import type { TokenBucket } from "./token_bucket.ts";

/** Something a session sent that waits for its turn. */
export type Step =
  | { readonly kind: "request"; readonly request: Request }
  /** A mistake, answered in its place; a fatal one closes. */
  | { readonly kind: "mistake"; readonly error: RemoteProtocolError }
  /** A message that comes when none is taken. */
  | {
    readonly kind: "untimely";
    readonly request: MessageRequest;
    readonly error: RemoteProtocolError;
  }
  /** The peer will send nothing more: close when everything is answered. */
  | { readonly kind: "end" }
  /** The peer goes for good: likewise, and nothing is kept for it. */
  | { readonly kind: "logout" };

/**
 * What a wire can do: be in one room at a time and say nothing of what arrived
 * (ChatProto 1.0, JSON), be in many and send receipts (ChatProto 2, UDP), or be
 * in none: it asks for what waits (`list_waiting`), and sends receipts (CP).
 */
export type Reach = "one" | "many" | "none";

/** How a session begins. */
export interface SessionOptions {
  /** ms. */
  readonly now: number;
  /** Present when this peer may not log in (plaintext, server full). */
  readonly refusal?: RemoteProtocolError;
  /** Where it comes from: failed logins are counted by this. */
  readonly address?: string;
  /** Whether that address stands for many: no cap per address holds. */
  readonly shared?: boolean;
  /** Default: one. */
  readonly reach?: Reach;
  /** A login that is rejected may be tried again; else it closes. */
  readonly retries?: boolean;
  /** Nobody comes in by this without an account, and its password. */
  readonly accountsOnly?: boolean;
  /** Told of all that everybody has received, not of its own alone. */
  readonly allReceipts?: boolean;
}

/** One connection's place in the chat. `peer` is its driver's own. */
export class Session<Peer> {
  readonly peer: Peer;
  readonly bucket: TokenBucket;
  /** For its receipts, from its first one on. */
  receipts: TokenBucket | undefined;
  readonly address: string;
  /** What caps per address go by; undefined where none holds. */
  readonly network: string | undefined;
  /** Present when it was refused something. */
  flood: Flood | undefined;
  readonly reach: Reach;
  /** As in {@link SessionOptions}. */
  readonly retries: boolean;
  /** As in {@link SessionOptions}. */
  readonly accountsOnly: boolean;
  /** As in {@link SessionOptions}. */
  readonly allReceipts: boolean;
  /** Why its login is refused, whoever it is. */
  readonly refusal: RemoteProtocolError | undefined;
  /** Who logged in. */
  person: Person<Peer> | undefined;
  /** What outlives it, if it asked for that. */
  kept: KeptSession<Peer> | undefined;
  /** The room it is in when it names none, from its login on. */
  room: Room<Peer> | undefined;
  /** Where it gets what is said, or will when it has caught up. */
  readonly seats = new FewByKey<Room<Peer>, Seat>();
  /** Up to where it was shown rooms that it has left, until it has that. */
  left: Map<Room<Peer>, number> | undefined;
  /** Seats that have to catch up; the first is at it. */
  readonly behind: Room<Peer>[] = [];
  /** Its messages that are on their way to the log; all of one stream. */
  inFlight = 0;
  /** The stream of those. */
  stream = "";
  /** One of its requests waits for an answer from elsewhere. */
  busy = false;
  /** What it asked and has to wait, in order. */
  readonly waiting = new Line<Step>();
  /** The first of those is being looked at. */
  running = false;
  /** Something it waited for happened meanwhile. */
  again = false;
  /** When it last sent something, ms, to the second. */
  seen: number;
  /** True once nothing more is to be said to it. */
  closed = false;

  constructor(peer: Peer, bucket: TokenBucket, options: SessionOptions) {
    this.peer = peer;
    this.bucket = bucket;
    this.address = options.address ?? "";
    this.network = options.shared || this.address === ""
      ? undefined
      : networkOf(this.address);
    this.reach = options.reach ?? "one";
    this.retries = options.retries ?? false;
    this.accountsOnly = options.accountsOnly ?? false;
    this.allReceipts = options.allReceipts ?? false;
    this.refusal = options.refusal;
    this.seen = options.now;
  }

  /** Requests not answered yet. */
  get backlog(): number {
    return this.inFlight + this.waiting.length + Number(this.busy);
  }
}

/** Where a session is in a room. */
export interface Seat {
  /** The last sequence that it was sent while it caught up. */
  position: number;
  /** It has caught up: from now on it gets what everybody gets. */
  listening: boolean;
  /** A page of what it missed is being read. */
  asking: boolean;
}

/** For the many who have nothing of a kind: an empty set is 150 bytes. */
const NOTHING: ReadonlySet<never> = new Set();

/**
 * Somebody: an account, or a guest. A guest begins with a login and ends with
 * the last session; who takes the name later is somebody else.
 */
export class Person<Peer> {
  readonly handle: number;
  readonly name: Name;
  /** Its password; a guest has none. */
  verifier: Verifier | undefined;
  /** Its public key, if it has published one: SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array | undefined;
  readonly sessions = new Few<Session<Peer>>();
  #kept: Set<KeptSession<Peer>> | undefined;
  /** Where it is a member. */
  readonly rooms = new Few<Room<Peer>>();
  /** ms since 1970. */
  readonly created: number;
  /** Why it does not look, if it said so; until it does, or leaves. */
  away: string | undefined;
  /** Whether the store has heard of it. */
  recorded: boolean;
  /** The store is about to hear that it has an account. */
  registering = false;

  constructor(
    handle: number,
    name: Name,
    created: number,
    verifier?: Verifier,
  ) {
    this.handle = handle;
    this.name = name;
    this.created = created;
    this.verifier = verifier;
    this.recorded = verifier !== undefined;
  }

  /** Its sessions that outlive their connections. */
  get kept(): ReadonlySet<KeptSession<Peer>> {
    return this.#kept ?? NOTHING;
  }

  /** One more of its sessions is kept. */
  keep(kept: KeptSession<Peer>): void {
    (this.#kept ??= new Set()).add(kept);
  }

  /** One of them is not any more. */
  release(kept: KeptSession<Peer>): void {
    this.#kept?.delete(kept);
  }

  get account(): boolean {
    return this.verifier !== undefined;
  }

  /** Whether the store knows it. */
  get stored(): boolean {
    return this.account || this.registering || this.kept.size > 0;
  }

  /** Whether it is logged in. */
  get here(): boolean {
    return this.sessions.size > 0;
  }
}

/** How far a member is. */
export interface Member {
  /** Up to this sequence everything has reached it, on whatever device. */
  received: number;
  /** Up to this sequence it has seen it. */
  read: number;
}

/** A room, who belongs to it and who is in it now. */
export class Room<Peer> {
  readonly kind: RoomKind;
  readonly name: Name;
  /** 0 until it is known. */
  handle = 0;
  /** Its stream in the log. */
  stream: string;
  /** What it is about, if somebody said so. */
  topic: string | undefined;
  /** What that is to be as soon as it is kept; empty: nothing. */
  newTopic: { readonly topic: string } | undefined;
  /** When it was made, ms since 1970. */
  created = 0;
  /** Who made it under which key, where it was to be made once. */
  madeBy: string | undefined;
  /** Whether the store knows it. */
  stored = false;
  /** Saves on their way by which it gets to know it, with members. */
  storing = 0;
  readonly members = new Map<Person<Peer>, Member>();
  /** Who gets what is said. */
  readonly listeners = new Set<Session<Peer>>();
  /** How many people have a seat in it. */
  here = 0;
  /** Messages for it that are on their way to the log. */
  inFlight = 0;
  /** How many memberships have ended. */
  departures = 0;
  /** The sequence of the last message that was shown. */
  last = 0;
  /** The time of its stream, s since 1970: it never goes back; 0: not known. */
  second = 0;
  /** Up to this sequence all members have received. */
  receivedByAll = 0;
  /** Its newest messages, or undefined until the log has told them. */
  tail: Said[] | undefined;
  /** All messages behind this sequence are in `tail`. */
  tailFrom = 0;
  /** Who wants to come in as soon as it has. */
  awaiting: Waiting[] = [];
  /** One of a direct room's two people is gone for good. */
  abandoned = false;

  constructor(kind: RoomKind, name: Name, stream: string) {
    this.kind = kind;
    this.name = name;
    this.stream = stream;
  }
}

/** Something to be done when a room is open, or can't be opened. */
export interface Waiting {
  opened(now: number): void;
  failed(detail: string, now: number): void;
}

/** The log's stream of a public room, by its name's key. */
export function publicStream(key: string): string {
  return `#${key}`;
}

/** The log's stream of a group: another of its name has another stream. */
export function groupStream(handle: number): string {
  return `&${handle}`;
}

/** The log's stream of a room of two people (not of two names). */
export function directStream(a: number, b: number): string {
  return `@${Math.min(a, b)},${Math.max(a, b)}`;
}

/** Up to which sequence a session was shown a room in which it has a seat. */
export function shownIn<Peer>(room: Room<Peer>, seat: Seat): number {
  return seat.listening ? room.last : seat.position;
}

/** Who has a seat in a room now. */
export function* present<Peer>(room: Room<Peer>): Generator<Person<Peer>> {
  for (const person of room.members.keys()) {
    for (const { seats } of person.sessions) {
      if (!seats.has(room)) continue;
      yield person;
      break;
    }
  }
}

/** Whether a session's person has a seat in a room with another session. */
export function elsewhere<Peer>(
  session: Session<Peer>,
  room: Room<Peer>,
): boolean {
  for (const other of session.person?.sessions ?? []) {
    if (other !== session && other.seats.has(room)) return true;
  }
  return false;
}
