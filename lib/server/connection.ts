/**
 * One client's connection: its socket, its codec and its queue.
 *
 * What everybody can rely on: a reader that falls behind MUST NOT make anyone
 * else wait, and its queue MUST stay bounded; then it is told so and dropped.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  errorMessage,
  type Limits,
  restOf,
  type Session,
} from "../chat/mod.ts";
import {
  type EventEncoding,
  RemoteProtocolError,
  type Request,
  type ServerCodec,
  type ServerEvent,
  streamOf,
} from "../wire/mod.ts";
import {
  type Endpoint,
  endSocket,
  hear,
  type Hearer,
  type Incoming,
} from "../net/mod.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { written } from "./fanout.ts";
import type { Peer } from "./peer.ts";

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** `bytes`: as how many it came. */
  request(connection: Connection, request: Request, bytes: number): void;
  mistake(
    connection: Connection,
    error: RemoteProtocolError,
    bytes: number,
  ): void;
  /** The peer sends nothing more. */
  end(connection: Connection): void;
  /** Nothing more is said to it: the socket is gone, or about to go. */
  gone(connection: Connection, cause: string | undefined): void;
  /** The socket is closed. */
  closed(socket: Duplex): void;
  /** It read too slowly, and was told so. */
  dropped(connection: Connection): void;
  /** Something was queued: call `flush` when this turn's work is done. */
  queued(connection: Connection): void;
  /** Too much is unanswered: call `resume` when this turn's work is done. */
  stalled(connection: Connection): void;
}

/** How a connection is made. */
export interface ConnectionOptions {
  readonly socket: Duplex;
  readonly codec: ServerCodec;
  readonly limits: Limits;
  /** Default: the computer's. */
  readonly clock?: Clock;
  readonly events: ConnectionEvents;
  readonly remote: Endpoint;
  readonly wire: Incoming["wire"];
  readonly tls: boolean;
}

/** A connection as the log calls it: the address, and the wire. */
export function labelOf(
  { remote: { address, port }, wire, tls }: Pick<
    ConnectionOptions,
    "remote" | "wire" | "tls"
  >,
): string {
  return `${address}:${port} (${wire}${tls ? " in TLS" : ""})`;
}

/** How long it takes to look again at a socket that takes nothing, ms. */
const LONGEST_PAUSE = 1_000;

/**
 * The slowest link of a client that keeps its connection alive, bytes/ms. What
 * waits for it is written at once: only when all of it was taken is that known.
 */
const SLOWEST_LINK = 2;

/**
 * Whether the reply to a request may be long, as with what follows it at once:
 * one of these is answered at a time.
 */
const IS_LONG: Readonly<Record<Request["type"], boolean>> = {
  login: true,
  resume: true,
  register: true,
  change_password: false,
  room_msg: false,
  private_msg: false,
  join_room: true,
  leave_room: true,
  make_group: true,
  invite: false,
  set_topic: false,
  set_away: false,
  list_users: true,
  list_rooms: true,
  list_own_rooms: true,
  list_people: true,
  list_waiting: true,
  list_members: true,
  history: true,
  search: true,
  names: true,
  publish_key: false,
  find_key: false,
  receipt: false,
  logout: false,
};

/** Somebody who waits for a write to be taken. */
interface Waiter {
  /** Bytes up to the end of what it waits for. */
  readonly given: number;
  then(taken: boolean): void;
}

/** A connection, from its first bytes on. */
export class Connection implements Peer, Hearer {
  /** Set by the server before `start`. */
  session!: Session<Peer>;
  readonly wire: Incoming["wire"];
  readonly tls: boolean;
  readonly #remote: Endpoint;
  readonly #socket: Duplex;
  readonly #codec: ServerCodec;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #events: ConnectionEvents;
  /** What waits for the end of this turn: mostly no more than this. */
  #first: Uint8Array | undefined;
  #others: Uint8Array[] | undefined;
  /** Requests read in this turn: their replies are not even queued. */
  #asked = 0;
  /** One that was read has a long reply, which is not queued yet. */
  #long = false;
  /** It is not read from. */
  #paused = false;
  /** The peer has sent all of it, if not all is decoded. */
  #ended = false;
  /** When a request began that has not come whole, ms. */
  #begun: number | undefined;
  /** Calls off the end of a rest that a flood brought. */
  #endRest: (() => void) | undefined;
  /** More waited for the peer than it may, a turn after that was written. */
  #behind = false;
  #watching = false;
  #ending = false;
  /** When the codec wants to know the time, ms, and what calls that off. */
  #wakeAt: number | undefined;
  #callOff: (() => void) | undefined;
  #cause: string | undefined;
  /** When something came last, or could not, ms. */
  #heard: number;
  /** What was taken when that was last looked at for it. */
  #tookBefore = 0;
  /** Bytes for the socket, and as many of them as it is known to have taken. */
  #given = 0;
  #taken = 0;
  /** In TLS, has the latter looked at; made for the first write. */
  #told: (() => void) | undefined;
  /** Who waits for what, in order. */
  readonly #waiters: Waiter[] = [];
  /** When the socket is looked at for them. */
  #looking: ReturnType<typeof setTimeout> | undefined;
  /** Something was to be written to a socket that takes nothing more. */
  #cut = false;
  /** It is told when the socket has taken what it held. */
  #hearsTaken = false;
  #confirming = false;

