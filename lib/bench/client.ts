/**
 * One person of a benched conversation: a real connection, nothing around it.
 *
 * @module
 */

import { dial, type DialedSocket } from "../net/mod.ts";
import {
  type BasicRequest,
  type ClientCodec,
  RemoteProtocolError,
  type ServerEvent,
} from "../wire/mod.ts";
import { inTls, type Variant } from "./variants.ts";

/** What a client tells. */
export interface ClientEvents {
  /** An event came, `bytes` long above TLS. */
  event(event: ServerEvent, bytes: number): void;
  /** Something came that is no event. */
  garbage(): void;
  /** The connection is gone. */
  gone(): void;
}

/** Where a client connects to. */
export interface ClientAddress {
  readonly host: string;
  readonly port: number;
  /** The only certificate to trust, SHA-256; absent: any. */
  readonly fingerprint?: string | undefined;
}

/** A connected client. */
export class BenchClient {
  readonly #socket: DialedSocket;
  readonly #codec: ClientCodec;
  readonly #events: ClientEvents;
  readonly #closed: Promise<void>;
  #gone = false;
  #sent = 0;
  #received = 0;
  #decoded = 0;

  /** Our end's port, by which a tap knows the connection. */
  readonly port: number;

  private constructor(
    socket: DialedSocket,
    codec: ClientCodec,
    events: ClientEvents,
  ) {
    this.#socket = socket;
    this.#codec = codec;
    this.#events = events;
    this.port = socket.localPort ?? 0;
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    this.#closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#gone = true;
        events.gone();
        resolve();
      })
    );
  }

  /**
   * Connects, with the handshake if the variant has one.
   *
   * @throws {UserError} as `dial` does.
   */
  static async connect(
    variant: Variant,
    { host, port, fingerprint }: ClientAddress,
    events: ClientEvents,
    timeout: number,
  ): Promise<BenchClient> {
    const socket = await dial(
      { host, port, tls: inTls(variant) },
      fingerprint === undefined
        ? { timeout, insecure: true }
        : { timeout, fingerprint },
    );
    return new BenchClient(socket, variant.codec(), events);
  }

  /** Bytes of requests written, above TLS. */
  get sent(): number {
    return this.#sent;
  }

  /** Bytes of events received, above TLS. */
  get received(): number {
    return this.#received;
  }

  /** Whether the connection is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Sends one request; answers its length in bytes, above TLS. */
  send(request: BasicRequest): number {
    const bytes = this.#codec.encode(request);
    this.#sent += bytes.length;
    this.#socket.write(bytes);
    return bytes.length;
  }

  /** Says goodbye; resolves when both ends are closed, or after `timeout` ms. */
  async quit(timeout: number): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), timeout);
    this.#socket.end();
    await this.#closed;
    clearTimeout(timer);
  }

  /** Lets go of everything at once. */
  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }

  #receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.#codec.receive(bytes);
    for (;;) {
      try {
        const event = this.#codec.next();
        if (event === undefined) return;
        const end = this.#received - this.#codec.pending;
        const length = end - this.#decoded;
        this.#decoded = end;
        this.#events.event(event, length);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#decoded = this.#received - this.#codec.pending;
        this.#events.garbage();
      }
    }
  }
}
