/**
 * How events look on ChatProto 2 (docs/chatproto2.md, "Frames of the server"):
 * those that are no replies, with the same bytes for everybody.
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import type { EventEncoding } from "../codec.ts";
import { LocalProtocolError } from "../errors.ts";
import type {
  Crowd,
  HandleName,
  Place,
  Presence,
  ReceivedByAll,
  RoomStates,
  Said,
  ServerEvent,
  StreamPosition,
} from "../events.ts";
import { WIRE_LIMITS } from "../limits.ts";
import {
  beginFrame,
  endFrame,
  frameBytes,
  writeNumber,
  writeString,
} from "./fields.ts";
import { HANDLE_KINDS, SERVER_FLAGS, SERVER_KINDS } from "./kinds.ts";
import { codeText, type TextCode, writeText } from "./message_text.ts";
import { writeError } from "./write_error.ts";

/** Appends a frame of strings alone. */
function writeStrings(
  writer: ByteWriter,
  kind: number,
  ...strings: readonly string[]
): void {
  const start = beginFrame(writer, kind, 0);
  for (const each of strings) writeString(writer, each);
  endFrame(writer, start);
}

/**
 * Where a message stands.
 *
 * @throws {LocalProtocolError} when the event does not say so.
 */
export function placeOf(event: {
  readonly type: string;
  readonly place?: Place;
}): Place {
  if (event.place !== undefined) return event.place;
  throw new LocalProtocolError(
    `A ${event.type} without its place can't be sent`,
  );
}

function writeMessage(
  writer: ByteWriter,
  event: Said,
  sender: number,
  pause: number,
  code: TextCode | undefined,
): void {
  const text = codeText(event.text, code);
  const flags = text.flags | (pause > 0 ? SERVER_FLAGS.message.pause : 0);
  const start = beginFrame(writer, SERVER_KINDS.message, flags);
  writeNumber(writer, sender, "sender's handle");
  if (pause !== 0) writeNumber(writer, pause, "pause");
  writeText(writer, text);
  endFrame(writer, start);
}

function writePast(
  writer: ByteWriter,
  event: Said,
  place: Place,
  code: TextCode | undefined,
): void {
  const text = codeText(event.text, code);
  const known = place.sender === undefined ? 0 : SERVER_FLAGS.past.sender;
  const start = beginFrame(writer, SERVER_KINDS.past, text.flags | known);
  writeNumber(writer, place.room, "room's handle");
  writeNumber(writer, place.id, "id");
  writeNumber(writer, place.sequence, "sequence");
  writeNumber(writer, place.time, "time");
  if (place.sender !== undefined) {
    writeNumber(writer, place.sender, "sender's handle");
  }
  writeString(writer, event.sender);
  writeText(writer, text);
  endFrame(writer, start);
}

function writeSaid(
  writer: ByteWriter,
  event: Said,
  code: TextCode | undefined,
): void {
  const place = placeOf(event);
  if (place.pause === undefined || event.history === true) {
    return writePast(writer, event, place, code);
  }
  if (place.sender === undefined) {
    throw new LocalProtocolError(
      "A message of a stream has its sender's handle",
    );
  }
  writeMessage(writer, event, place.sender, place.pause, code);
}

function writePresence(
  writer: ByteWriter,
  { handles, user, here }: Presence,
): void {
  if (handles === undefined) {
    throw new LocalProtocolError("A presence without handles can't be sent");
  }
  const { presence: kind } = SERVER_KINDS;
  const start = beginFrame(writer, kind, here ? SERVER_FLAGS.presence.here : 0);
  writeNumber(writer, handles.user, "user's handle");
  writeString(writer, user);
  endFrame(writer, start);
}

function writeCrowd(writer: ByteWriter, { here, joined, left }: Crowd): void {
  const start = beginFrame(writer, SERVER_KINDS.crowd, 0);
  writeNumber(writer, here, "number of people");
  writeNumber(writer, joined, "number of those who joined");
  writeNumber(writer, left, "number of those who left");
  endFrame(writer, start);
}

function writeReceived(
  writer: ByteWriter,
  { behind, sequence }: ReceivedByAll,
): void {
  const { received: flag } = SERVER_FLAGS;
  const flags = behind === undefined
    ? flag.sequence
    : behind > 0
    ? flag.behind
    : 0;
  const start = beginFrame(writer, SERVER_KINDS.received, flags);
  if (behind === undefined) writeNumber(writer, sequence, "sequence");
  else if (behind !== 0) writeNumber(writer, behind, "distance");
  endFrame(writer, start);
}

