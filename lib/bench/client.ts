/**
 * One person of a benched conversation: a real connection, nothing around it.
 *
 * @module
 */

import { dial, type DialedSocket } from "../net/mod.ts";
import {
  ByteWriter,
  ChatProto2ClientCodec,
  type ClientCodec,
  RemoteProtocolError,
  type Request,
} from "../wire/mod.ts";
import type { FrameLedger } from "./frame_ledger.ts";
import type { Manners } from "./manners.ts";
import type {
  ClientAddress,
  ClientEvents,
  PlayedClient,
} from "./played_client.ts";
import { inTls, type StreamVariant, type Variant } from "./variants.ts";
import type { Step } from "./workload.ts";

/**
 * Connects over TCP, with a handshake if the variant has one.
 *
 * @throws {UserError} as `dial` does.
 */
export function dialVariant(
  variant: Variant,
  { host, port, fingerprint }: ClientAddress,
  timeout: number,
): Promise<DialedSocket> {
  return dial(
    { host, port, tls: inTls(variant) },
    fingerprint === undefined
      ? { timeout, insecure: true }
      : { timeout, fingerprint },
  );
}

/** A connected client. */
export class BenchClient implements PlayedClient {
  readonly #socket: DialedSocket;
  readonly #codec: ClientCodec;
  readonly #manners: Manners;
  readonly #ledger: FrameLedger | undefined;
  readonly #events: ClientEvents;
  readonly #closed: Promise<void>;
  #gone = false;
  #sent = 0;
  #received = 0;
  #decoded = 0;
  #keepalives = 0;

  readonly port: number;

  private constructor(
    socket: DialedSocket,
    variant: StreamVariant,
    events: ClientEvents,
  ) {
    this.#socket = socket;
    this.#codec = variant.codec();
    this.#manners = variant.manners();
    this.#ledger = variant.ledger?.();
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
    variant: StreamVariant,
    address: ClientAddress,
    events: ClientEvents,
    timeout: number,
  ): Promise<BenchClient> {
    const socket = await dialVariant(variant, address, timeout);
    return new BenchClient(socket, variant, events);
  }

  /** TCP sees to that. */
  readonly idle = true;

  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  get gone(): boolean {
    return this.#gone;
  }

  get deadline(): number {
    return this.#gone ? Infinity : this.#manners.deadline;
  }

  get keepaliveDue(): number {
    return this.#gone ? Infinity : this.#manners.keepalive;
  }

  get ledger(): FrameLedger | undefined {
    return this.#ledger;
  }

  prepare(action: Step["action"]): (timeout: number) => Promise<void> {
    if (action.type === "quit") {
      this.sendDue();
      return (timeout) => this.#quit(timeout);
    }
    const bytes = this.#encode(this.#manners.requests(action));
    return () => Promise.resolve(this.#put(bytes));
  }

  sendDue(): number {
    const requests = this.#manners.due();
    this.#put(this.#encode(requests));
    return requests.length;
  }

  wake(): void {}

  keepalive(): void {
    if (!(this.#codec instanceof ChatProto2ClientCodec)) return;
    this.#write("keepalive", this.#codec.keepalive());
  }

  #encode(requests: readonly Request[]): Uint8Array {
    const writer = new ByteWriter();
    for (const request of requests) {
      if (request.type === "receipt") {
        const { room, received } = request;
        this.#events.receipt(this.#manners.room(room), received);
      }
      const bytes = this.#codec.encode(request);
      this.#events.count("up", request.type, bytes.length);
      writer.bytes(bytes);
    }
    return writer.take();
  }

  #write(type: string, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    this.#events.count("up", type, bytes.length);
    this.#put(bytes);
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#sent += bytes.length;
    this.#ledger?.receive("up", bytes);
    this.#socket.write(bytes);
    this.#manners.sent(this.#events.now());
  }

  /** Says goodbye; resolves when both ends are closed, or after `timeout` ms. */
  async #quit(timeout: number): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), timeout);
    this.#socket.end();
    await this.#closed;
    clearTimeout(timer);
  }

  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }

  #receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.#ledger?.receive("down", bytes);
    this.#codec.receive(bytes);
    while (this.#next());
    // Questions for names.
    this.#write("names", this.#codec.output?.());
  }

  /** Takes the next event; false when more has to come. */
  #next(): boolean {
    try {
      const event = this.#codec.next();
      this.#count(event?.type ?? "frames");
      if (event === undefined) {
        this.#echoes();
        return false;
      }
      const told = this.#manners.events(event, this.#events.now());
      for (const each of told) this.#events.event(each);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#count("garbage");
      this.#events.garbage();
    }
    return true;
  }

  /** What was decoded since the last event belongs to this one. */
  #count(type: string): void {
    const end = this.#received - this.#codec.pending;
    if (end > this.#decoded) {
      this.#events.count("down", type, end - this.#decoded);
    }
    this.#decoded = end;
  }

  #echoes(): void {
    if (!(this.#codec instanceof ChatProto2ClientCodec)) return;
    for (; this.#keepalives < this.#codec.keepalives; this.#keepalives++) {
      this.#events.event({ type: "keepalive" });
    }
  }
}
