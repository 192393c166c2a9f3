/**
 * Sessions, people and rooms, as the hub knows them.
 *
 * @module
 */

import type {
  Name,
  RemoteProtocolError,
  Request,
  RoomMessage,
} from "../wire/mod.ts";
import type { TokenBucket } from "./token_bucket.ts";

/** Something a session sent that waits for its turn. */
export type Step =
  | { readonly kind: "request"; readonly request: Request }
  /** A mistake, answered in its place; a fatal one closes. */
  | { readonly kind: "mistake"; readonly error: RemoteProtocolError }
  /** The peer will send nothing more: close when everything is answered. */
  | { readonly kind: "end" };

/** One connection's place in the chat. `peer` is its driver's own. */
export class Session<Peer> {
  readonly peer: Peer;
  readonly bucket: TokenBucket;
  /** Why its login is refused, whoever it is. */
  readonly refusal: RemoteProtocolError | undefined;
  /** Who logged in. */
  person: Person<Peer> | undefined;
  /** The room it is in, from its login on. */
  room: Room<Peer> | undefined;
  /** Its messages that are on their way to the log; all of one stream. */
  inFlight = 0;
  /** The stream of those. */
  stream = "";
  /** What came behind them and has to wait, in order. */
  readonly waiting: Step[] = [];
  /** When it last sent something, ms, to the second. */
  seen: number;
  /** True once nothing more is to be said to it. */
  closed = false;

  constructor(
    peer: Peer,
    bucket: TokenBucket,
    refusal: RemoteProtocolError | undefined,
    now: number,
  ) {
    this.peer = peer;
    this.bucket = bucket;
    this.refusal = refusal;
    this.seen = now;
  }

  /** Requests not answered yet. */
  get backlog(): number {
    return this.inFlight + this.waiting.length;
  }
}

/**
 * Somebody. A guest begins with a login and ends with the session; who takes
 * the name later is somebody else.
 */
export class Person<Peer> {
  /** Unique among all people of this hub. */
  readonly id: number;
  readonly name: Name;
  readonly sessions = new Set<Session<Peer>>();

  constructor(id: number, name: Name) {
    this.id = id;
    this.name = name;
  }
}

/** A room and who is in it now. */
export class Room<Peer> {
  readonly name: Name;
  readonly members = new Set<Session<Peer>>();
  /** Messages for it that are on their way to the log. */
  inFlight = 0;
  /** Its newest messages, or undefined until the log has told them. */
  tail: RoomMessage[] | undefined;
  /** Who wants to come in as soon as it has. */
  readonly awaiting = new Set<Session<Peer>>();

  constructor(name: Name) {
    this.name = name;
  }
}

/** The log's stream of a room. */
export function roomStream<Peer>(room: Room<Peer>): string {
  return `#${room.name.key}`;
}

/**
 * The log's stream of a room of two people (not of two names). `epoch` tells
 * the people of this run from those of others.
 */
export function directStream<Peer>(
  epoch: number,
  a: Person<Peer>,
  b: Person<Peer>,
): string {
  return `@${epoch},${Math.min(a.id, b.id)},${Math.max(a.id, b.id)}`;
}
