/**
 * Listening: one port for every TCP wire, told apart by the first bytes, with
 * and without TLS (docs/chatproto.md, "One port").
 *
 * @module
 */

import { Buffer } from "node:buffer";
import net from "node:net";
import tls, { type SecureContext } from "node:tls";
import {
  CP_LIMITS,
  detectWire,
  type Opening as WireOpening,
} from "../wire/mod.ts";
import { isLoopback, unmapped } from "./address.ts";
import { errorMessage } from "./failure.ts";
import { hear, NOBODY } from "./hearing.ts";
import { listenOn } from "./listen_on.ts";
import { MOST_DELAY } from "./most_delay.ts";

/** One end of a connection. */
export interface Endpoint {
  /** An IP address; an IPv4 one is never written as IPv6. */
  readonly address: string;
  readonly port: number;
}

/** A connection whose wire is known; its bytes are all still to be read. */
export interface Incoming {
  /** What the first bytes (inside TLS, if in TLS) are; TLS in TLS is unknown. */
  readonly wire: Exclude<WireOpening, "tls">;
  readonly tls: boolean;
  /**
   * Paused. What it reads and writes is inside TLS, if in TLS. It stays half
   * open: who takes it MUST end it when the peer has ended its half. Nobody
   * hears it (`hear`), and no error of it ends the process.
   */
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
  /** Connections that may wait to be accepted. Default: 511. */
  readonly backlog?: number;
  /** The certificate, asked for at each connection; none: no TLS. */
  readonly secureContext?: () => SecureContext;
  /**
   * The port is for CP alone: what is silent before it shows a wire is unknown,
   * as no other is waited for, but TLS.
   */
  readonly cpAlone?: boolean;
  /** How long first bytes and TLS handshake may take together, ms. */
  readonly firstBytesTimeout: number;
  /** Connections that may have shown no wire yet; one more, the oldest goes. */
  readonly openings: number;
  /**
   * A peer of that IP address connected. Answers what is to be called when it is
   * gone; or undefined, and it is cut without a word. Default: none is.
   */
  readonly onOpened?: (address: string) => (() => void) | undefined;
  /** Must attach its listeners before it returns. */
  readonly onConnection: (incoming: Incoming) => void;
  /**
   * A connection that did not come that far, and why. It is closed by then. One
   * that the system could not even accept has the address "" and port 0.
   */
  readonly onRefused: (reason: string, remote: Endpoint) => void;
}

/** An open port. */
export interface Listener {
  /** Where it really listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** The connections that have not shown their wire yet; in TLS as far as known. */
  readonly openings: Iterable<{ readonly tls: boolean }>;
  /** Accepts nothing more, and cuts what has not shown its wire yet. */
  close(): void;
}

/** How long a connection may be silent before its peer is probed, ms. */
const KEEP_ALIVE = 60_000;

/** The first byte of a TLS connection. */
const TLS_HANDSHAKE = 0x16;

/** A connection that has not shown its wire yet. */
class Opening {
  readonly #raw: net.Socket;
  readonly #options: ListenOptions;
  readonly #remote: Endpoint;
  readonly #onDone: () => void;
  readonly #timer: ReturnType<typeof setTimeout>;
  /** Whether TLS has begun. */
  tls = false;
  /** Runs while nothing follows on what has come. */
  #silence: ReturnType<typeof setTimeout> | undefined;
  #done = false;

