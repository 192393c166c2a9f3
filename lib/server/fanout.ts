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

/** Writes an author its view: receipts where its messages stand, at `own`. */
function writeView(
  peer: Reader,
  messages: readonly Publication<never>[],
  own: readonly number[],
  shared: () => Encoded,
): void {
  const writeOthers = (from: number, to: number) => {
    if (from === to) return;
    const { bytes, ends } = shared();
    peer.write(bytes.subarray(ends[from - 1] ?? 0, ends[to - 1]));
  };
  let done = 0;
  for (let next = 0; next < own.length;) {
    const first = own[next] as number;
    writeOthers(done, first);
    const receipts: ServerEvent[] = [];
    for (done = first; own[next] === done; next++, done++) {
      const receipt = messages[done]?.receipt;
      if (receipt !== undefined) receipts.push(receipt);
    }
    if (receipts.length > 0) peer.reply(receipts);
  }
  writeOthers(done, messages.length);
}

/** Where the messages of each author stand. */
function byAuthor(
  messages: readonly Publication<never>[],
): ReadonlyMap<unknown, readonly number[]> {
  const found = new Map<unknown, number[]>();
  messages.forEach(({ author }, index) => {
    const own = found.get(author);
    if (own === undefined) found.set(author, [index]);
    else own.push(index);
  });
  return found;
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
  const authors = byAuthor(batch);
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
    const own = authors.get(member);
    if (own) writeView(peer, batch, own, () => shared(encoding));
    else if (now && peer.writeNow) peer.writeNow(shared(encoding).bytes);
    else peer.write(shared(encoding).bytes);
  }
  return encoded.size;
}
