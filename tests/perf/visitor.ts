/**
 * A connection that costs next to nothing: it finds which messages come and
 * reads none of them, so that it is the server that is measured.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import {
  ChatProto1ClientCodec,
  ChatProto2ClientCodec,
  type ClientCodec,
  JsonClientCodec,
  MESSAGES,
  type Request,
} from "../../lib/wire/mod.ts";
import { SERVER_KINDS } from "../../lib/wire/chatproto2/kinds.ts";
import { FrameCounter } from "./frame_counter.ts";

/** What is told apart of what comes. */
export type Found = "in" | "joined" | "other";

/** Finds what comes in the bytes of one connection, however they are cut. */
type Finder = (bytes: Buffer, found: (what: Found) => void) => void;

function findInChatProto1(): Finder {
  const counter = new FrameCounter();
  return (bytes, found) =>
    counter.count(bytes, (type) =>
      found(
        type === MESSAGES.login_ack.code
          ? "in"
          : type === MESSAGES.join_room.code
          ? "joined"
          : "other",
      ));
}

function findInJson(): Finder {
  let held: Buffer = Buffer.alloc(0);
  return (bytes, found) => {
    if (held.length > 0) bytes = Buffer.concat([held, bytes]);
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(0x0a, from);
      if (end < 0) break;
      const head = bytes.toString("latin1", from, from + 20);
      found(
        head.startsWith('{"type":"login_ack"')
          ? "in"
          : head.startsWith('{"type":"join_room"')
          ? "joined"
          : "other",
      );
      from = end + 1;
    }
    held = bytes.subarray(from);
  };
}

function findInChatProto2(): Finder {
  let held: Buffer = Buffer.alloc(0);
  let from = 9;
  return (bytes, found) => {
    if (held.length > 0) bytes = Buffer.concat([held, bytes]);
    for (;;) {
      let length = 0;
      let at = from;
      let byte = 0x80;
      for (let factor = 1; byte > 0x7f; factor *= 0x80) {
        byte = bytes[at++] ?? -1;
        length += (byte & 0x7f) * factor;
      }
      if (byte < 0 || bytes.length < at + length) break;
      const kind = (bytes[at] ?? 0) >> 4;
      const extended = kind === 15 ? 16 + (bytes[at + 1] ?? 0) : kind;
      if (length > 0) {
        found(
          extended === SERVER_KINDS.welcome
            ? "in"
            : extended === SERVER_KINDS.reply
            ? "joined"
            : "other",
        );
      }
      from = at + length;
    }
    // The preface comes first.
    if (from > bytes.length) return void (held = bytes);
    held = bytes.subarray(from);
    from = 0;
  };
}

/** The wires that a visitor can use. */
export const VISITOR_WIRES = {
  chatp1: { codec: () => new ChatProto1ClientCodec(), find: findInChatProto1 },
  chatp2: { codec: () => new ChatProto2ClientCodec(), find: findInChatProto2 },
  json: { codec: () => new JsonClientCodec(2), find: findInJson },
} satisfies Record<
  string,
  { readonly codec: () => ClientCodec; readonly find: () => Finder }
>;

/** One of them. */
export type VisitorWire = keyof typeof VISITOR_WIRES;

/** Somebody who connects, and does hardly anything. */
export class Visitor {
  /** Bytes and messages that have come. */
  bytes = 0;
  messages = 0;
  /** Why it is gone. */
  gone: string | undefined;
  readonly #socket: net.Socket;
  readonly #codec: ClientCodec;
  readonly #waiting = new Map<Found, () => void>();

  private constructor(socket: net.Socket, wire: VisitorWire) {
    const { codec, find } = VISITOR_WIRES[wire];
    this.#socket = socket;
    this.#codec = codec();
    const finder = find();
    const found = (what: Found) => {
      this.messages++;
      if (what !== "other") this.#waiting.get(what)?.();
    };
    socket.on("data", (bytes: Buffer) => {
      this.bytes += bytes.length;
      finder(bytes, found);
    });
    socket.on("error", (error) => this.gone = error.message);
    socket.on("close", () => this.gone ??= "the server closed it");
  }

  /** Connects and logs in as a guest. */
  static async enter(
    port: number,
    username: string,
    wire: VisitorWire,
    secure: boolean,
  ): Promise<Visitor> {
    const host = "127.0.0.1";
    const socket = secure
      ? tls.connect({ port, host, rejectUnauthorized: false })
      : net.connect({ port, host, noDelay: true });
    await once(socket, secure ? "secureConnect" : "connect");
    const visitor = new Visitor(socket, wire);
    await visitor.ask({ type: "login", username }, "in");
    return visitor;
  }

  /** Asks, and waits for the answer. */
  ask(request: Request, answer: Found): Promise<void> {
    this.#socket.write(this.#codec.encode(request));
    return new Promise((resolve, reject) => {
      this.#waiting.set(answer, resolve);
      this.#socket.once("close", () => reject(new Error(this.gone)));
    });
  }

  leave(): void {
    this.#socket.destroy();
  }
}