  constructor(raw: net.Socket, options: ListenOptions, onDone: () => void) {
    this.#raw = raw;
    this.#options = options;
    this.#onDone = onDone;
    this.#remote = {
      address: unmapped(raw.remoteAddress ?? ""),
      port: raw.remotePort ?? 0,
    };
    this.#timer = setTimeout(
      () => this.refuse("it showed no wire in time"),
      Math.min(options.firstBytesTimeout, MOST_DELAY),
    );
    raw.setNoDelay(true);
    raw.setKeepAlive(true, KEEP_ALIVE);
    this.#watch(raw, "", (wire) => {
      if (wire === "tls") this.#startTls();
      else this.#handOver({ wire, tls: false, socket: raw });
    });
  }

  /** Closes the connection, unless it was handed over. */
  refuse(reason: string): void {
    if (!this.#finish()) return;
    this.#raw.destroy();
    this.#options.onRefused(reason, this.#remote);
  }

  #startTls(): void {
    const secureContext = this.#options.secureContext?.();
    if (secureContext === undefined) return this.refuse("TLS is not served");
    this.tls = true;
    const secure = new tls.TLSSocket(this.#raw, {
      isServer: true,
      secureContext,
    });
    this.#watch(secure, "TLS: ", (wire) => {
      hear(this.#raw, NOBODY);
      const known = wire === "tls" ? "unknown" : wire;
      this.#handOver({ wire: known, tls: true, socket: secure });
    });
  }

  /** Waits for the bytes that tell the wire, and puts them back. */
  #watch(
    socket: net.Socket,
    prefix: string,
    then: (wire: WireOpening) => void,
  ): void {
    let seen: Uint8Array = new Uint8Array(0);
    const take = (bytes: Uint8Array) => {
      seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes]);
      clearTimeout(this.#silence);
      decide(false);
    };
    const decide = (silent: boolean) => {
      let wire = detectWire(seen, silent);
      if (silent && this.#options.cpAlone && seen[0] !== TLS_HANDSHAKE) {
        wire ??= "unknown";
      }
      if (wire === undefined) {
        if (silent) return;
        this.#silence = setTimeout(() => decide(true), CP_LIMITS.silence);
        return;
      }
      hear(socket, { ...hearer, heard: () => {}, heardEnd: () => {} });
      socket.pause();
      socket.unshift(seen);
      then(wire);
    };
    const hearer = {
      heard: take,
      heardEnd: () =>
        this.refuse(`${prefix}it ended before it showed its wire`),
      heardError: (error: Error) => this.refuse(prefix + errorMessage(error)),
      heardClose: () => this.refuse("it left before it showed its wire"),
    };
    hear(socket, hearer);
  }

  #handOver(
    { wire, tls, socket }: Pick<Incoming, "wire" | "tls" | "socket">,
  ): void {
    if (!this.#finish()) return;
    // A connection may last for days: it is not to hold what it began with.
    hear(socket, NOBODY);
    this.#options.onConnection({
      wire,
      tls,
      socket,
      remote: this.#remote,
      loopback: isLoopback(this.#remote.address),
    });
  }

  #finish(): boolean {
    if (this.#done) return false;
    this.#done = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#onDone();
    return true;
  }
}

/** Whether a connection may stay; it is cut if not. */
function admit(raw: net.Socket, { onOpened }: ListenOptions): boolean {
  if (onOpened === undefined) return true;
  const gone = onOpened(unmapped(raw.remoteAddress ?? ""));
  // Not once: that has a wrapper, for as long as the connection lasts.
  if (gone !== undefined) raw.on("close", gone);
  else {
    raw.on("error", () => {});
    raw.destroy();
  }
  return gone !== undefined;
}

/**
 * Opens a port.
 *
 * @throws {UserError} address_in_use, address_unusable.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const openings = new Set<Opening>();
  const server = net.createServer({ allowHalfOpen: true }, (raw) => {
    if (!admit(raw, options)) return;
    const opening: Opening = new Opening(
      raw,
      options,
      () => openings.delete(opening),
    );
    openings.add(opening);
    // Descriptors must not run out: Deno's listener would never accept again.
    if (openings.size <= options.openings) return;
    const [oldest] = openings;
    oldest?.refuse("too many others showed no wire either");
  });
  const address = await listenOn(
    server,
    options,
    (error) =>
      options.onRefused(`it could not be accepted: ${errorMessage(error)}`, {
        address: "",
        port: 0,
      }),
  );
  return {
    address,
    openings,
    close: () => {
      // Connections that were handed over are their owner's to wait for.
      server.close();
      for (const opening of openings) opening.refuse("the server is closing");
    },
  };
}
