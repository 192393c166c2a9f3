/**
 * What is pushed to the members of a room: encoded once for all of them, cut
 * into datagrams for each (docs/udpchat.md, "Pushes").
 *
 * A batch in this encoding is a row of records:
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | kind |
 * | 8 | the room's handle |
 * | 8 | the sequence |
 * | 8 | of a message its id, else 0 |
 * | 4 + n | of a message its body, JSON |
 *
 * A private message has a group of another name for each of its two people: of
 * it there are, 4 + n bytes each, the sender's name, the body for the sender and
 * the body for the recipient.
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import type { EventEncoding } from "../codec.ts";
import type { Said, ServerEvent } from "../events.ts";
import type { Text } from "../requests.ts";
import { encodeBody } from "./datagram.ts";
import { groupOfRoom, groupOfTwo } from "./group_names.ts";
import { writeTimeSent } from "./times.ts";

/** What stands for ciphertext. */
export const CIPHERTEXT =
  "(end-to-end encrypted: this can't be shown over udpchat://)";

/** A text, as this wire shows it. */
export function shownText(text: Text): string {
  return typeof text === "string" ? text : CIPHERTEXT;
}

/** A message as it is pushed; `seqn` is that of its author's request. */
export function pushOf(
  event: Said,
  group: string,
  seqn?: number,
): Uint8Array<ArrayBuffer> {
  const { sender, text, place, history } = event;
  const sequence = place?.sequence ?? 0;
  return encodeBody({
    type: "CHT",
    MessageID: place?.id ?? 0,
    msg_seqn: seqn ?? sequence,
    group,
    username: sender,
    text: shownText(text),
    time_sent: place?.sent ?? writeTimeSent(place?.time ?? 0),
    sequence,
    ...history && { history },
  });
}

/** A record that was cut out of a batch. */
export type Pushed =
  /** Something said, to be pushed. */
  | {
    readonly type: "said";
    readonly room: number;
    readonly sequence: number;
    readonly id: number;
    readonly body: Uint8Array;
  }
  /** Everybody has the room up to here. */
  | {
    readonly type: "received_by_all";
    readonly room: number;
    readonly sequence: number;
  }
  /** The room has got this far. */
  | {
    readonly type: "position";
    readonly room: number;
    readonly sequence: number;
  };

const ROOM = 1;
/** The sender's name, the body for the sender, the body for the recipient. */
const PRIVATE = 2;
const RECEIVED_BY_ALL = 3;
const POSITION = 4;

const HIGH = 0x1_0000_0000;

function writeNumber(writer: ByteWriter, value: number): void {
  writer.u32(Math.floor(value / HIGH));
  writer.u32(value % HIGH);
}

function writeBlock(writer: ByteWriter, bytes: Uint8Array): void {
  writer.u32(bytes.length);
  writer.bytes(bytes);
}

function writeText(writer: ByteWriter, text: string): void {
  const start = writer.length;
  writer.u32(0);
  writer.setU32(start, writer.utf8(text));
}

function writeSaid(writer: ByteWriter, event: Said): void {
  const { place } = event;
  if (place === undefined) return;
  writer.u8(event.type === "room_msg" ? ROOM : PRIVATE);
  writeNumber(writer, place.room);
  writeNumber(writer, place.sequence);
  writeNumber(writer, place.id);
  if (event.type === "room_msg") {
    return writeBlock(writer, pushOf(event, groupOfRoom(event.room)));
  }
  const { sender, recipient } = event;
  writeText(writer, sender);
  writeBlock(writer, pushOf(event, groupOfTwo(recipient)));
  writeBlock(writer, pushOf(event, groupOfTwo(sender)));
}

/** How events are written for everybody on this wire; most have no bytes. */
export const UDPCHAT_EVENTS: EventEncoding = {
  name: "udpchat",
  write(writer: ByteWriter, event: ServerEvent): void {
    switch (event.type) {
      case "room_msg":
      case "private_msg_delivery":
        return writeSaid(writer, event);
      case "received_by_all":
      case "position":
        writer.u8(event.type === "position" ? POSITION : RECEIVED_BY_ALL);
        writeNumber(writer, event.room);
        writeNumber(writer, event.sequence);
        writeNumber(writer, 0);
    }
  },
};

const decoder = new TextDecoder();

/** What a batch holds for somebody; bodies are parts of it. */
export function* cutPushes(
  batch: Uint8Array,
  username: string,
): Generator<Pushed> {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  let at = 0;
  const number = () => {
    at += 8;
    return view.getUint32(at - 8) * HIGH + view.getUint32(at - 4);
  };
  const block = () => {
    const start = at + 4;
    at = start + view.getUint32(at);
    return batch.subarray(start, at);
  };
  while (at < batch.length) {
    const kind = view.getUint8(at++);
    const [room, sequence, id] = [number(), number(), number()];
    if (kind === ROOM) {
      yield { type: "said", room, sequence, id, body: block() };
    } else if (kind === PRIVATE) {
      const sender = decoder.decode(block());
      const [own, theirs] = [block(), block()];
      const body = sender === username ? own : theirs;
      yield { type: "said", room, sequence, id, body };
    } else if (kind === RECEIVED_BY_ALL) {
      yield { type: "received_by_all", room, sequence };
    } else yield { type: "position", room, sequence };
  }
}
