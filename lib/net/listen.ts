/**
 * Listening: one port for every TCP wire, told apart by the first bytes, with
 * and without TLS (docs/chatproto.md, "One port").
 *
 * @module
 */

import net from "node:net";
import tls, { type SecureContext } from "node:tls";
import { detectWire, type Opening } from "../wire/mod.ts";
import { isLoopback, unmapped } from "./address.ts";
import { errorCode, errorMessage, UserError } from "./failure.ts";

/** One end of a connection. */
export interface Endpoint {
  /** An IP address; an IPv4 one is never written as IPv6. */
  readonly address: string;
  readonly port: number;
}

/** A connection whose wire is known; its bytes are all still to be read. */
export interface Incoming {
  /** What the first bytes (inside TLS, if in TLS) are. */
  readonly wire: Exclude<Opening, "tls">;
  readonly tls: boolean;
  /** Paused. What it reads and writes is inside TLS, if in TLS. */
  readonly socket: net.Socket;
  readonly remote: Endpoint;
  /** Whether the peer is on this machine. */
  readonly loopback: boolean;
}

/** How to listen. */
export interface ListenOptions {
  /** A name or an IP address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The certificate, asked for at each connection; none: no TLS. */
  readonly secureContext?: () => SecureContext;
  /** How long first bytes and TLS handshake may take together, ms. */
  readonly firstBytesTimeout: number;
  readonly onConnection: (incoming: Incoming) => void;
  /** A connection that did not come that far, and why. */
  readonly onRefused: (reason: string, remote: Endpoint) => void;
}

/** An open port. */
export interface Listener {
  /** Where it really listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** Accepts nothing more, and cuts what has not shown its wire yet. */
  close(): Promise<void>;
}

/** How long a connection may be silent before its peer is probed, ms. */
const KEEP_ALIVE = 60_000;

/** Connections that have not shown their wire yet. */
class Openings {
  readonly #options: ListenOptions;
  readonly #open = new Set<net.Socket>();

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  accept(raw: net.Socket): void {
    raw.setNoDelay(true);
    raw.setKeepAlive(true, KEEP_ALIVE);
    const remote = {
      address: unmapped(raw.remoteAddress ?? ""),
      port: raw.remotePort ?? 0,
    };
    this.#open.add(raw);
    const done = new AbortController();
    const refuse = (reason: string) => {
      if (done.signal.aborted) return;
      done.abort();
      this.#open.delete(raw);
      raw.destroy();
      this.#options.onRefused(reason, remote);
    };
    const timer = setTimeout(
      () => refuse("it showed no wire in time"),
      this.#options.firstBytesTimeout,
    );
    done.signal.addEventListener("abort", () => clearTimeout(timer));
    raw.once("close", () => refuse("it left before it showed its wire"));
    raw.on("error", (error) => refuse(errorMessage(error)));
    const handOver = (
      wire: Incoming["wire"],
      socket: net.Socket,
      inTls: boolean,
    ) => {
      done.abort();
      this.#open.delete(raw);
      this.#options.onConnection({
        wire,
        tls: inTls,
        socket,
        remote,
        loopback: isLoopback(remote.address),
      });
    };
    firstBytes(raw, (opening) => {
      if (opening !== "tls") return handOver(opening, raw, false);
      const context = this.#options.secureContext?.();
      if (context === undefined) return refuse("TLS is not served here");
      const secure = new tls.TLSSocket(raw, {
        isServer: true,
        secureContext: context,
      });
      secure.on("error", (error) => refuse(`TLS: ${errorMessage(error)}`));
      firstBytes(secure, (inner) => {
        if (inner === "tls") return refuse("TLS within TLS is not served");
        handOver(inner, secure, true);
      });
    });
  }

  cut(): void {
    for (const raw of this.#open) raw.destroy();
  }
}

/** Waits for the bytes that tell the wire, and puts them back. */
function firstBytes(
  socket: net.Socket,
  then: (opening: Opening) => void,
): void {
  let seen: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  const take = (bytes: Uint8Array) => {
    const joined = new Uint8Array(seen.length + bytes.length);
    joined.set(seen);
    joined.set(bytes, seen.length);
    seen = joined;
    const opening = detectWire(seen);
    if (opening === undefined) return;
    socket.off("data", take);
    socket.pause();
    socket.unshift(seen);
    then(opening);
  };
  socket.on("data", take);
}

/**
 * Opens a port.
 *
 * @throws {UserError} address_in_use, address_unusable.
 */
export function listen(options: ListenOptions): Promise<Listener> {
  const { host, port } = options;
  const openings = new Openings(options);
  const server = net.createServer(
    { allowHalfOpen: true, pauseOnConnect: false },
    (socket) => openings.accept(socket),
  );
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(unusable(error, host, port)));
    server.listen({ host, port }, () => {
      const bound = server.address();
      if (bound === null || typeof bound === "string") return;
      resolve({
        address: { host: bound.address, port: bound.port },
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            openings.cut();
          }),
      });
    });
  });
}

function unusable(error: unknown, host: string, port: number): UserError {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return new UserError(
        "address_in_use",
        `Port ${port} on ${host} is taken by another program`,
      );
    case "EACCES":
      return new UserError(
        "address_unusable",
        `This account may not listen on port ${port}`,
        { advice: "Choose a port from 1024 up with --port" },
      );
    default:
      return new UserError(
        "address_unusable",
        `Can't listen on ${host} port ${port}: ${errorMessage(error)}`,
      );
  }
}
