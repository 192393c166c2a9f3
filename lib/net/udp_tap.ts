/**
 * A transparent tap for datagrams: what comes in at one UDP port goes out to
 * another address, unchanged, and an observer sees it on the way.
 *
 * - Each client's address MUST have a port of its own towards the server, which
 *   tells clients apart by that.
 * - Each datagram MUST be reported before it is passed on.
 * - Clients MUST be bounded in number: one more, and the one that was silent the
 *   longest is let go. If it says something again, the server sees another port.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { formatEndpoint, isLoopback, unmapped } from "./address.ts";
import { dialFailure } from "./dial_failure.ts";
import { errorMessage } from "./failure.ts";
import type { Endpoint } from "./listen.ts";
import type { Direction, TapConnection } from "./tap.ts";
import { UdpPort } from "./udp_port.ts";

/** Who watches. Times are milliseconds since 1970, with fractions. */
export interface UdpTapObserver {
  /** A client came; nothing was passed on yet. */
  open?(connection: TapConnection): void;
  /** A datagram, to be read only. */
  datagram?(
    connection: TapConnection,
    direction: Direction,
    bytes: Uint8Array,
    time: number,
  ): void;
  /** Something could not be passed on. */
  failed?(error: Error): void;
}

/** How a tap for datagrams is set up. */
export interface UdpTapOptions {
  /** Where clients come; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The server: a name is looked up once. */
  readonly to: { readonly host: string; readonly port: number };
  readonly observer: UdpTapObserver;
  /** Milliseconds since 1970; by default the system's clock. */
  readonly now?: () => number;
  /** Clients at a time; 256 if absent. */
  readonly mostClients?: number;
}

/** A running one. */
export interface UdpTap {
  /** Where it really listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** Passes nothing on any more. */
  close(): Promise<void>;
}

/** Each takes a descriptor. */
const MOST_CLIENTS = 256;

/** Datagrams of one client that wait until its port is open. */
const MOST_WAITING = 32;

/**
 * Starts a tap for datagrams.
 *
 * @throws {UserError} address_in_use, address_unusable; name_not_found when the
 * server's name has no address.
 */
export async function udpTap(options: UdpTapOptions): Promise<UdpTap> {
  const server = await endpointOf(options.to);
  return await UdpForwarder.open(options, server);
}

/** A client, and the port that stands for it. */
interface Client {
  readonly connection: TapConnection;
  /** As the system writes it, to send to. */
  readonly remote: Endpoint;
  port: UdpPort | undefined;
  readonly waiting: Uint8Array[];
  gone: boolean;
}

class UdpForwarder implements UdpTap {
  readonly #options: UdpTapOptions;
  readonly #server: Endpoint;
  readonly #now: () => number;
  /** By address, silent the longest before others. */
  readonly #clients = new Map<string, Client>();
  #front!: UdpPort;
  #count = 0;
  #closed = false;
  /** Ports of those who were let go, until they are closed. */
  readonly #closing = new Set<Promise<void>>();

  private constructor(options: UdpTapOptions, server: Endpoint) {
    this.#options = options;
    this.#server = server;
    this.#now = options.now ??
      (() => performance.timeOrigin + performance.now());
  }

  static async open(
    options: UdpTapOptions,
    server: Endpoint,
  ): Promise<UdpForwarder> {
    const forwarder = new UdpForwarder(options, server);
    forwarder.#front = await UdpPort.open({
      ...options.listen,
      onDatagram: (bytes, remote) => forwarder.#up(bytes, remote),
      onError: (error) => options.observer.failed?.(error),
    });
    return forwarder;
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#front.address;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [key, client] of this.#clients) this.#letGo(key, client);
    await this.#front.close();
    await Promise.all(this.#closing);
  }

  #up(bytes: Uint8Array, remote: Endpoint): void {
    if (this.#closed) return;
    const key = formatEndpoint(remote.address, remote.port);
    const client = this.#clients.get(key) ?? this.#admit(remote);
    this.#clients.delete(key);
    this.#clients.set(key, client);
    if (client.port === undefined && client.waiting.length >= MOST_WAITING) {
      return;
    }
    const { connection, port, waiting } = client;
    this.#options.observer.datagram?.(connection, "up", bytes, this.#now());
    if (port === undefined) waiting.push(bytes);
    else port.send(bytes, this.#server);
  }

  #admit(remote: Endpoint): Client {
    const [oldest] = this.#clients;
    const { mostClients = MOST_CLIENTS, observer } = this.#options;
    if (this.#clients.size >= mostClients && oldest !== undefined) {
      this.#letGo(...oldest);
    }
    const connection = {
      id: ++this.#count,
      client: { address: unmapped(remote.address), port: remote.port },
      server: this.#server,
      time: this.#now(),
    };
    const client: Client = {
      connection,
      remote,
      port: undefined,
      waiting: [],
      gone: false,
    };
    observer.open?.(connection);
    this.#openPort(client);
    return client;
  }

  async #openPort(client: Client): Promise<void> {
    const { observer } = this.#options;
    let port: UdpPort;
    try {
      port = await UdpPort.open({
        host: ownAddress(this.#server.address),
        port: 0,
        onDatagram: (bytes, from) => this.#down(client, bytes, from),
        onError: (error) => observer.failed?.(error),
      });
    } catch (error) {
      observer.failed?.(new Error(errorMessage(error), { cause: error }));
      return;
    }
    if (client.gone) return await port.close();
    client.port = port;
    for (const bytes of client.waiting.splice(0)) {
      port.send(bytes, this.#server);
    }
  }

  #down(client: Client, bytes: Uint8Array, from: Endpoint): void {
    // Nobody else has any business with that port.
    const isServer = unmapped(from.address) === this.#server.address &&
      from.port === this.#server.port;
    if (!isServer || this.#closed) return;
    const { connection, remote } = client;
    this.#options.observer.datagram?.(connection, "down", bytes, this.#now());
    this.#front.send(bytes, remote);
  }

  #letGo(key: string, client: Client): void {
    this.#clients.delete(key);
    client.gone = true;
    if (client.port === undefined) return;
    const closing = client.port.close()
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** Where to send from: nobody but this machine reaches its own address. */
function ownAddress(server: string): string {
  if (isIP(server) === 6) return isLoopback(server) ? "::1" : "::";
  return isLoopback(server) ? "127.0.0.1" : "0.0.0.0";
}

async function endpointOf(
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Endpoint> {
  if (isIP(host) !== 0) return { address: unmapped(host), port };
  try {
    const { address } = await lookup(host);
    return { address: unmapped(address), port };
  } catch (error) {
    throw dialFailure(error, "name", { host, port }, { timeout: 0 });
  }
}
