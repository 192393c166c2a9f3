/**
 * One client of a load: a connection and a codec, and next to nothing around
 * them, so that thousands fit into one process.
 *
 * Over ChatProto 2 it says what it has received as clients do (RECEIPT, with
 * the next thing that it sends or a second after a message); it does not ask
 * for a session that is kept.
 *
 * @module
 */

import {
  dial,
  type DialedSocket,
  type DialOptions,
  formatEndpoint,
  type ServerAddress,
  UserError,
} from "../../net/mod.ts";
import {
  ByteWriter,
  type ClientCodec,
  type ErrorCode,
  errorCodeOf,
  type LoginReject,
  RemoteProtocolError,
  type Request,
  type RoomMessage,
  type ServerEvent,
  type TextCode,
} from "../../wire/mod.ts";
import { LazyReceipts } from "../lazy_receipts.ts";
import { inTls, type StreamVariant } from "../variants.ts";
import type { ReadingTurns } from "./reading_turns.ts";

/** What a client tells. */
export interface LoadEvents {
  /** The receipt for the oldest of its messages that has no answer. */
  acknowledged(message: number): void;
  /** The server refused that one; `code` is 0 where the wire carries none. */
  refused(message: number, code: number): void;
  /** Somebody said something in a room, whichever it is. */
  said(event: RoomMessage): void;
  /** Something came that answers nothing. */
  unexpected(): void;
  /** The connection is gone, though nobody ended it here. */
  gone(): void;
}

/** How a client is reached and known. */
export interface LoadEntry {
  readonly variant: StreamVariant;
  readonly address: Pick<ServerAddress, "host" | "port">;
  readonly dial: DialOptions;
  readonly username: string;
  readonly room: string;
  /** When it may read. */
  readonly turns: ReadingTurns;
  /** How texts are coded, where the wire has that. */
  readonly textCode: TextCode;
}

/** What is read before the time is looked at again, bytes. */
const PART = 16_384;

/** What comes of a request: undefined when the connection is gone. */
type Reply = ServerEvent | RemoteProtocolError | undefined;

/** A client that is in its room. */
export class LoadClient {
  readonly #socket: DialedSocket;
  readonly #codec: ClientCodec;
  readonly #entry: LoadEntry;
  readonly #events: LoadEvents;
  readonly #turns: ReadingTurns;
  readonly #receipts = new LazyReceipts();
  readonly #closed: Promise<void>;
  readonly #writer = new ByteWriter();
  /** Messages that have no answer, the oldest first, from `#answered` on. */
  #unanswered: number[] = [];
  #answered = 0;
  #asked: ((reply: Reply) => void) | undefined;
  /** True once the peer has shown that it speaks the wire. */
  #proven = false;
  /** What came when it was not to read. */
  #held: Uint8Array[] = [];
  #ending = false;
  #gone = false;

