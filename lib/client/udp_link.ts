/**
 * A connection over reliable UDP: a socket and timers around the wire's pure
 * end. There is nothing to dial: that a server is there shows when it answers
 * the SYN, and where a name has several addresses the next is tried when one
 * does not.
 *
 * @module
 */

import dgram from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import {
  dialFailure,
  errorMessage,
  formatAddress,
  UserError,
} from "../net/mod.ts";
import {
  type ClientEndEvent,
  ClientRooms,
  GIVE_UP_AFTER,
  type Request,
  UdpChatClient,
} from "../wire/mod.ts";
import { UDPCHAT } from "./abilities.ts";
import {
  guard,
  type Link,
  type LinkEvents,
  type LinkOptions,
  mayCarryPasswords,
  type OpenLink,
} from "./link.ts";

/** Events that a reader who pauses may leave lying; then pushes are not taken. */
const MOST_UNREAD = 1_000;

/** Where the ACK flag stands in a datagram. */
const ACK_FLAG = 4;

/** What to try when nothing answers: UDP does not say more. */
const UNANSWERED_ADVICE =
  "Check that chatp serve --listen udpchat://… is running there, and that no " +
  "firewall on the way drops UDP";

/** ms since 1970, never going back. */
const now = () => performance.timeOrigin + performance.now();

/** Gives the function that makes connections to one server. */
export function udpLinkOpener(options: LinkOptions): OpenLink {
  const rooms = new ClientRooms();
  return async (signal) => {
    const ips = await resolve(options);
    signal.throwIfAborted();
    // Every login on this wire carries a password or a token.
    for (const ip of ips) guard({ ...options, hasPassword: true }, ip);
    return new UdpLink(options, ips, rooms);
  };
}

/** The addresses of the server, IPv4 first: the original has no other. */
async function resolve({ address, dial }: LinkOptions): Promise<string[]> {
  const { host } = address;
  if (isIP(host) !== 0) return [host];
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      const error = Object.assign(new Error("late"), { code: "ETIMEDOUT" });
      timer = setTimeout(() => reject(error), dial.timeout);
    });
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return found.sort((a, b) => a.family - b.family)
      .map(({ address }) => address);
  } catch (error) {
    throw dialFailure(error, "name", address, dial);
  } finally {
    clearTimeout(timer);
  }
}

/** A link over a UDP port. */
class UdpLink implements Link {
  readonly abilities = UDPCHAT;
  readonly tls = false;
  readonly takesPasswords: boolean;
  readonly #options: LinkOptions;
  readonly #rooms: ClientRooms;
  readonly #ips: string[];
  #socket: dgram.Socket | undefined;
  #end: UdpChatClient;
  #events: LinkEvents | undefined;
  /** What the connection began with, for the next address. */
  #opening: Request | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #connected = false;
  /** Something came from there. */
  #met = false;
  #entered = false;
  #busy = false;
  #paused = false;
  #unread: ClientEndEvent[] = [];
  #closed = false;

  constructor(options: LinkOptions, ips: string[], rooms: ClientRooms) {
    this.#options = options;
    this.#ips = ips;
    this.#rooms = rooms;
    const { address, plaintext } = options;
    this.takesPasswords = ips.every((ip) =>
      mayCarryPasswords(address, plaintext, ip)
    );
    this.#end = this.#newEnd();
  }

  start(events: LinkEvents): void {
    this.#events = events;
    this.#connect();
  }