  constructor(options: ConnectionOptions) {
    const { socket, codec, limits } = options;
    const { events, remote, wire, tls } = options;
    const { clock = SYSTEM_CLOCK } = options;
    this.#socket = socket;
    this.#codec = codec;
    this.#limits = limits;
    this.#clock = clock;
    this.#heard = clock.now();
    this.#events = events;
    this.#remote = remote;
    this.wire = wire;
    this.tls = tls;
  }

  get label(): string {
    const { wire, tls } = this;
    return labelOf({ remote: this.#remote, wire, tls });
  }

  /** Ends with a client that has not sent for too long what it was to send. */
  checkAlive(now: number): void {
    const { frameTimeout } = this.#limits;
    if (!this.#paused && now - (this.#begun ?? now) > frameTimeout) {
      const detail = `a request that has begun has ${frameTimeout / 1000} s ` +
        "to come whole";
      const error = new RemoteProtocolError(400, detail, { fatal: true });
      this.#begun = undefined;
      return this.#events.mistake(this, error, 0);
    }
    if (!this.#codec.keepsAlive) return;
    if (this.#paused) this.#checkTaking(now);
    else if (now - this.#heard > this.#limits.silence) {
      this.#cutOff("sent nothing for too long");
    }
  }

  /**
   * Ends with a client that does not read, either. It is not read from, so what
   * it sends does not come: that it takes something shows that it is there.
   */
  #checkTaking(now: number): void {
    const { writableLength } = this.#socket;
    const taken = this.#given - writableLength;
    if (!this.#unread || taken > this.#tookBefore) this.#heard = now;
    this.#tookBefore = taken;
    const patience = this.#limits.silence + writableLength / SLOWEST_LINK;
    if (now - this.#heard > patience) this.#cutOff("took nothing for too long");
  }

  #cutOff(cause: string): void {
    this.#cause = cause;
    this.#socket.destroy();
  }

  /** Begins to read. */
  start(): void {
    hear(this.#socket, this);
    this.#socket.resume();
  }

  heard(bytes: Uint8Array): void {
    // Nothing would ever take it out of the codec again.
    if (this.#ending) return;
    this.#heard = this.#clock.now();
    this.#codec.tick?.(this.#heard);
    this.#codec.receive(bytes);
    this.#chargeAsides();
    this.#decode();
  }

  heardEnd(): void {
    this.#ended = true;
    this.#decode();
  }

  heardError(error: Error): void {
    this.#cause = error.message;
  }

  heardClose(): void {
    this.#callOff?.();
    this.#endRest?.();
    this.#events.closed(this.#socket);
    this.#events.gone(this, this.#cause);
    this.#look();
    clearTimeout(this.#looking);
    for (const { then } of this.#waiters.splice(0)) then(false);
  }

  get encoding(): EventEncoding {
    return this.#codec.encoding;
  }

  /** So much is unanswered that it is not read from. */
  get #busy(): boolean {
    const unanswered = Math.max(this.#asked, this.session.backlog);
    return this.#long || unanswered >= this.#limits.backlog;
  }

  /** So many replies are unread that nothing more is asked for. */
  get #unread(): boolean {
    return this.#socket.writableLength > this.#limits.sendQueue / 4;
  }

  /** What the wire answers by itself counts against the peer's rate too. */
  #chargeAsides(): void {
    const asides = this.#codec.takeAsides?.() ?? 0;
    if (asides === 0) return;
    if (this.session.bucket.take(this.#clock.now(), asides)) return;
    const detail = "too many commands that are none";
    this.#events.mistake(
      this,
      new RemoteProtocolError(429, detail, { fatal: true }),
      0,
    );
  }

  /** Sets the timer for what time alone brings. */
  #arm(): void {
    const { wakeAt } = this.#codec;
    if (wakeAt === this.#wakeAt) return;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#wakeAt = wakeAt;
    if (wakeAt === undefined) return;
    this.#callOff = this.#clock.at(wakeAt, () => {
      this.#wakeAt = undefined;
      if (this.#ending) return;
      this.#codec.tick?.(this.#clock.now());
      this.#chargeAsides();
      this.#decode();
    });
  }

  #decode(): void {
    this.#arm();
    while (!this.#ending) {
      if (this.#busy || this.#unread) return this.#pause();
      if (this.#rests()) return;
      const { pending } = this.#codec;
      try {
        const request = this.#codec.next();
        this.#say();
        if (request === undefined) {
          this.#noteBegun();
          break;
        }
        this.#asked++;
        this.#begun = undefined;
        this.#long ||= IS_LONG[request.type];
        this.#events.request(this, request, pending - this.#codec.pending);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#asked++;
        this.#begun = undefined;
        this.#events.mistake(this, error, pending - this.#codec.pending);
      }
    }
    if (!this.#ended || this.#ending || this.#codec.waits) return;
    this.#ended = false;
    this.#events.end(this);
  }

  /** Notes that a request has begun, where the wire itself gives it no time. */
  #noteBegun(): void {
    if (this.#codec.tick !== undefined || this.#codec.pending === 0) {
      this.#begun = undefined;
    } else this.#begun ??= this.#heard;
  }

  /** Reads nothing for a while from whoever floods, if it is to be so. */
  #rests(): boolean {
    if (this.session.flood === undefined) return false;
    const now = this.#clock.now();
    const rest = restOf(this.session, now);
    if (rest === 0) return false;
    this.#paused = true;
    this.#socket.pause();
    this.#endRest ??= this.#clock.at(now + rest, () => {
      this.#endRest = undefined;
      this.#readOn();
    });
    return true;
  }

  /** Reads nothing until the log has answered, or the peer has read. */
  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
    // With much unread it is the socket that says when to go on.
    if (!this.#unread) return this.#events.stalled(this);
    if (this.#hearsTaken) return;
    this.#hearsTaken = true;
    const then = (taken: boolean) => {
      this.#hearsTaken = false;
      if (taken) this.#readOn();
    };
    // Of less than its own high-water mark the socket says nothing by itself.
    if (!this.#socket.writableNeedDrain) this.#onceTaken(then);
    else this.#socket.once("drain", () => then(true));
  }

  #readOn(): void {
    if (!this.#paused || this.#ending) return;
    if (this.#busy || this.#unread) return this.#pause();
    if (this.#rests()) return;
    this.#paused = false;
    // What it sent meanwhile could not come.
    this.#heard = this.#clock.now();
    if (this.#begun !== undefined) this.#begun = this.#heard;
    this.#socket.resume();
    this.#decode();
  }

  /** A turn's work is done: reads on, if enough was answered and taken. */
  resume(): void {
    this.#settle();
    this.#readOn();
  }

  /** What was read is answered, or else in the session's backlog. */
  #settle(): void {
    this.#asked = 0;
    if (this.#long && this.session.backlog === 0) this.#long = false;
  }

  /** More waits for the peer than it may. */
  get #over(): boolean {
    return this.#socket.writableLength > this.#limits.sendQueue;
  }

  /**
   * Looks whether the peer is still over its limit when the socket has had a
   * turn: what was written at once says nothing yet about who reads it.
   */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    setImmediate(() => {
      this.#watching = false;
      this.#behind = this.#over;
    });
  }

  /** Queues bytes, which may be shared; `flush` sends them. */
  write(bytes: Uint8Array): void {
    if (this.#ending || bytes.length === 0) return;
    if (this.#first === undefined) {
      this.#first = bytes;
      this.#events.queued(this);
    } else (this.#others ??= []).push(bytes);
  }

  /** Sends bytes, which may be shared, unless they have to wait for others. */
  writeNow(bytes: Uint8Array): void {
    if (this.#first !== undefined || this.#ending || bytes.length === 0) {
      return this.write(bytes);
    }
    this.#first = bytes;
    this.flush();
  }

  /** Queues what has to stand before the events of a room's stream. */
  select(room: number | undefined): void {
    const codec = this.#codec;
    if (room === undefined || codec.select === undefined) return;
    this.write(written((writer) => codec.select?.(writer, room)));
  }

  /** Queues one event that answers nothing. */
  send(event: ServerEvent): void {
    this.select(streamOf(event));
    this.write(written((writer) => this.encoding.write(writer, event)));
  }

  /** Queues the reply to the oldest request that has none. */
  reply(event: ServerEvent): void {
    const codec = this.#codec;
    if (codec.reply === undefined) return this.send(event);
    codec.tick?.(this.#clock.now());
    this.select(streamOf(event));
    this.write(written((writer) => codec.reply?.(writer, event)));
    if (codec.ready || this.#ended) this.#pause();
    else this.#arm();
  }

  /** Queues what the wire itself has to say. */
  #say(): void {
    const bytes = this.#codec.output?.();
    if (bytes !== undefined) this.write(bytes);
  }

  /** Sends what was queued; drops a reader that has fallen too far behind. */
  flush(): void {
    this.#settle();
    const first = this.#first;
    if (first === undefined) return;
    const others = this.#others;
    this.#first = this.#others = undefined;
    const bytes = others === undefined
      ? first
      : Buffer.concat([first, ...others]);
    this.#given += bytes.length;
    // It will never be taken.
    if (!this.#socket.writable) {
      this.#cut = true;
      return;
    }
    this.#behind &&= this.#over;
    this.#give(bytes);
    if (this.#ending || !this.#over) return;
    if (!this.#behind) return this.#watch();
    const detail = "you read too slowly, connect again to go on";
    this.send(errorMessage(429, detail));
    this.#events.dropped(this);
    this.#cause = "read too slowly";
    this.close();
    this.#events.gone(this, this.#cause);
  }

  /**
   * Writes to the socket. To be told of each write costs every delivery an event
   * of its own, and plaintext is mostly taken at once: that is looked at.
   */
  #give(bytes: Uint8Array): void {
    if (this.tls) {
      this.#socket.write(bytes, this.#told ??= () => this.#look());
    } else {
      this.#socket.write(bytes);
      this.#look();
    }
  }

  /** Notes what the socket has taken, and tells those who wait for it. */
  #look(): void {
    const socket = this.#socket;
    // One that failed holds nothing either.
    if (this.#cut || !(socket.writable || socket.writableFinished)) return;
    this.#taken = this.#given - socket.writableLength;
    while ((this.#waiters[0]?.given ?? Infinity) <= this.#taken) {
      this.#waiters.shift()?.then(true);
    }
  }

  /**
   * Looks again and again, as long as somebody waits: also in TLS, where the last
   * write of a socket that ends is told of before it counts as finished.
   */
  #lookSoon(pause = 0): void {
    if (this.#waiters.length === 0) return;
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      const before = this.#taken;
      this.#look();
      const longer = Math.min(pause * 2 + 1, LONGEST_PAUSE);
      this.#lookSoon(this.#taken > before ? 0 : longer);
    }, pause);
  }

  /**
   * Calls `then` when the socket has taken everything that is queued now, or
   * with false when it is closed before that.
   */
  #onceTaken(then: (taken: boolean) => void): void {
    let given = this.#given + (this.#first?.length ?? 0);
    for (const { length } of this.#others ?? []) given += length;
    this.#look();
    if (given <= this.#taken) then(true);
    else if (this.#socket.closed) then(false);
    else {
      this.#waiters.push({ given, then });
      this.#lookSoon();
    }
  }

  /** Whether the socket took everything that is queued now, once that is known. */
  taken(): Promise<boolean> {
    return new Promise((resolve) => this.#onceTaken(resolve));
  }

  /** Calls `then` when the socket has taken all; one that waits is enough. */
  whenTaken(then: () => void): void {
    if (this.#confirming) return;
    this.#confirming = true;
    this.#onceTaken((taken) => {
      this.#confirming = false;
      if (taken) then();
    });
  }

  /**
   * Sends what is queued, then closes; cuts a peer that does not take it.
   * Answers whether it did.
   */
  close(): Promise<boolean> {
    if (this.#ending) return this.taken();
    this.#ending = true;
    this.flush();
    const taken = this.taken();
    endSocket(this.#socket, this.#limits.closeTimeout);
    return taken;
  }
}
