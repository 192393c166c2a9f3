/**
 * One connection to a server: its socket and its codec.
 *
 * @module
 */

import {
  BROKEN,
  dial,
  type DialOptions,
  errorCode,
  formatAddress,
  isLoopback,
  type ServerAddress,
  UserError,
} from "../net/mod.ts";
import {
  type ClientCodec,
  detectWire,
  OtherVersionError,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../wire/mod.ts";
import { type Abilities, wireOf, type WireRow } from "./abilities.ts";
import { udpLinkOpener } from "./udp_link.ts";

/** What a link tells its session, from `start` on. */
export interface LinkEvents {
  /** Something came, whatever it was. */
  heard(): void;
  /** `isAnswer`: whether it answers a request; undefined when nobody knows. */
  event(event: ServerEvent, isAnswer: boolean | undefined): void;
  /** Something of the wire, but nothing that is known; reading goes on. */
  unreadable(error: RemoteProtocolError): void;
  /** It is gone. Comes once, and nothing after it. */
  closed(error: UserError): void;
}

/** A connection that was made; nothing was sent over it yet. */
export interface Link {
  readonly tls: boolean;
  /** What can be done over it. */
  readonly abilities: Abilities;
  /** Whether a password may travel over it. */
  readonly takesPasswords: boolean;
  /** Begins to read. */
  start(events: LinkEvents): void;
  send(request: Request): void;
  /** Shows the server that we are there; does nothing on a wire without that. */
  keepalive(): void;
  /** Stops reading until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what is to be sent, then says that nothing more comes. */
  end(): void;
  /** Cuts the connection. */
  destroy(): void;
}

/**
 * Makes a connection.
 *
 * @throws {UserError} when it can't be made, or must not be used.
 */
export type OpenLink = (signal: AbortSignal) => Promise<Link>;

/** How links to one server are made. */
export interface LinkOptions {
  readonly address: ServerAddress;
  readonly dial: Omit<DialOptions, "signal">;
  /** Whether the login will carry a password. */
  readonly hasPassword: boolean;
  /** Let a password travel in plaintext to another machine. */
  readonly plaintext: boolean;
}

/**
 * The server knows an older version of the wire alone. The next link to it uses
 * that one.
 */
export class OlderServerError extends UserError {
  constructor(address: ServerAddress, cause: OtherVersionError) {
    super(
      "wrong_protocol",
      `${formatAddress(address)} is an older server, which speaks ChatProto ` +
        "1.0: there is no history, no groups, no receipts, and after a lost " +
        "connection nobody knows whether a message arrived",
      { cause },
    );
  }
}

type Socket = Awaited<ReturnType<typeof dial>>;

/** An address of a wire over a stream. */
type StreamAddress = ServerAddress & {
  readonly wire: Exclude<ServerAddress["wire"], "udpchat">;
};

function isStream(address: ServerAddress): address is StreamAddress {
  return address.wire !== "udpchat";
}

/** Gives the function that makes connections to one server. */
export function linkOpener(options: LinkOptions): OpenLink {
  if (!isStream(options.address)) return udpLinkOpener(options);
  let address = options.address;
  const older = () => address = { ...address, version: 1 };
  return async (signal) => {
    // An address that is none of ours needs no connection to be refused.
    if (/^[\d.]+$|:/.test(address.host)) guard(options, address.host);
    const socket = await dial(address, { ...options.dial, signal });
    try {
      guard(options, socket.remoteAddress ?? "");
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new SocketLink(socket, options, address, older);
  };
}

/** No password goes over plaintext to another machine unless that is wanted. */
export function guard(
  { address, hasPassword, plaintext }: LinkOptions,
  ip: string,
): void {
  if (!hasPassword || mayCarryPasswords(address, plaintext, ip)) return;
  throw new UserError(
    "plaintext_refused",
    `${formatAddress(address)} is plaintext on another machine, ` +
      "and the password could be read on the way",
  );
}

/** Whether a password may travel to `ip`. */
export function mayCarryPasswords(
  { tls }: ServerAddress,
  plaintext: boolean,
  ip: string,
): boolean {
  return tls || plaintext || isLoopback(ip);
}

/** A link over a socket. */
class SocketLink implements Link {
  readonly #socket: Socket;
  readonly #address: StreamAddress;
  readonly #wire: WireRow;
  readonly #codec: ClientCodec;
  readonly #older: () => void;
  readonly takesPasswords: boolean;
  #cause: UserError | undefined;
  /** True once the peer has shown that it speaks the wire. */
  #proven = false;
  #corked = false;
  /** From `start` on. */
  #events: LinkEvents | undefined;

  constructor(
    socket: Socket,
    { plaintext }: LinkOptions,
    address: StreamAddress,
    older: () => void,
  ) {
    this.#socket = socket;
    this.#address = address;
    this.#wire = wireOf(address);
    this.#codec = this.#wire.codec();
    this.#older = older;
    const ip = socket.remoteAddress ?? "";
    this.takesPasswords = mayCarryPasswords(address, plaintext, ip);
  }

  get abilities(): Abilities {
    return this.#wire.abilities;
  }

  get tls(): boolean {
    return this.#address.tls;
  }

  start(events: LinkEvents): void {
    const socket = this.#socket;
    socket.on("data", (bytes: Uint8Array) => {
      if (this.#cause === undefined) this.#read(bytes, events);
    });
    socket.on("error", (error: Error) => {
      const isGone = BROKEN.has(errorCode(error) ?? "");
      const why = isGone ? "the other end is gone" : error.message;
      this.#cause ??= this.#lost(why, error);
    });
    // The server says nothing more: then there is nothing more to say to it.
    // What waits to be written may never go out (in TLS to a server that died),
    // and whoever waited for that would never hear of the end.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      events.closed(this.#cause ?? this.#lost("the server closed it"));
    });
    if (socket.destroyed) {
      queueMicrotask(() => events.closed(this.#lost("the server closed it")));
    }
    this.#events = events;
    this.#say();
    this.#tellMade();
    socket.resume();
  }

  send(request: Request): void {
    this.#write(() => this.#codec.encode(request));
    this.#say();
    this.#tellMade();
  }

  /** Tells what no bytes brought, in a turn of its own. */
  #tellMade(): void {
    if (!this.#codec.ready) return;
    queueMicrotask(() => {
      if (this.#events !== undefined) this.#tell(this.#events);
    });
  }

  keepalive(): void {
    this.#write(() => this.#codec.keepalive?.());
  }

  /** Sends what the wire itself has to say. */
  #say(): void {
    this.#write(() => this.#codec.output?.());
  }

  #write(make: () => Uint8Array | undefined): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    const bytes = make();
    if (bytes === undefined || bytes.length === 0) return;
    // What is said in one turn goes out in one piece.
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      queueMicrotask(() => {
        this.#corked = false;
        socket.uncork();
      });
    }
    socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#write(() => this.#codec.farewell?.());
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Uint8Array, events: LinkEvents): void {
    if (!this.#proven) this.#address.tls || this.#refuseTls(bytes);
    events.heard();
    this.#codec.receive(bytes);
    this.#tell(events);
    this.#say();
  }

  #tell(events: LinkEvents): void {
    while (this.#cause === undefined) {
      const event = this.#next(events);
      if (event === undefined) break;
      this.#proven = true;
      events.event(event, this.#codec.answers?.(event));
    }
  }

  /** The next event that can be read. */
  #next(events: LinkEvents): ServerEvent | undefined {
    while (this.#cause === undefined) {
      try {
        return this.#codec.next();
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        if (error instanceof OtherVersionError && error.version === 1) {
          this.#older();
          this.#fail(new OlderServerError(this.#address, error));
        } else if (error.fatal && this.#proven && this.abilities.many) {
          // It lost count of something: a new connection makes up for that.
          this.#fail(this.#lost(error.message, error));
        } else if (!error.fatal && this.#proven) events.unreadable(error);
        else this.#fail(this.#wrongProtocol(error));
      }
    }
    return undefined;
  }

  /** A TLS server answers plaintext with an alert record (RFC 8446, 6). */
  #refuseTls(bytes: Uint8Array): void {
    const alert = bytes[0] === 0x15 && bytes[1] === 0x03;
    if (!alert && detectWire(bytes) !== "tls") return;
    const { scheme, host } = this.#address;
    this.#fail(
      new UserError("wrong_protocol", `${host} speaks TLS on this port`, {
        advice: `Use ${scheme}s:// instead of ${scheme}://`,
      }),
    );
  }

  #wrongProtocol(cause: RemoteProtocolError): UserError {
    return new UserError(
      "wrong_protocol",
      `What answered at ${formatAddress(this.#address)} does not speak ` +
        `${this.#wire.title} (${cause.message})`,
      { cause },
    );
  }

  #lost(why: string, cause?: unknown): UserError {
    return new UserError(
      "connection_lost",
      `The connection to ${formatAddress(this.#address)} broke: ${why}`,
      cause === undefined ? {} : { cause },
    );
  }

  #fail(error: UserError): void {
    this.#cause = error;
    this.#socket.destroy();
  }
}
