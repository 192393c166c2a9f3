/**
 * How replies look on ChatProto 2 (docs/chatproto2.md, "Requests and replies").
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import { LocalProtocolError } from "../errors.ts";
import type {
  HistoryPage,
  LoginAck,
  MemberState,
  Place,
  PrivateMessageDelivery,
  RoomMessageAck,
  Said,
  SearchResult,
  ServerEvent,
} from "../events.ts";
import { WIRE_LIMITS } from "../limits.ts";
import { placeOf, writeHandleName } from "./encode_events.ts";
import {
  beginFrame,
  endFrame,
  frameBytes,
  writeBytes,
  writeNumber,
  writeString,
} from "./fields.ts";
import {
  ENTRY_FLAGS,
  FRAME_FLAGS,
  MEMBER_STATES,
  SERVER_FLAGS,
  SERVER_KINDS,
} from "./kinds.ts";
import { codeText, type TextCode } from "./message_text.ts";
import { writeError } from "./write_error.ts";

/** What a reply needs to know of its request. */
export interface Question {
  readonly number: number;
  /** It asked for the oldest messages behind something. */
  readonly forward: boolean;
}

/** Begins a frame that has a request number. */
export function beginNumbered(
  writer: ByteWriter,
  kind: number,
  flags: number,
  number: number,
): number {
  const flag = number === 0 ? 0 : FRAME_FLAGS.number;
  const start = beginFrame(writer, kind, flags | flag);
  if (number !== 0) writer.varint(number);
  return start;
}

function writeStored(
  writer: ByteWriter,
  number: number,
  event: RoomMessageAck | PrivateMessageDelivery,
): void {
  const place = placeOf(event);
  const { pause } = place;
  const flag = SERVER_FLAGS.stored;
  const flags = (event.repeated === true ? flag.repeated : 0) |
    (pause === undefined ? flag.place : pause === 0 ? 0 : flag.pause);
  const start = beginNumbered(writer, SERVER_KINDS.stored, flags, number);
  if (pause === undefined) writePlace(writer, place);
  else if (pause !== 0) writeNumber(writer, pause, "pause");
  endFrame(writer, start);
}

function writePlace(writer: ByteWriter, { room, sequence, time }: Place): void {
  writeNumber(writer, room, "room's handle");
  writeNumber(writer, sequence, "sequence");
  writeNumber(writer, Math.floor(time / 1000), "time");
}

function writeWelcome(
  writer: ByteWriter,
  number: number,
  { username, user = 0, room, roomHandle = 0, token }: LoginAck,
): void {
  const flags = token === undefined ? 0 : SERVER_FLAGS.welcome.token;
  const start = beginNumbered(writer, SERVER_KINDS.welcome, flags, number);
  writeString(writer, username);
  writeNumber(writer, user, "user's handle");
  writeNumber(writer, roomHandle, "room's handle");
  writeString(writer, room);
  if (token !== undefined) writeString(writer, token);
  endFrame(writer, start);
}

/** Appends as many items as fit the frame begun at `start`. */
function writeFitting<Item>(
  writer: ByteWriter,
  start: number,
  items: readonly Item[],
  write: (writer: ByteWriter, item: Item) => void,
): void {
  for (const item of items) {
    const before = writer.length;
    write(writer, item);
    if (frameBytes(writer, start) > WIRE_LIMITS.bodyBytes) {
      return writer.truncate(before);
    }
  }
}

function writeMember(
  writer: ByteWriter,
  { user, name, account, here, away }: MemberState,
): void {
  writeNumber(writer, user, "user's handle");
  writer.varint(
    (account ? MEMBER_STATES.account : 0) |
      (here ? MEMBER_STATES.here : 0) |
      (away === undefined ? 0 : MEMBER_STATES.away),
  );
  writeString(writer, name);
  if (away !== undefined) writeString(writer, away);
}

