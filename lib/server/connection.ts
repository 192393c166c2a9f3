/**
 * One client's connection: its codec, between its socket and its session.
 *
 * When it is read from, is in `flow_control.ts`; what was written to it and is
 * not read, in `send_queue.ts`; whether it still lives, in `liveness.ts`.
 *
 * What everybody can rely on: a reader that falls behind MUST NOT make anyone
 * else wait, and its queue MUST stay bounded; then it is told so and dropped.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { errorMessage, type Limits, type Session } from "../chat/mod.ts";
import {
  type ByteWriter,
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
import { type Controlled, FlowControl } from "./flow_control.ts";
import { Liveness } from "./liveness.ts";
import type { Peer } from "./peer.ts";
import { SendQueue } from "./send_queue.ts";

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** `bytes`: as how many it came. */
  request(connection: Connection, request: Request, bytes: number): void;
  mistake(
    connection: Connection,
    error: RemoteProtocolError,
    bytes: number,
  ): void;
  /** The wire itself answered so many mistakes, more than none. */
  refused(times: number): void;
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

/** A connection, from its first bytes on. */
export class Connection implements Peer, Hearer, Controlled {
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
  readonly #liveness: Liveness;
  readonly #queue: SendQueue;
  readonly #flow: FlowControl;
  /** What waits for the end of this turn: mostly no more than this. */
  #first: Uint8Array | undefined;
  #others: Uint8Array[] | undefined;
  /** The peer has sent all of it, if not all is decoded. */
  #ended = false;
  #ending = false;
  /** When the codec wants to know the time, ms, and what calls that off. */
  #wakeAt: number | undefined;
  #callOff: (() => void) | undefined;
  #cause: string | undefined;
  #confirming = false;

  constructor(options: ConnectionOptions) {
    const { socket, codec, limits } = options;
    const { events, remote, wire, tls } = options;
    const { clock = SYSTEM_CLOCK } = options;
    this.#socket = socket;
    this.#codec = codec;
    this.#limits = limits;
    this.#clock = clock;
    this.#events = events;
    this.#liveness = new Liveness(limits, clock.now());
    const queue = new SendQueue({ socket, tls, limit: limits.sendQueue });
    this.#queue = queue;
    this.#flow = new FlowControl(this, { socket, queue, limits, clock });
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
    const liveness = this.#liveness;
    const { isPaused } = this.#flow;
    if (!isPaused && liveness.isLate(now)) {
      const { frameTimeout } = this.#limits;
      const detail = `a request that has begun has ${frameTimeout / 1000} s ` +
        "to come whole";
      const error = new RemoteProtocolError(400, detail, { fatal: true });
      liveness.whole();
      return this.#events.mistake(this, error, 0);
    }
    if (!this.#codec.keepsAlive) return;
    if (!isPaused) {
      if (liveness.isSilent(now)) this.#cutOff("sent nothing for too long");
    } else if (liveness.isStuck(now, this.#queue)) {
      this.#cutOff("took nothing for too long");
    }
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
    const now = this.#clock.now();
    this.#liveness.heard(now);
    this.#codec.tick?.(now);
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
    this.#flow.closed();
    this.#events.closed(this.#socket);
    this.#events.gone(this, this.#cause);
    this.#queue.closed();
  }

  get encoding(): EventEncoding {
    return this.#codec.encoding;
  }

  /** What the wire answers by itself counts against the peer's rate too. */
  #chargeAsides(): void {
    const refused = this.#codec.takeRefused?.() ?? 0;
    if (refused > 0) this.#events.refused(refused);
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
      if (!this.#flow.isOpen()) return;
      const { pending } = this.#codec;
      try {
        const request = this.#codec.next();
        this.#say();
        if (request === undefined) {
          this.#noteBegun();
          break;
        }
        this.#flow.asked(request);
        this.#liveness.whole();
        this.#events.request(this, request, pending - this.#codec.pending);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#flow.asked();
        this.#liveness.whole();
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
      this.#liveness.whole();
    } else this.#liveness.began();
  }

  /** Reads on from where it stopped, if enough was answered and taken. */
  readOn(): void {
    if (this.#ending || !this.#flow.reopen()) return;
    this.#liveness.readOn(this.#clock.now());
    this.#decode();
  }

  stalled(): void {
    this.#events.stalled(this);
  }

  /** A turn's work is done: reads on, if it was waited for. */
  resume(): void {
    this.#flow.settle();
    this.readOn();
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
    this.#queueAll([event], (writer) => this.encoding.write(writer, event));
  }

  /** Queues the replies to the oldest requests that have none. */
  reply(events: readonly ServerEvent[]): void {
    const codec = this.#codec;
    codec.tick?.(this.#clock.now());
    this.#queueAll(events, (writer, event) => {
      if (codec.reply !== undefined) codec.reply(writer, event);
      else codec.encoding.write(writer, event);
    });
    if (codec.reply === undefined) return;
    if (codec.ready || this.#ended) this.#flow.pause();
    else this.#arm();
  }

  /** Queues events, each behind what has to stand before it. */
  #queueAll(
    events: readonly ServerEvent[],
    write: (writer: ByteWriter, event: ServerEvent) => void,
  ): void {
    this.write(written((writer) => {
      for (const event of events) {
        const room = streamOf(event);
        if (room !== undefined) this.#codec.select?.(writer, room);
        write(writer, event);
      }
    }));
  }

  /** Queues what the wire itself has to say. */
  #say(): void {
    const bytes = this.#codec.output?.();
    if (bytes !== undefined) this.write(bytes);
  }

  /** Sends what was queued; drops a reader that has fallen too far behind. */
  flush(): void {
    this.#flow.settle();
    const first = this.#first;
    if (first === undefined) return;
    const others = this.#others;
    this.#first = this.#others = undefined;
    const bytes = others === undefined
      ? first
      : Buffer.concat([first, ...others]);
    this.#queue.write(bytes);
    if (this.#ending || !this.#queue.fallsBehind()) return;
    const detail = "you read too slowly, connect again to go on";
    this.send(errorMessage(429, detail));
    this.#events.dropped(this);
    this.#cause = "read too slowly";
    this.close();
    this.#events.gone(this, this.#cause);
  }

  /** Calls `then` with whether the socket took everything that is queued now. */
  onceTaken(then: (taken: boolean) => void): void {
    let still = this.#first?.length ?? 0;
    for (const { length } of this.#others ?? []) still += length;
    this.#queue.onceTaken(still, then);
  }

  /** Whether the socket took everything that is queued now, once that is known. */
  taken(): Promise<boolean> {
    return new Promise((resolve) => this.onceTaken(resolve));
  }

  /** Calls `then` when the socket has taken all; one that waits is enough. */
  whenTaken(then: () => void): void {
    if (this.#confirming) return;
    this.#confirming = true;
    this.onceTaken((taken) => {
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