function writePosition(
  writer: ByteWriter,
  { room, sequence, time }: StreamPosition,
): void {
  const start = beginFrame(writer, SERVER_KINDS.position, 0);
  writeNumber(writer, room, "room's handle");
  writeNumber(writer, sequence, "sequence");
  writeNumber(writer, time, "time");
  endFrame(writer, start);
}

/** Appends what a handle stands for. */
export function writeHandleName(
  writer: ByteWriter,
  { handle, kind, name }: HandleName,
): void {
  writeNumber(writer, handle, "handle");
  writer.varint(HANDLE_KINDS.indexOf(kind));
  writeString(writer, name);
}

function writeRoom(writer: ByteWriter, state: RoomStates["rooms"][number]) {
  const { room, kind, name, last, received, read, receivedByAll } = state;
  writeHandleName(writer, { handle: room, kind, name });
  writeString(writer, state.topic ?? "");
  writeNumber(writer, last, "last sequence");
  writeNumber(writer, received, "sequence received");
  writeNumber(writer, read, "sequence read");
  writeNumber(writer, receivedByAll, "sequence received by all");
}

/** Appends a list, in as many frames as it takes. */
function writeSplit<Item>(
  writer: ByteWriter,
  kind: number,
  items: readonly Item[],
  write: (writer: ByteWriter, item: Item) => void,
): void {
  let start = beginFrame(writer, kind, 0);
  for (const item of items) {
    const before = writer.length;
    write(writer, item);
    if (frameBytes(writer, start) <= WIRE_LIMITS.bodyBytes) continue;
    writer.truncate(before);
    endFrame(writer, start);
    start = beginFrame(writer, kind, 0);
    write(writer, item);
  }
  endFrame(writer, start);
}

function writeEvent(
  writer: ByteWriter,
  event: ServerEvent,
  code: TextCode | undefined,
): void {
  switch (event.type) {
    case "room_msg":
    case "private_msg_delivery":
      return writeSaid(writer, event, code);
    case "received_by_all":
      return writeReceived(writer, event);
    case "presence":
      return writePresence(writer, event);
    case "crowd":
      return writeCrowd(writer, event);
    case "position":
      return writePosition(writer, event);
    case "rooms":
      return writeSplit(writer, SERVER_KINDS.rooms, event.rooms, writeRoom);
    case "names":
      return writeSplit(
        writer,
        SERVER_KINDS.names,
        event.names,
        writeHandleName,
      );
    case "system_msg":
      return writeStrings(writer, SERVER_KINDS.system, event.text);
    case "invitation":
      return writeStrings(
        writer,
        SERVER_KINDS.invitation,
        event.user,
        event.room,
      );
    case "moved":
      return writeStrings(writer, SERVER_KINDS.moved, event.left, event.room);
    case "topic": {
      const { user, room, topic } = event;
      return writeStrings(writer, SERVER_KINDS.topic, user, room, topic);
    }
    case "away":
      return writeStrings(
        writer,
        SERVER_KINDS.away,
        event.user,
        event.text ?? "",
      );
    case "error_msg": {
      const start = beginFrame(writer, SERVER_KINDS.closing, 0);
      writeError(writer, event.code, event.text);
      return endFrame(writer, start);
    }
    default:
      throw new LocalProtocolError(`A ${event.type} is nothing but a reply`);
  }
}

/** Writes, or appends nothing when that throws. */
export function wholly(writer: ByteWriter, write: () => void): void {
  const start = writer.length;
  try {
    write();
  } catch (error) {
    writer.truncate(start);
    throw error;
  }
}

function encoding(code: TextCode | undefined): EventEncoding {
  return {
    name: "chatp2",
    write: (writer, event) =>
      wholly(writer, () => writeEvent(writer, event, code)),
  };
}

/** How events look where no feature is in use. */
export const CHATPROTO2_EVENTS: EventEncoding = encoding(undefined);

/** How they look before the preface is done: nothing can be said. */
export const CHATPROTO2_SILENCE: EventEncoding = {
  name: "chatp2",
  write: () => {},
};

const CODED = new WeakMap<TextCode, EventEncoding>();

/** How events look with texts in this code: the same encoding each time. */
export function codedEvents(code: TextCode): EventEncoding {
  let coded = CODED.get(code);
  if (coded === undefined) CODED.set(code, coded = encoding(code));
  return coded;
}
