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
  type EventEncoding,
  JsonServerCodec,
  type ServerCodec,
} from "../../lib/wire/mod.ts";
import { RawClient, type TestWire } from "../server/raw_client.ts";

const WIRES: readonly TestWire[] = ["chatp1", "json1", "json2"];
const MEMBERS = 99;
const SAID = 500;

/** What it took to tell a room. */
export interface Encodings {
  readonly members: number;
  readonly wires: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly encodings: number;
}

/** An encoding that counts its room messages until `restore`. */
function count(encoding: EventEncoding, counted: () => void): () => void {
  const own = encoding as { write: EventEncoding["write"] };
  const { write } = own;
  own.write = (writer, event) => {
    if (event.type === "room_msg") counted();
    write.call(encoding, writer, event);
  };
  return () => own.write = write;
}

/** The encoding of each wire, as connections have them. */
function encodings(): EventEncoding[] {
  const json = (version: 1 | 2): ServerCodec => {
    const codec = new JsonServerCodec();
    const line = `{"type":"login","username":"a","v":${version}}\n`;
    codec.receive(new TextEncoder().encode(line));
    codec.next();
    return codec;
  };
  return [new ChatProto1ServerCodec(), json(1), json(2)]
    .map(({ encoding }) => encoding);
}

/** One says much, in bursts, to a room of people on three wires. */
export async function countEncodings(folder: string): Promise<Encodings> {
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => openStore({ folder }),
    secrets: SECRETS,
    limits: withoutRateLimits(DEFAULT_LIMITS),
    plaintext: false,
    logger: SILENT,
  });
  const port = server.addresses[0]?.port ?? 0;
  const readers: RawClient[] = [];
  for (let index = 0; index < MEMBERS; index++) {
    const wire = WIRES[index % WIRES.length] as TestWire;
    readers.push(await RawClient.login(port, `reader${index}`, wire));
  }
  const author = await RawClient.login(port, "author");
  let done = 0;
  const restore = encodings().map((each) => count(each, () => done++));
  for (let index = 0; index < SAID; index++) author.say(`line ${index}`);
  for (const reader of readers) {
    for (let index = 0; index < SAID; index++) await reader.event("room_msg");
  }
  restore.forEach((each) => each());
  await server.close();
  return {
    members: MEMBERS + 1,
    wires: WIRES.length,
    messages: SAID,
    deliveries: MEMBERS * SAID,
    encodings: done,
  };
}
