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
import { errorMessage, type Limits, type Session } from "../chat/mod.ts";
import {
  type EventEncoding,
  RemoteProtocolError,
  type Request,
  type ServerCodec,
  type ServerEvent,
} from "../wire/mod.ts";
import { encodeFor, type Reader } from "./fanout.ts";

/** What a connection tells its server. */
export interface ConnectionEvents {
  request(connection: Connection, request: Request): void;
  mistake(connection: Connection, error: RemoteProtocolError): void;
  /** The peer sends nothing more. */
  end(connection: Connection): void;
  /** The socket is gone. */
  gone(connection: Connection, cause: string | undefined): void;
  /** Something was queued: call `flush` when this turn's work is done. */
  queued(connection: Connection): void;
  /** It is not read from until `resume`, since too much is unanswered. */
  stalled(connection: Connection): void;
}

/** How a connection is made. */
export interface ConnectionOptions {
  readonly socket: Duplex;
  readonly codec: ServerCodec;
  readonly limits: Limits;
  readonly events: ConnectionEvents;
  /** For the log: the address, and the wire. */
  readonly label: string;
}

/** A connection, from its first bytes on. */
export class Connection implements Reader {
  /** Set by the server before `start`. */
  session!: Session<Connection>;
  readonly label: string;
  readonly #socket: Duplex;
  readonly #codec: ServerCodec;
  readonly #limits: Limits;
  readonly #events: ConnectionEvents;
  #queue: Uint8Array[] = [];
  #ending = false;
  #cause: string | undefined;
  #cut: ReturnType<typeof setTimeout> | undefined;

  constructor({ socket, codec, limits, events, label }: ConnectionOptions) {
    this.#socket = socket;
    this.#codec = codec;
    this.#limits = limits;
    this.#events = events;
    this.label = label;
  }

  /** Begins to read. */
  start(): void {
    const socket = this.#socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.#codec.receive(bytes);
      this.#decode();
    });
    socket.on("drain", () => this.resume());
    socket.on("end", () => this.#events.end(this));
    socket.on("error", (error: Error) => this.#cause = error.message);
    socket.on("close", () => {
      clearTimeout(this.#cut);
      this.#events.gone(this, this.#cause);
    });
    socket.resume();
  }

  get encoding(): EventEncoding {
    return this.#codec.encoding;
  }

  /** True when so much is unanswered or unread that it is not read from. */
  get #full(): boolean {
    return this.session.backlog >= this.#limits.backlog ||
      this.#socket.writableLength > this.#limits.sendQueue / 4;
  }

  #decode(): void {
    while (!this.#ending) {
      if (this.#full) {
        this.#socket.pause();
        return this.#events.stalled(this);
      }
      try {
        const request = this.#codec.next();
        if (request === undefined) return;
        this.#events.request(this, request);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#events.mistake(this, error);
      }
    }
  }

  /** Reads on, if enough was answered and taken. */
  resume(): void {
    if (this.#ending || !this.#socket.isPaused() || this.#full) return;
    this.#socket.resume();
    this.#decode();
  }

  /** Queues bytes, which may be shared; `flush` sends them. */
  write(bytes: Uint8Array): void {
    if (this.#ending) return;
    if (this.#queue.push(bytes) === 1) this.#events.queued(this);
  }

  /** Queues one event. */
  send(event: ServerEvent): void {
    this.write(encodeFor(this, event));
  }

  /** Sends what was queued; drops a reader that has fallen too far behind. */
  flush(): void {
    const queue = this.#queue;
    const [first] = queue;
    if (first === undefined) return;
    this.#queue = [];
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.write(queue.length === 1 ? first : Buffer.concat(queue));
    if (this.#ending || socket.writableLength <= this.#limits.sendQueue) return;
    const detail = "you read too slowly, connect again to go on";
    this.send(errorMessage(429, detail));
    this.#cause = "read too slowly";
    this.close();
    this.#events.gone(this, this.#cause);
  }

  /** Sends what is queued, then closes; cuts a peer that does not take it. */
  close(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.flush();
    this.#socket.end();
    // What still comes is read and dropped, or its FIN would never be seen.
    this.#socket.resume();
    this.#cut = setTimeout(
      () => this.#socket.destroy(),
      this.#limits.closeTimeout,
    );
    if (this.#socket.destroyed) clearTimeout(this.#cut);
  }
}