function writeEntry(
  writer: ByteWriter,
  event: Said,
  code: TextCode | undefined,
): void {
  const place = placeOf(event);
  const direct = event.type === "private_msg_delivery";
  const { flags, bytes } = codeText(event.text, code);
  const known = place.sender === undefined ? 0 : ENTRY_FLAGS.sender;
  writeNumber(writer, place.id, "id");
  writeNumber(writer, place.room, "room's handle");
  writeNumber(writer, place.sequence, "sequence");
  writeNumber(writer, place.time, "time");
  writer.varint(flags | known | (direct ? ENTRY_FLAGS.direct : 0));
  if (place.sender !== undefined) {
    writeNumber(writer, place.sender, "sender's handle");
  }
  writeString(writer, event.sender);
  writeString(writer, direct ? event.recipient : event.room);
  if (typeof bytes === "string") writeString(writer, bytes);
  else writeBytes(writer, bytes);
}

function writePage(
  writer: ByteWriter,
  { number, forward }: Question,
  event: HistoryPage | SearchResult,
  code: TextCode | undefined,
): void {
  const begun = writer.length;
  let { messages, more } = event;
  for (;;) {
    const start = beginNumbered(writer, SERVER_KINDS.reply, 0, number);
    writer.varint(more ? 1 : 0);
    if (event.type === "history") writeString(writer, event.room);
    for (const message of messages) writeEntry(writer, message, code);
    const bytes = frameBytes(writer, start);
    if (bytes <= WIRE_LIMITS.bodyBytes) return endFrame(writer, start);
    // The rest is asked for from the last one shown on.
    const fewer = messages.length - Math.ceil(messages.length / 8);
    messages = forward
      ? messages.slice(0, fewer)
      : messages.slice(messages.length - fewer);
    more = true;
    writer.truncate(begun);
  }
}

/** Appends what is behind the number of a REPLY. */
function writeFields(
  writer: ByteWriter,
  start: number,
  event: ServerEvent,
): void {
  switch (event.type) {
    case "register":
    case "publish_key":
      return;
    case "find_key":
      writeString(writer, event.user);
      return writeBytes(writer, event.key);
    case "change_password":
      if (event.token !== undefined) writeString(writer, event.token);
      return;
    case "join_room":
    case "leave_room":
      return writeString(writer, event.room);
    case "make_group":
    case "list_users":
      writeString(writer, event.room);
      return writeFitting(writer, start, event.users, writeString);
    case "invite":
      writeString(writer, event.room);
      return writeString(writer, event.user);
    case "set_topic":
      writeString(writer, event.room);
      return writeString(writer, event.topic);
    case "set_away":
      return writeString(writer, event.text ?? "");
    case "list_rooms":
      return writeFitting(writer, start, event.rooms, writeString);
    case "list_members":
      writeString(writer, event.room);
      return writeFitting(writer, start, event.members, writeMember);
    case "names":
      return writeFitting(writer, start, event.names, writeHandleName);
    default:
      throw new LocalProtocolError(`A ${event.type} is no reply`);
  }
}

/**
 * Appends the reply to a request.
 *
 * @throws {LocalProtocolError} when it can't be carried.
 */
export function writeReply(
  writer: ByteWriter,
  question: Question,
  event: ServerEvent,
  code: TextCode | undefined,
): void {
  const { number } = question;
  switch (event.type) {
    case "room_msg_ack":
    case "private_msg_delivery":
      return writeStored(writer, number, event);
    case "login_ack":
      return writeWelcome(writer, number, event);
    case "error_msg":
    case "login_reject": {
      const { refused: kind } = SERVER_KINDS;
      const start = beginNumbered(writer, kind, 0, number);
      const text = event.type === "error_msg" ? event.text : event.reason;
      writeError(writer, event.code, text);
      return endFrame(writer, start);
    }
    case "history":
    case "search":
      return writePage(writer, question, event, code);
  }
  const flags = event.type === "change_password" && event.token !== undefined
    ? SERVER_FLAGS.reply.token
    : 0;
  const start = beginNumbered(writer, SERVER_KINDS.reply, flags, number);
  writeFields(writer, start, event);
  endFrame(writer, start);
}
