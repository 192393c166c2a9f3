/**
 * Both ends of a ChatProto 2 connection, without a wire between them.
 */
import { assert } from "@std/assert";
import {
  ByteWriter,
  ChatProto2ClientCodec,
  type ChatProto2Options,
  ChatProto2ServerCodec,
  PREFACE_BYTES,
  type Request,
  type ServerEvent,
  streamOf,
  type TextCode,
} from "../../lib/wire/mod.ts";

/** What happens on a connection. */
export type Step =
  /** The client asks. */
  | { readonly ask: Request }
  /** The server tells something that is no reply. */
  | { readonly tell: ServerEvent }
  /** The server answers the oldest request. */
  | { readonly reply: ServerEvent };

/** A text code that is easy to write by hand: it says "lol" in a byte. */
export const LOL_CODE: TextCode = {
  compress: (text) =>
    /^(lol)+$/.test(text) ? new Uint8Array([text.length / 3]) : undefined,
  expand: (bytes, most) => "lol".repeat(Math.min(bytes[0] ?? 0, most / 3)),
};

/** A connection whose preface is done. */
export class Pair {
  readonly client: ChatProto2ClientCodec;
  readonly server: ChatProto2ServerCodec;

  constructor(
    client: ChatProto2Options = { textCode: false },
    server: ChatProto2Options = client,
  ) {
    this.client = new ChatProto2ClientCodec(client);
    this.server = new ChatProto2ServerCodec(server);
    const greeting = this.client.output();
    assert(greeting?.length === PREFACE_BYTES);
    this.server.receive(greeting);
    assert(this.server.next() === undefined);
    const answer = this.server.output();
    assert(answer?.length === PREFACE_BYTES);
    this.client.receive(answer);
    assert(this.client.next() === undefined);
  }

  /** A step as its sender writes it. */
  bytes(step: Step): Uint8Array {
    if ("ask" in step) return this.client.encode(step.ask);
    const event = "tell" in step ? step.tell : step.reply;
    const writer = new ByteWriter();
    const room = streamOf(event);
    if (room !== undefined) this.server.select(writer, room);
    if ("tell" in step) this.server.encoding.write(writer, event);
    else this.server.reply(writer, event);
    return writer.take();
  }

  /** Who reads a step. */
  reader(step: Step): ChatProto2ServerCodec | ChatProto2ClientCodec {
    return "ask" in step ? this.server : this.client;
  }

  /** Does steps, and reads them at the other end. */
  run(steps: readonly Step[]): (Request | ServerEvent)[] {
    return steps.flatMap((step) => {
      const reader = this.reader(step);
      reader.receive(this.bytes(step));
      const found = [];
      for (let one = reader.next(); one !== undefined; one = reader.next()) {
        found.push(one);
      }
      return found;
    });
  }
}

/** alice (1), who is in general (2) and in a room with bob (3) that is 9. */
export const LOGGED_IN: readonly Step[] = [
  { ask: { type: "login", username: "alice", keep: true } },
  {
    reply: {
      type: "login_ack",
      username: "alice",
      room: "general",
      user: 1,
      roomHandle: 2,
      token: "t",
    },
  },
  {
    tell: {
      type: "rooms",
      rooms: [
        {
          room: 2,
          kind: "public",
          name: "general",
          last: 16,
          received: 16,
          read: 16,
          receivedByAll: 16,
        },
        {
          room: 9,
          kind: "direct",
          name: "bob",
          last: 0,
          received: 0,
          read: 0,
          receivedByAll: 0,
        },
      ],
    },
  },
  {
    tell: { type: "names", names: [{ handle: 3, kind: "user", name: "bob" }] },
  },
  { tell: { type: "position", room: 2, sequence: 16, time: 1_800_000_000 } },
  { tell: { type: "position", room: 9, sequence: 0, time: 1_800_000_000 } },
];