  private constructor(
    socket: DialedSocket,
    entry: LoadEntry,
    events: LoadEvents,
  ) {
    this.#socket = socket;
    this.#codec = entry.variant.codec({ textCode: entry.textCode });
    this.#entry = entry;
    this.#events = events;
    this.#turns = entry.turns;
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    this.#closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#gone = true;
        this.#asked?.(undefined);
        if (!this.#ending) events.gone();
        resolve();
      })
    );
  }

  /**
   * Connects, logs in and enters the room.
   *
   * @throws {UserError} as `dial` does; login_rejected, request_rejected,
   * wrong_protocol, connection_lost.
   */
  static async enter(
    entry: LoadEntry,
    events: LoadEvents,
  ): Promise<LoadClient> {
    const { variant, address, username, room } = entry;
    const socket = await dial({ ...address, tls: inTls(variant) }, entry.dial);
    const client = new LoadClient(socket, entry, events);
    const { timeout } = entry.dial;
    try {
      await client.#ask({ type: "login", username }, "login_ack", timeout);
      await client.#ask({ type: "join_room", room }, "join_room", timeout);
      return client;
    } catch (error) {
      await client.destroy();
      throw error;
    }
  }

  /** The certificate that the server showed, SHA-256; undefined without TLS. */
  get fingerprint(): string | undefined {
    return "getPeerCertificate" in this.#socket
      ? this.#socket.getPeerCertificate().fingerprint256
      : undefined;
  }

  /** Whether the connection is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Gets a message ready, by its number: {@link flush} writes it. */
  say(message: number, text: string): void {
    this.#unanswered.push(message);
    this.#state();
    this.#put({ type: "room_msg", text, room: this.#entry.room });
  }

  /** Writes what is ready. */
  flush(): void {
    if (this.#writer.length > 0) this.#socket.write(this.#writer.take());
  }

  /** Says what it has received, if that is due by `now`, ms. */
  tick(now: number): void {
    if (this.#gone || this.#receipts.deadline > now) return;
    this.#state();
    this.flush();
  }

  /** Leaves; resolves when the connection is closed, or after `timeout` ms. */
  async leave(timeout: number): Promise<void> {
    this.#ending = true;
    if (!this.#gone) {
      this.#state();
      this.flush();
      this.#socket.end();
    }
    const cut = setTimeout(() => this.#socket.destroy(), timeout);
    await this.#closed;
    clearTimeout(cut);
  }

  /** Lets go of everything at once. */
  async destroy(): Promise<void> {
    this.#ending = true;
    this.#socket.destroy();
    await this.#closed;
  }

  #state(): void {
    for (const { room, sequence } of this.#receipts.take()) {
      this.#put({ type: "receipt", room, received: sequence, read: sequence });
    }
  }

  #put(request: Request): void {
    this.#writer.bytes(this.#codec.encode(request));
  }

  /** Asks and waits for the reply of a type. */
  async #ask(
    request: Request,
    reply: ServerEvent["type"],
    timeout: number,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Reply | "late">();
    this.#asked = (event) => {
      const ends = event === undefined ||
        event instanceof RemoteProtocolError ||
        event.type === reply || event.type === "login_reject" ||
        event.type === "error_msg";
      if (ends) resolve(event);
    };
    const timer = setTimeout(() => resolve("late"), timeout);
    this.#put(request);
    this.flush();
    const event = await promise;
    clearTimeout(timer);
    this.#asked = undefined;
    if (event === "late") {
      throw new UserError(
        "timed_out",
        `The server did not answer a ${request.type} within ${timeout} ms`,
      );
    }
    if (event instanceof RemoteProtocolError) {
      throw wrongProtocol(this.#entry, event);
    }
    if (event?.type === reply) return;
    throw refusal(event, "getPeerCertificate" in this.#socket);
  }

  #receive(bytes: Uint8Array): void {
    const isWaiting = this.#held.length > 0;
    this.#held.push(bytes);
    if (isWaiting) return;
    if (this.#readHeld()) return;
    this.#socket.pause();
    this.#wait(performance.now());
  }

  /** Reads on in a later turn what is there since `since`, ms. */
  #wait(since: number): void {
    this.#turns.postpone(since, () => {
      if (this.#readHeld()) this.#socket.resume();
      else this.#wait(since);
    });
  }

  /** Reads for as long as it may; whether that was everything. */
  #readHeld(): boolean {
    for (;;) {
      const [first] = this.#held;
      if (first === undefined) return true;
      if (this.#turns.isOver) return false;
      const rest = first.subarray(PART);
      if (rest.length > 0) this.#held[0] = rest;
      else this.#held.shift();
      this.#read(first.subarray(0, PART));
    }
  }

  #read(bytes: Uint8Array): void {
    this.#codec.receive(bytes);
    while (this.#next());
    const output = this.#codec.output?.();
    if (output !== undefined) this.#socket.write(output);
  }

  #next(): boolean {
    try {
      const event = this.#codec.next();
      if (event === undefined) return false;
      this.#proven = true;
      this.#take(event);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      const isTelling = error.fatal || !this.#proven;
      if (isTelling && this.#asked !== undefined) this.#asked(error);
      else this.#events.unexpected();
    }
    return true;
  }

  #take(event: ServerEvent): void {
    if (this.#asked !== undefined) this.#asked(event);
    else if (event.type === "room_msg_ack") {
      this.#answer((message) => this.#events.acknowledged(message));
      if (event.place) this.#receipts.stored(event.place);
    } else if (event.type === "error_msg") {
      // One that answers nothing says why the connection is closed.
      if (this.#codec.answers?.(event) === false) return;
      this.#answer((message) => this.#events.refused(message, event.code ?? 0));
    } else if (event.type === "room_msg" && !event.history) {
      this.#events.said(event);
      if (event.place) this.#receipts.receive(event.place, performance.now());
    }
  }

  /** Replies come in the order of what they answer. */
  #answer(tell: (message: number) => void): void {
    const message = this.#unanswered[this.#answered];
    if (message === undefined) {
      if (!this.#ending) this.#events.unexpected();
      return;
    }
    this.#answered++;
    if (this.#answered === this.#unanswered.length) {
      this.#unanswered = [];
      this.#answered = 0;
    }
    tell(message);
  }
}

/** What to try when a login is rejected, by its code. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  401:
    "The clients of a load are guests: a server with --accounts-only takes none",
  403: "Use a wire that the server takes from here: one in TLS (chatps://, " +
    "jsons:// or --wires with +tls), or have it started with --plaintext",
  409: "Try again: the clients of each load have other names",
};

/** Why somebody was not let in. */
function rejection(
  { reason, code = errorCodeOf(reason), hint }: LoginReject,
  tls: boolean,
): UserError {
  return new UserError(
    code === 403 && !tls ? "plaintext_refused" : "login_rejected",
    `The server rejected the login of a client: ${reason}`,
    {
      advice: hint ?? (code && ADVICE[code]) ??
        "Try fewer clients, or ask the server's operator",
    },
  );
}

/** What is there is a server of another kind. */
function wrongProtocol(
  { variant, address }: LoadEntry,
  cause: RemoteProtocolError,
): UserError {
  const where = formatEndpoint(address.host, address.port);
  return new UserError(
    "wrong_protocol",
    `What answered at ${where} does not speak ${variant.wire} (${cause.message})`,
    { cause },
  );
}

/** Why somebody is not in; `tls`: whether the connection has it. */
function refusal(event: ServerEvent | undefined, tls: boolean): UserError {
  switch (event?.type) {
    case "login_reject":
      return rejection(event, tls);
    case "error_msg":
      return new UserError(
        "request_rejected",
        `The server rejected the entry of a client: ${event.text}`,
        { advice: "Try fewer clients, or ask the server's operator" },
      );
    default:
      return new UserError(
        "connection_lost",
        "The server closed the connection of a client that was to enter",
      );
  }
}
