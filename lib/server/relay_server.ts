/**
 * The relay: two clients, each of whom gets the other's bytes (docs/relay.md).
 * It can read none of them.
 *
 * - A client's bytes MUST reach the other in their order, and none before
 *   `server ready`.
 * - One client MUST NOT be read from while the other has not taken what came
 *   before: no more than one piece is held for anybody, and `heldBytes` of one
 *   whose partner is not there.
 * - Whoever is gone MUST leave its place free.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import net from "node:net";
import { endSocket, formatEndpoint, listenOn, unmapped } from "../net/mod.ts";
import { SERVER_FULL, SERVER_READY } from "../wire/mod.ts";
import type { Logger } from "./logger.ts";

/** What a relay keeps to. */
export const RELAY_LIMITS = {
  /** Bytes that a client may send before its partner is there; then it is cut. */
  heldBytes: 65_536,
  /** Time for a client to take what was sent to it; then the pair is ended, ms. */
  stallTimeout: 60_000,
  /** Time for a client to end its half of the connection; then it is cut, ms. */
  closeTimeout: 2_000,
  /** Connections that may be closing at once; more are cut without a word. */
  closing: 100,
} as const;

/** The names of {@link RELAY_LIMITS}, each with its value. */
export type RelayLimits = {
  readonly [Name in keyof typeof RELAY_LIMITS]: number;
};

/** How a relay is made. */
export interface RelayServerOptions {
  /** A name or an IP address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Default: {@link RELAY_LIMITS}. */
  readonly limits?: Partial<RelayLimits>;
}

/** How long a connection may be silent before its peer is probed, ms. */
const KEEP_ALIVE = 60_000;

/** One of the two. */
interface Client {
  readonly socket: net.Socket;
  /** Its IP address. */
  readonly address: string;
  /** The other; undefined until it is there. */
  partner: Client | undefined;
  /** What came before the other was there. */
  held: Uint8Array[];
}

/** A running relay. */
export class RelayServer {
  readonly #limits: RelayLimits;
  readonly #logger: Logger;
  readonly #server: net.Server;
  /** Those who have a place, in the order in which they came. */
  #clients: Client[] = [];
  /** Every connection until it is closed. */
  readonly #sockets = new Set<net.Socket>();
  #closed: (() => void) | undefined;
  #address = { host: "", port: 0 };

  private constructor({ limits, logger }: RelayServerOptions) {
    this.#limits = { ...RELAY_LIMITS, ...limits };
    this.#logger = logger;
    this.#server = net.createServer(
      { allowHalfOpen: true },
      (socket) => this.#accept(socket),
    );
  }

  /**
   * Opens a port.
   *
   * @throws {UserError} address_in_use, address_unusable.
   */
  static async start(options: RelayServerOptions): Promise<RelayServer> {
    const relay = new RelayServer(options);
    const { logger } = options;
    relay.#address = await listenOn(
      relay.#server,
      options,
      (error) => logger.debug(`It could not be accepted: ${error.message}`),
    );
    const { host, port } = relay.#address;
    logger.plain(`server running at ${formatEndpoint(host, port)}`);
    return relay;
  }

  /** Where it really listens. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#address;
  }

  /** Whether it is being closed. */
  get closing(): boolean {
    return this.#closed !== undefined;
  }

  /** Clients who have a place. */
  get clients(): number {
    return this.#clients.length;
  }

  /** What waits for those who are to read it, bytes. */
  get queueBytes(): number {
    let sum = 0;
    for (const { writableLength } of this.#sockets) sum += writableLength;
    return sum;
  }

  /** Ends what goes on, and waits until all connections are closed. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#closed = resolve);
    this.#server.close();
    this.#end();
    this.#checkClosed();
    await closed;
  }

  #accept(socket: net.Socket): void {
    const { closing, closeTimeout } = this.#limits;
    socket.on("error", () => {});
    if (this.#sockets.size - this.#clients.length >= closing) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#checkClosed();
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE);
    const address = unmapped(socket.remoteAddress ?? "");
    if (this.#clients.length < 2) return this.#serve(socket, address);
    this.#logger.debug(`${address} turned away: two clients are here`);
    socket.write(SERVER_FULL);
    endSocket(socket, closeTimeout);
  }

  #serve(socket: net.Socket, address: string): void {
    const [first] = this.#clients;
    const client: Client = { socket, address, partner: first, held: [] };
    this.#logger.plain(`serving client ${this.#clients.length} at ${address}`);
    this.#clients.push(client);
    const gone = () => {
      if (this.#clients.includes(client)) this.#end();
    };
    for (const event of ["end", "close"]) socket.once(event, gone);
    socket.on("data", (bytes: Uint8Array) => this.#receive(client, bytes));
    if (first === undefined) return;
    first.partner = client;
    for (const each of this.#clients) each.socket.write(SERVER_READY);
    if (first.held.length === 0) return;
    const held = Buffer.concat(first.held);
    first.held = [];
    this.#forward(first, client, held);
  }

  #receive(client: Client, bytes: Uint8Array): void {
    if (!this.#clients.includes(client)) return;
    if (client.partner !== undefined) {
      return this.#forward(client, client.partner, bytes);
    }
    client.held.push(bytes);
    const held = client.held.reduce((sum, { length }) => sum + length, 0);
    if (held > this.#limits.heldBytes) {
      this.#logger.debug(`${client.address} sent too much to nobody`);
      this.#end();
    }
  }

  /** Hands on a piece, and reads the next when it is taken. */
  #forward(from: Client, to: Client, bytes: Uint8Array): void {
    from.socket.pause();
    const stalled = setTimeout(() => {
      this.#logger.debug(`${to.address} takes nothing`);
      // Nothing that waits for it would let its connection end.
      to.socket.destroy();
    }, this.#limits.stallTimeout);
    to.socket.write(bytes, (error) => {
      clearTimeout(stalled);
      from.socket.resume();
      if (error) return;
      const { length } = bytes;
      this.#logger.plain(
        `sent ${length} / ${length} bytes from ${from.address} to ${to.address}`,
      );
    });
  }

  /** Ends the conversation, if there is one: both places are free. */
  #end(): void {
    const clients = this.#clients;
    this.#clients = [];
    for (const { socket, address } of clients) {
      this.#logger.plain(`closing connection with ${address}`);
      endSocket(socket, this.#limits.closeTimeout);
    }
  }

  #checkClosed(): void {
    if (this.#sockets.size === 0) this.#closed?.();
  }
}
