/**
 * A transparent tap: what comes in at one port goes out to another address,
 * unchanged and in order, and an observer sees it on the way.
 *
 * Each piece MUST be reported before it is passed on, so that what the other
 * end answers is always reported later than what it answers to. A half-close is
 * passed on as one and a reset as a reset; a slow reader slows the sender down.
 *
 * @module
 */

import net from "node:net";
import { formatEndpoint, unmapped } from "./address.ts";
import { dialFailure } from "./dial_failure.ts";
import { FAILURES } from "./failure.ts";
import type { Endpoint } from "./listen.ts";
import { listenOn } from "./listen_on.ts";

/** Which way bytes go: "up" is from the client to the server. */
export type Direction = "up" | "down";

/** A connection through the tap. */
export interface TapConnection {
  /** Counted from 1 in the order of acceptance. */
  readonly id: number;
  /** Where the client's bytes come from. */
  readonly client: Endpoint;
  /** Where the server really is. */
  readonly server: Endpoint;
  /** When both halves stood: milliseconds since 1970, with fractions. */
  readonly time: number;
}

/** How a direction ended. */
export type TapEnd = "fin" | "reset";

/** Who watches a tap. Times are milliseconds since 1970, with fractions. */
export interface TapObserver {
  /** Both halves of a connection stand; nothing was passed on yet. */
  open?(connection: TapConnection): void;
  /** A piece of the stream; it is the socket's buffer, to be read only. */
  data?(
    connection: TapConnection,
    direction: Direction,
    bytes: Uint8Array,
    time: number,
  ): void;
  /**
   * A direction's sender has ended it. A connection has two "fin", one each
   * way, or one "reset", after which nothing follows.
   */
  close?(
    connection: TapConnection,
    direction: Direction,
    time: number,
    how: TapEnd,
  ): void;
  /** A client came and the server could not be reached; the client was reset. */
  failed?(client: Endpoint, error: Error): void;
}

/** How a tap is set up. */
export interface TapOptions {
  /** Where clients come; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The server. */
  readonly to: { readonly host: string; readonly port: number };
  readonly observer: TapObserver;
  /** Milliseconds since 1970; by default the system's clock. */
  readonly now?: () => number;
}

/** A running tap. */
export interface Tap {
  /** Where it really listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** Accepts nothing more; resolves when every connection has ended by itself. */
  close(): Promise<void>;
  /** Accepts nothing more and resets what is open; resolves when all is closed. */
  cut(): Promise<void>;
}

/**
 * Starts a tap.
 *
 * @throws {UserError} address_in_use, address_unusable.
 */
export async function tap(options: TapOptions): Promise<Tap> {
  const clock = options.now ??
    (() => performance.timeOrigin + performance.now());
  const pairs = new Set<Pair>();
  let count = 0;
  const server = net.createServer(
    { allowHalfOpen: true, pauseOnConnect: true },
    (client) => {
      const pair = new Pair(++count, client, options, clock);
      pairs.add(pair);
      pair.closed.then(() => pairs.delete(pair));
    },
  );
  const address = await listenOn(server, options.listen);
  const close = async () => {
    // Its callback would wait for the connections; those are counted here.
    server.close();
    await Promise.all([...pairs].map((pair) => pair.closed));
  };
  return {
    address,
    close,
    cut: () => {
      const closed = close();
      for (const pair of pairs) pair.reset();
      return closed;
    },
  };
}

/** The two halves of one connection. */
class Pair {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>;
  readonly #client: net.Socket;
  readonly #server: net.Socket;
  readonly #observer: TapObserver;
  readonly #now: () => number;
  #connection: TapConnection | undefined;
  #over = false;

  constructor(
    id: number,
    client: net.Socket,
    { to, observer }: TapOptions,
    now: () => number,
  ) {
    this.#client = client;
    this.#observer = observer;
    this.#now = now;
    this.#server = net.connect({ ...to, allowHalfOpen: true });
    this.closed = Promise.all([
      new Promise((resolve) => client.once("close", resolve)),
      new Promise((resolve) => this.#server.once("close", resolve)),
    ]).then(() => {});
    client.setNoDelay(true);
    this.#server.setNoDelay(true);
    const from = remoteOf(client);
    this.#server.once("connect", () => {
      this.#connection = {
        id,
        client: from,
        server: remoteOf(this.#server),
        time: now(),
      };
      observer.open?.(this.#connection);
      this.#pump(this.#connection, "up", client, this.#server);
      this.#pump(this.#connection, "down", this.#server, client);
    });
    this.#guard(client, "up");
    this.#guard(this.#server, "down", (error) => {
      if (this.#connection !== undefined) return;
      const where = formatEndpoint(to.host, to.port);
      const { kind } = dialFailure(error, "tcp", to, { timeout: 0 });
      const why = FAILURES[kind].title;
      observer.failed?.(
        from,
        new Error(`The tap could not reach ${where}: ${why}`, {
          cause: error,
        }),
      );
    });
  }

  /** Cuts both halves. */
  reset(): void {
    this.#over = true;
    reset(this.#client);
    reset(this.#server);
  }

  #pump(
    connection: TapConnection,
    direction: Direction,
    from: net.Socket,
    to: net.Socket,
  ): void {
    // Before the pipe's own listeners, so that it reports first.
    from.on("data", (bytes: Uint8Array) => {
      if (this.#over) return;
      this.#observer.data?.(connection, direction, bytes, this.#now());
    });
    from.on("end", () => {
      if (this.#over) return;
      this.#observer.close?.(connection, direction, this.#now(), "fin");
    });
    from.pipe(to);
  }

  /** A half that ends without having said so ends the other likewise. */
  #guard(
    socket: net.Socket,
    direction: Direction,
    onError?: (error: Error) => void,
  ): void {
    const broken = () => {
      if (this.#over) return;
      if (this.#connection !== undefined) {
        this.#observer.close?.(
          this.#connection,
          direction,
          this.#now(),
          "reset",
        );
      }
      this.reset();
    };
    socket.on("error", (error) => {
      onError?.(error);
      broken();
    });
    socket.once("close", () => {
      if (!socket.readableEnded || !socket.writableFinished) broken();
    });
  }
}

/** Cuts a socket; with RST where Deno has it (since 2.7), else with FIN. */
function reset(socket: net.Socket): void {
  if ("resetAndDestroy" in socket) socket.resetAndDestroy();
  else (socket as net.Socket).destroy();
}

function remoteOf(socket: net.Socket): Endpoint {
  return {
    address: unmapped(socket.remoteAddress ?? ""),
    port: socket.remotePort ?? 0,
  };
}
