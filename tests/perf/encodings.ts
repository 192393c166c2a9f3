/**
 * How often a room's messages are encoded: the server runs in this process, and
 * its encodings count themselves.
 *
 * @module
 */

import { DEFAULT_LIMITS, withoutRateLimits } from "../../lib/chat/mod.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { openStore, SECRETS } from "../../lib/store/mod.ts";
import {
  ChatProto1ServerCodec,
  ChatProto2ClientCodec,
  ChatProto2ServerCodec,
  type EventEncoding,
  JsonServerCodec,
  type ServerCodec,
} from "../../lib/wire/mod.ts";
import { ChatProto2Client } from "../server/chatproto2_client.ts";
import { RawClient } from "../server/raw_client.ts";

/** The wires that are counted. */
export const COUNTED = ["chatp1", "chatp2", "json1", "json2"] as const;

/** One of them. */
export type CountedWire = typeof COUNTED[number];

/** Who is told what. */
export interface CountOptions {
  /** Where the log is. */
  readonly folder: string;
  /** The wires of those who read, in turn. */
  readonly wires: readonly CountedWire[];
  readonly readers: number;
  readonly messages: number;
  readonly author: CountedWire;
}

/** What it took to tell a room. */
export interface Encodings {
  readonly deliveries: number;
  /** How often a message was encoded for a wire. */
  readonly encodings: ReadonlyMap<CountedWire, number>;
}

/** What a test client of any wire can do. */
type Client = Pick<RawClient, "say" | "event" | "close">;

/** An encoding that counts its room messages until it is restored. */
function count(encoding: EventEncoding, counted: () => void): () => void {
  const own = encoding as { write: EventEncoding["write"] };
  const { write } = own;
  own.write = (writer, event) => {
    if (event.type === "room_msg") counted();
    write.call(encoding, writer, event);
  };
  return () => own.write = write;
}

/** The encoding of a wire, as connections have it. */
function encodingOf(wire: CountedWire): EventEncoding {
  const codec: ServerCodec = wire === "chatp1"
    ? new ChatProto1ServerCodec()
    : wire === "chatp2"
    ? new ChatProto2ServerCodec()
    : new JsonServerCodec();
  if (wire === "chatp2") {
    codec.receive(new ChatProto2ClientCodec().keepalive());
  } else if (wire !== "chatp1") {
    const version = wire === "json1" ? 1 : 2;
    const line = `{"type":"login","username":"a","v":${version}}\n`;
    codec.receive(new TextEncoder().encode(line));
  }
  codec.next();
  return codec.encoding;
}

function login(port: number, name: string, wire: CountedWire): Promise<Client> {
  return wire === "chatp2"
    ? ChatProto2Client.login(port, name)
    : RawClient.login(port, name, wire);
}

/** One says much, in bursts, to a room of people on some wires. */
export async function countEncodings(
  { folder, wires, readers: many, messages, author: own }: CountOptions,
): Promise<Encodings> {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => openStore({ folder }),
    secrets: SECRETS,
    limits: withoutRateLimits(DEFAULT_LIMITS),
    plaintext: false,
    logger: SILENT,
  });
  const port = server.addresses[0]?.port ?? 0;
  const readers: Client[] = [];
  for (let index = 0; index < many; index++) {
    const wire = wires[index % wires.length] as CountedWire;
    readers.push(await login(port, `reader${index}`, wire));
  }
  const author = await login(port, "author", own);
  const encodings = new Map<CountedWire, number>();
  const restore = COUNTED.map((wire) =>
    count(
      encodingOf(wire),
      () => encodings.set(wire, (encodings.get(wire) ?? 0) + 1),
    )
  );
  for (let index = 0; index < messages; index++) author.say(`line ${index}`);
  for (let index = 0; index < messages; index++) {
    await author.event("room_msg_ack");
  }
  for (const reader of readers) {
    for (let index = 0; index < messages; index++) {
      await reader.event("room_msg");
    }
  }
  restore.forEach((each) => each());
  for (const each of [...readers, author]) await each.close();
  await server.close();
  return { deliveries: many * messages, encodings };
}
