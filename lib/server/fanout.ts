/**
 * Encode once, write many: what a batch holds for a room is encoded once per
 * encoding in use, and the same buffer is handed to every member. An author
 * gets the shared buffer with its own pieces replaced by its receipts.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Publication } from "../chat/mod.ts";
import {
  ByteWriter,
  type EventEncoding,
  type ServerEvent,
  streamOf,
} from "../wire/mod.ts";

/** Somebody whom events can be written to. */
export interface Reader {
  readonly encoding: EventEncoding;
  /** Queues bytes, which are shared and MUST NOT be changed. */
  write(bytes: Uint8Array): void;
  /** Sends such bytes at once where nothing waits that stands before them. */
  writeNow?(bytes: Uint8Array): void;
  /** Queues what has to stand before the events of a room's stream. */
  select(room: number | undefined): void;
  /** Queues the replies to the oldest requests that have none. */
  reply(events: readonly ServerEvent[]): void;
}

/** A member of a room, as the hub has it. */
export interface Member<Peer extends Reader> {
  readonly peer: Peer;
}

/** A batch in one encoding. */
interface Encoded {
  readonly bytes: Uint8Array;
  /** Where each message ends. */
  readonly ends: readonly number[];
}

const writer = new ByteWriter(65_536);

/** What is written to a writer that others use too. */
export function written(
  write: (writer: ByteWriter) => void,
): Uint8Array<ArrayBuffer> {
  try {
    write(writer);
  } catch (error) {
    writer.truncate(0);
    throw error;
  }
  return writer.take();
}

function encode(
  encoding: EventEncoding,
  messages: readonly Publication<never>[],
): Encoded {
  const ends: number[] = [];
  const bytes = written((writer) => {
    for (const { event } of messages) {
      if (event !== undefined) encoding.write(writer, event);
      ends.push(writer.length);
    }
  });
  // A socket would make one of its own of anything else, for every member.
  return { bytes: Buffer.from(bytes.buffer), ends };
}

/** Writes an author its view: receipts where its own messages stand. */
function writeView<Peer extends Reader>(
  member: Member<Peer>,
  messages: readonly Publication<never>[],
  shared: () => Encoded,
): void {
  const { peer } = member;
  for (let from = 0, to = 0; from < messages.length; from = to) {
    const own = messages[from]?.author === member;
    const receipts: ServerEvent[] = [];
    for (; to < messages.length; to++) {
      const { author, receipt } = messages[to] as Publication<never>;
      if ((author === member) !== own) break;
      if (own && receipt !== undefined) receipts.push(receipt);
    }
    if (receipts.length > 0) peer.reply(receipts);
    if (own) continue;
    const { bytes, ends } = shared();
    peer.write(bytes.subarray(ends[from - 1] ?? 0, ends[to - 1]));
  }
}

/** The room whose stream a batch is part of; what was repeated is not. */
function roomOf(messages: readonly Publication<never>[]): number | undefined {
  for (const { event, receipt } of messages) {
    const said = event ?? receipt;
    const room = said && streamOf(said);
    if (room !== undefined) return room;
  }
  return undefined;
}

/** How many of these somebody said, and had not said before. */
export function messagesIn<Peer>(
  messages: readonly Publication<Peer>[],
): number {
  let said = 0;
  for (const { event, author } of messages) {
    if (event !== undefined && author !== undefined) said++;
  }
  return said;
}

/**
 * Writes `messages` to all `members`; answers how often anything was encoded
 * for all (at most once per encoding). `now`: nothing else is written in this
 * turn, so readers need not be gone through twice.
 */
export function fanOut<Peer extends Reader>(
  members: readonly Member<Peer>[],
  messages: readonly Publication<Peer>[],
  now = false,
): number {
  const batch = messages as readonly Publication<never>[];
  const authors = new Set<unknown>(messages.map(({ author }) => author));
  const encoded = new Map<EventEncoding, Encoded>();
  const shared = (encoding: EventEncoding): Encoded => {
    let done = encoded.get(encoding);
    if (done === undefined) {
      encoded.set(encoding, done = encode(encoding, batch));
    }
    return done;
  };
  const room = roomOf(batch);
  for (const member of members) {
    const { peer } = member;
    const { encoding } = peer;
    peer.select(room);
    if (authors.has(member)) writeView(member, batch, () => shared(encoding));
    else if (now && peer.writeNow) peer.writeNow(shared(encoding).bytes);
    else peer.write(shared(encoding).bytes);
  }
  return encoded.size;
}
