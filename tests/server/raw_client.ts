/**
 * A client made of a socket and bytes, to say to a server whatever a test
 * wants said.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import net from "node:net";
import tls from "node:tls";
import {
  ChatProto1ClientCodec,
  type ClientCodec,
  JsonClientCodec,
  type Request,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { connected, endsWhole } from "./connected.ts";

/** The wires that tests speak. */
export type TestWire = "chatp1" | "json1" | "json2";

/** A codec for each. */
export function clientCodec(wire: TestWire): ClientCodec {
  return wire === "chatp1"
    ? new ChatProto1ClientCodec()
    : new JsonClientCodec(wire === "json1" ? 1 : 2);
}

/** A connection whose events can be waited for. */
export class RawClient {
  readonly socket: net.Socket;
  readonly #codec: ClientCodec;
  readonly #received: Uint8Array[] = [];
  readonly #events: ServerEvent[] = [];
  #waiting: (() => void)[] = [];
  #closed = false;
  /** What the system said was wrong with the connection, such as ECONNRESET. */
  failure: string | undefined;

  private constructor(socket: net.Socket, codec: ClientCodec) {
    this.socket = socket;
    this.#codec = codec;
    socket.on("data", (bytes: Uint8Array) => {
      this.#received.push(bytes);
      codec.receive(bytes);
      for (;;) {
        const event = codec.next();
        if (event === undefined) break;
        this.#events.push(event);
      }
      this.#changed();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure ??= error.code ?? error.message;
    });
    endsWhole(socket);
    socket.on("close", () => {
      this.#closed = true;
      this.#changed();
    });
  }

  static async connect(
    port: number,
    wire: TestWire = "chatp1",
    { secure = false, host = "127.0.0.1" } = {},
  ): Promise<RawClient> {
    const socket = secure
      ? tls.connect({ port, host, rejectUnauthorized: false })
      : net.connect({ port, host });
    const client = new RawClient(socket, clientCodec(wire));
    await connected(socket, secure);
    return client;
  }

  /** Connects and logs in; the acknowledgement has been taken. */
  static async login(
    port: number,
    username: string,
    wire: TestWire = "chatp1",
    options: { secure?: boolean; password?: string } = {},
  ): Promise<RawClient> {
    const client = await RawClient.connect(port, wire, options);
    const { password } = options;
    client.ask({
      type: "login",
      username,
      ...password !== undefined && { password },
    });
    await client.event("login_ack");
    return client;
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  ask(request: Request): void {
    this.write(this.#codec.encode(request));
  }

  say(text: string): void {
    this.ask({ type: "room_msg", text });
  }

  /** The next event. */
  async next(): Promise<ServerEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#closed) throw new Error("The server closed the connection");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
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

  /** Waits until the server has closed; answers all bytes that ever came. */
  async closed(): Promise<Uint8Array> {
    while (!this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return Buffer.concat(this.#received);
  }

  /** Closes, and waits until it is so. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed();
  }
}