  send(request: Request): void {
    if (this.#closed) return;
    this.#opening ??= request;
    this.#end.send(request, now());
    this.#soon();
  }

  keepalive(): void {
    if (this.#closed) return;
    this.#end.keepalive(now());
    this.#soon();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#soon();
  }

  end(): void {
    if (this.#closed) return;
    this.#end.finish(now());
    this.#soon();
  }

  destroy(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
  }

  get #where(): string {
    return `${formatAddress(this.#options.address)} (UDP)`;
  }

  #newEnd(): UdpChatClient {
    const [seqn = 0] = crypto.getRandomValues(new Int32Array(1));
    return new UdpChatClient({ seqn, rooms: this.#rooms });
  }

  /** Takes the next address; false when there is none. */
  #connect(): boolean {
    const ip = this.#ips.shift();
    if (ip === undefined) return false;
    this.#socket?.close();
    const socket = dgram.createSocket(isIP(ip) === 6 ? "udp6" : "udp4");
    this.#socket = socket;
    this.#connected = false;
    const current = () => this.#socket === socket && !this.#closed;
    socket.on("message", (bytes: Uint8Array) => {
      if (current()) this.#receive(bytes);
    });
    socket.on("error", (error: Error) => {
      if (!current() || this.#next()) return;
      this.#close(this.#unanswered(error));
    });
    socket.connect(this.#options.address.port, ip, () => {
      if (!current()) return;
      this.#connected = true;
      this.#attend();
    });
    return true;
  }

  /** Tries another address, as long as nothing answered. */
  #next(): boolean {
    if (this.#met || !this.#connect()) return false;
    this.#end = this.#newEnd();
    if (this.#opening !== undefined) this.#end.send(this.#opening, now());
    return true;
  }

  #receive(bytes: Uint8Array): void {
    this.#met = true;
    // What is not acknowledged is sent again, once somebody reads.
    const full = this.#unread.length >= MOST_UNREAD;
    if (full && bytes[ACK_FLAG] === 0) return;
    this.#events?.heard();
    this.#end.receive(bytes, now());
    this.#attend();
  }

  /** What is said in one turn goes out together. */
  #soon(): void {
    if (this.#busy) return;
    this.#busy = true;
    queueMicrotask(() => {
      this.#busy = false;
      this.#attend();
    });
  }

  #attend(): void {
    if (this.#closed) return;
    if (this.#connected) {
      for (const datagram of this.#end.datagrams()) this.#transmit(datagram);
    }
    for (const event of this.#end.events()) this.#unread.push(event);
    while (!this.#paused && !this.#closed) {
      const event = this.#unread.shift();
      if (event === undefined) break;
      this.#tell(event);
    }
    this.#schedule();
  }

  #transmit(datagram: Uint8Array): void {
    // One that does not go out is lost, as others are, and sent again.
    this.#socket?.send(datagram, () => {});
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { nextWake } = this.#end;
    if (this.#closed || nextWake === Infinity) return;
    this.#timer = setTimeout(() => {
      this.#end.wake(now());
      this.#attend();
    }, Math.max(0, Math.ceil(nextWake - now())));
  }

  #tell(event: ClientEndEvent): void {
    switch (event.type) {
      case "event":
        if (event.event.type === "login_ack") this.#entered = true;
        return this.#events?.event(event.event, event.isAnswer);
      case "unreadable":
        if (this.#entered) return this.#events?.unreadable(event.error);
        return this.#close(
          new UserError(
            "wrong_protocol",
            `What answered at ${this.#where} does not speak udpchat ` +
              `(${event.error.message})`,
            { cause: event.error },
          ),
        );
      case "lost":
        if (event.why === "silent" && this.#next()) return this.#soon();
        return this.#close(this.#lost(event.why));
      case "finished":
        return this.#close(this.#broken("we left"));
    }
  }

  #lost(why: "silent" | "left" | "logged_out"): UserError {
    if (!this.#met) return this.#unanswered();
    const reasons = {
      silent: `no answer for ${GIVE_UP_AFTER / 1000} s`,
      left: "the server ended it",
      logged_out: "the server does not know this login any more",
    };
    return this.#broken(reasons[why]);
  }

  #broken(why: string): UserError {
    return new UserError(
      "connection_lost",
      `The connection to ${this.#where} broke: ${why}`,
    );
  }

  /** UDP tells no more than that nothing came back. */
  #unanswered(cause?: Error): UserError {
    const why = cause === undefined ? "" : `: ${errorMessage(cause)}`;
    return new UserError(
      "timed_out",
      `Nothing answered at ${this.#where}${why}`,
      { advice: UNANSWERED_ADVICE, ...cause && { cause } },
    );
  }

  #close(error: UserError): void {
    if (this.#closed) return;
    this.destroy();
    this.#events?.closed(error);
  }
}
