/**
 * How requests look on ChatProto 2 (docs/chatproto2.md, "Frames of the
 * client").
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import type {
  HistoryRequest,
  Login,
  LookUp,
  Notice,
  Register,
  Request,
  Resume,
  SearchRequest,
} from "../requests.ts";
import { beginNumbered } from "./encode_replies.ts";
import { endFrame, writeBytes, writeNumber, writeString } from "./fields.ts";
import { CLIENT_FLAGS, CLIENT_KINDS } from "./kinds.ts";
import { codeText, type TextCode, writeText } from "./message_text.ts";

/** A request of this wire that gets a reply. */
export type Numbered = Exclude<Request, Notice | LookUp>;

/** What a request has besides itself. */
export interface RequestPlace {
  readonly number: number;
  /** The handle of the room that it is about; 0: it names none. */
  readonly room: number;
  /** The handle of the room that the last SAY went to. */
  readonly said: number;
}

/** The kinds of requests that have but one. */
const KINDS = {
  room_msg: CLIENT_KINDS.say,
  private_msg: CLIENT_KINDS.tell,
  login: CLIENT_KINDS.login,
  resume: CLIENT_KINDS.resume,
  register: CLIENT_KINDS.register,
  change_password: CLIENT_KINDS.password,
  join_room: CLIENT_KINDS.join,
  leave_room: CLIENT_KINDS.leave,
  make_group: CLIENT_KINDS.group,
  invite: CLIENT_KINDS.invite,
  list_rooms: CLIENT_KINDS.list,
  list_users: CLIENT_KINDS.list,
  list_members: CLIENT_KINDS.list,
  history: CLIENT_KINDS.history,
  search: CLIENT_KINDS.search,
  names: CLIENT_KINDS.askNames,
  set_topic: CLIENT_KINDS.topic,
  set_away: CLIENT_KINDS.away,
  publish_key: CLIENT_KINDS.publishKey,
  find_key: CLIENT_KINDS.findKey,
} as const satisfies Record<Numbered["type"], number>;

/** Whether a request is one of this wire that gets a reply. */
export function isNumbered(request: Request): request is Numbered {
  return Object.hasOwn(KINDS, request.type);
}

/**
 * Appends a request.
 *
 * @throws {LocalProtocolError} when it can't be carried.
 */
export function writeRequest(
  writer: ByteWriter,
  request: Numbered,
  place: RequestPlace,
  code: TextCode | undefined,
): void {
  const { number, room } = place;
  const begin = (flags: number) =>
    beginNumbered(writer, KINDS[request.type], flags, number);
  let start: number;
  switch (request.type) {
    case "room_msg": {
      const text = codeText(request.text, code);
      const named = room !== place.said;
      start = begin(text.flags | (named ? CLIENT_FLAGS.say.room : 0));
      if (named) writeNumber(writer, room, "room's handle");
      writeText(writer, text);
      break;
    }
    case "private_msg": {
      const text = codeText(request.text, code);
      start = begin(text.flags);
      writeString(writer, request.recipient);
      writeText(writer, text);
      break;
    }
    case "list_rooms":
    case "list_users":
    case "list_members": {
      start = begin(listFlags(request.type, room));
      if (room !== 0) writeNumber(writer, room, "room's handle");
      break;
    }
    default:
      start = begin(flagsOf(request));
      writeFields(writer, request, room);
  }
  endFrame(writer, start);
}

function listFlags(
  type: "list_rooms" | "list_users" | "list_members",
  room: number,
): number {
  const { users, members, room: named } = CLIENT_FLAGS.list;
  const what = { list_rooms: 0, list_users: users, list_members: members };
  return what[type] | (room === 0 ? 0 : named);
}

/** The requests whose flags say nothing but which fields there are. */
type Plain = Exclude<
  Numbered,
  {
    readonly type:
      | "room_msg"
      | "private_msg"
      | "list_rooms"
      | "list_users"
      | "list_members";
  }
>;

function flagsOf(request: Plain): number {
  switch (request.type) {
    case "login": {
      const { password, keep } = CLIENT_FLAGS.login;
      return (request.password === undefined ? 0 : password) |
        (request.keep === true ? keep : 0);
    }
    case "register": {
      const { user, keep } = CLIENT_FLAGS.register;
      return (request.username === undefined ? 0 : user) |
        (request.keep === true ? keep : 0);
    }
    case "history": {
      const { before, after, since } = CLIENT_FLAGS.history;
      return (request.before === undefined ? 0 : before) |
        (request.after === undefined ? 0 : after) |
        (request.since === undefined ? 0 : since);
    }
    case "search": {
      const { before, room } = CLIENT_FLAGS.search;
      return (request.before === undefined ? 0 : before) |
        (request.room === undefined ? 0 : room);
    }
    case "set_topic":
      return request.room === undefined ? 0 : CLIENT_FLAGS.topic.room;
  }
  return 0;
}

function writeFields(writer: ByteWriter, request: Plain, room: number): void {
  switch (request.type) {
    case "login":
    case "register":
      return writeLogin(writer, request);
    case "resume":
      return writeResume(writer, request);
    case "change_password":
      writeString(writer, request.password);
      return writeString(writer, request.newPassword);
    case "join_room":
      return writeString(writer, request.room);
    case "leave_room":
      return writeNumber(writer, room, "room's handle");
    case "make_group":
      writeString(writer, request.room);
      return request.users.forEach((user) => writeString(writer, user));
    case "invite":
      writeNumber(writer, room, "room's handle");
      return writeString(writer, request.user);
    case "history":
      return writeHistory(writer, request, room);
    case "search":
      return writeSearch(writer, request, room);
    case "set_topic":
      if (request.room !== undefined) {
        writeNumber(writer, room, "room's handle");
      }
      return writeString(writer, request.topic);
    case "set_away":
      return writeString(writer, request.text ?? "");
    case "publish_key":
      return writeBytes(writer, request.key);
    case "find_key":
      return writeString(writer, request.user);
    case "names":
      return request.handles.forEach((handle) =>
        writeNumber(writer, handle, "handle")
      );
  }
}

function writeLogin(
  writer: ByteWriter,
  { username, password }: Login | Register,
): void {
  if (username !== undefined) writeString(writer, username);
  if (password !== undefined) writeString(writer, password);
}

function writeResume(
  writer: ByteWriter,
  { token, ref = 0, positions }: Resume,
): void {
  writeString(writer, token);
  writeNumber(writer, ref, "ref");
  for (const { room, sequence } of positions) {
    writeNumber(writer, room, "room's handle");
    writeNumber(writer, sequence, "sequence");
  }
}

function writeHistory(
  writer: ByteWriter,
  { limit = 0, before, after, since }: HistoryRequest,
  room: number,
): void {
  writeNumber(writer, room, "room's handle");
  writeNumber(writer, limit, "limit");
  if (before !== undefined) writeNumber(writer, before, "sequence before");
  if (after !== undefined) writeNumber(writer, after, "sequence after");
  if (since !== undefined) writeNumber(writer, since, "time");
}

function writeSearch(
  writer: ByteWriter,
  { words, limit = 0, before, ...where }: SearchRequest,
  room: number,
): void {
  writeNumber(writer, limit, "limit");
  writeString(writer, words);
  if (where.room !== undefined) writeNumber(writer, room, "room's handle");
  if (before !== undefined) writeNumber(writer, before, "id");
}
