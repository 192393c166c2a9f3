/**
 * A client on ChatProto 2 for tests: a socket, the codec, and events that can
 * be waited for.
 *
 * @module
 */

import net from "node:net";
import tls from "node:tls";
import {
  ChatProto2ClientCodec,
  type RemoteProtocolError,
  type Request,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { connected, endsWhole } from "./connected.ts";

/** How a client connects. */
export interface ConnectOptions {
  readonly secure?: boolean;
  /** False: without the text code. */
  readonly coded?: boolean;
}

/** How a client logs in. */
export interface LoginOptions extends ConnectOptions {
  readonly password?: string;
  readonly keep?: true;
}

/** A connection whose events can be waited for. */
export class ChatProto2Client {
  readonly socket: net.Socket;
  readonly codec: ChatProto2ClientCodec;
  /** What the server said that no client can read. */
  error: RemoteProtocolError | undefined;
  readonly #events: ServerEvent[] = [];
  #waiting: (() => void)[] = [];
  #closed = false;

  private constructor(socket: net.Socket, codec: ChatProto2ClientCodec) {
    this.socket = socket;
    this.codec = codec;
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    socket.on("error", () => {});
    endsWhole(socket);
    socket.on("close", () => {
      this.#closed = true;
      codec.giveUp();
      this.#read();
      this.#changed();
    });
  }

  /** Connects; nothing is sent yet. */
  static async connect(
    port: number,
    { secure = false, coded = true }: ConnectOptions = {},
  ): Promise<ChatProto2Client> {
    const host = "127.0.0.1";
    const socket = secure
      ? tls.connect({ port, host, rejectUnauthorized: false })
      : net.connect({ port, host, noDelay: true });
    const codec = new ChatProto2ClientCodec(coded ? {} : { textCode: false });
    const client = new ChatProto2Client(socket, codec);
    await connected(socket, secure);
    return client;
  }

  /** Connects and logs in; the acknowledgement has been taken. */
  static async login(
    port: number,
    username: string,
    { password, keep, ...options }: LoginOptions = {},
  ): Promise<ChatProto2Client> {
    const client = await ChatProto2Client.connect(port, options);
    client.ask({
      type: "login",
      username,
      ...password !== undefined && { password },
      ...keep && { keep },
    });
    await client.event("login_ack");
    return client;
  }

  #receive(bytes: Uint8Array): void {
    this.codec.receive(bytes);
    this.#read();
    // Names that are not known have to be asked for.
    const due = this.codec.output();
    if (due !== undefined) this.socket.write(due);
    this.#changed();
  }

  #read(): void {
    try {
      for (;;) {
        const event = this.codec.next();
        if (event === undefined) return;
        this.#events.push(event);
      }
    } catch (error) {
      this.error = error as RemoteProtocolError;
      this.socket.destroy();
    }
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits until something arrives, or the connection ends. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  ask(request: Request): void {
    this.socket.write(this.codec.encode(request));
  }

  say(text: string, room?: string): void {
    const where = room === undefined ? {} : { room };
    this.ask({ type: "room_msg", text, ...where });
  }

  /** What came and was not taken yet, without waiting. */
  take(): ServerEvent | undefined {
    return this.#events.shift();
  }

  /** The next event. */
  async next(): Promise<ServerEvent> {
    for (;;) {
      const event = this.take();
      if (event !== undefined) return event;
      if (this.#closed) throw this.error ?? new Error("The server has closed");
      await this.#change();
    }
  }

  /** The next event of a type; those before it are dropped. */
  async event<Type extends ServerEvent["type"]>(
    type: Type,
  ): Promise<ServerEvent & { type: Type }> {
    for (;;) {
      const event = await this.next();
      if (event.type === type) return event as ServerEvent & { type: Type };
    }
  }

  /** Asks, and answers the reply, which is the next event of a type. */
  async answer<Type extends ServerEvent["type"]>(
    request: Request,
    type: Type,
  ): Promise<ServerEvent & { type: Type }> {
    this.ask(request);
    return await this.event(type);
  }

  /** Sends a keepalive, and waits until it comes back. */
  async ping(): Promise<void> {
    const before = this.codec.keepalives;
    this.socket.write(this.codec.keepalive());
    while (this.codec.keepalives === before) {
      if (this.#closed) throw new Error("The server has closed");
      await this.#change();
    }
  }

  /** Waits until the connection has ended. */
  async closed(): Promise<void> {
    while (!this.#closed) await this.#change();
  }

  /** Closes, and waits until it is so. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed();
  }
}
