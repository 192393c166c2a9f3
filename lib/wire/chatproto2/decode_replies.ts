/**
 * What a REPLY says, by the request that it answers (docs/chatproto2.md,
 * "Frames of the client").
 *
 * @module
 */

import { copyOf } from "../bytes.ts";
import type {
  HandleName,
  MemberState,
  Place,
  RoomState,
  Said,
  ServerEvent,
} from "../events.ts";
import { malformed } from "../stream_reader.ts";
import type { Directory } from "./directory.ts";
import type { FieldReader } from "./fields.ts";
import {
  ENTRY_FLAGS,
  HANDLE_KINDS,
  MEMBER_STATES,
  SERVER_FLAGS,
} from "./kinds.ts";
import { readText, type TextCode } from "./message_text.ts";
import type { Asked } from "./questions.ts";

/** What reading a reply takes. */
export interface ReplyParts {
  readonly fields: FieldReader;
  /** The frame's. */
  readonly flags: number;
  readonly directory: Directory;
  readonly textCode: TextCode | undefined;
  /** Oneself. */
  readonly username: string;
}

function readKind(fields: FieldReader): HandleName["kind"] {
  const what = fields.number("what");
  const kind = HANDLE_KINDS[what];
  if (kind === undefined) throw malformed(`nothing is of the kind ${what}`);
  return kind;
}

/** Names up to the end of the frame, which are known from now on. */
export function readNames(
  fields: FieldReader,
  directory: Directory,
): HandleName[] {
  return fields.list((item) => {
    const handle = item.number("handle");
    const kind = readKind(item);
    const name = item.string("name");
    directory.learn(handle, kind, name);
    return { handle, kind, name };
  });
}

/** Rooms up to the end of the frame. */
export function readRooms(fields: FieldReader): RoomState[] {
  return fields.list((item) => {
    const room = item.number("room");
    const kind = readKind(item);
    if (kind === "user") throw malformed("a person is no room");
    const name = item.string("name");
    const topic = item.string("topic");
    return {
      room,
      kind,
      name,
      ...topic !== "" && { topic },
      last: item.number("last sequence"),
      received: item.number("sequence received"),
      read: item.number("sequence read"),
      receivedByAll: item.number("sequence received by all"),
    };
  });
}

/** Where a message of the past stands. */
export function pastPlace(
  fields: FieldReader,
  room: number,
  id: number,
): Omit<Place, "sender"> {
  const sequence = fields.number("sequence");
  return { id, room, sequence, time: fields.number("time") };
}

function readEntry(
  { fields, directory, textCode }: ReplyParts,
): Said {
  const id = fields.number("id");
  const place = pastPlace(fields, fields.number("room"), id);
  const flags = fields.number("flags");
  const handle = (flags & ENTRY_FLAGS.sender) === 0
    ? undefined
    : fields.number("sender's handle");
  const sender = fields.string("sender");
  const name = fields.string("name");
  const text = readText(fields.bytes("text"), flags, textCode);
  if (handle !== undefined) directory.learn(handle, "user", sender);
  const rest = {
    sender,
    text,
    place: handle === undefined ? place : { ...place, sender: handle },
  };
  return (flags & ENTRY_FLAGS.direct) === 0
    ? { type: "room_msg", room: name, ...rest }
    : { type: "private_msg_delivery", recipient: name, ...rest };
}

function readMember({ fields, directory }: ReplyParts): MemberState {
  const user = fields.number("user's handle");
  const state = fields.number("state");
  const name = fields.string("name");
  directory.learn(user, "user", name);
  return {
    user,
    name,
    account: (state & MEMBER_STATES.account) !== 0,
    here: (state & MEMBER_STATES.here) !== 0,
    ...(state & MEMBER_STATES.away) !== 0 && { away: fields.string("reason") },
  };
}

/**
 * The event that a REPLY is.
 *
 * @throws {RemoteProtocolError} not fatal, when it is malformed or no reply to
 * such a request.
 */
export function readReply(parts: ReplyParts, { type }: Asked): ServerEvent {
  const { fields } = parts;
  const strings = (name: string) => fields.list((item) => item.string(name));
  switch (type) {
    case "register":
      return { type, username: parts.username };
    case "change_password":
      return (parts.flags & SERVER_FLAGS.reply.token) === 0
        ? { type }
        : { type, token: fields.string("token") };
    case "publish_key":
      return { type };
    case "find_key": {
      const user = fields.string("user");
      return { type, user, key: copyOf(fields.bytes("key")) };
    }
    case "join_room":
    case "leave_room":
      return { type, room: fields.string("name") };
    case "make_group":
    case "list_users":
      return { type, room: fields.string("name"), users: strings("user") };
    case "invite":
      return { type, room: fields.string("name"), user: fields.string("user") };
    case "set_topic":
      return {
        type,
        room: fields.string("name"),
        topic: fields.string("topic"),
      };
    case "set_away": {
      const text = fields.string("text");
      return text === "" ? { type } : { type, text };
    }
    case "list_rooms":
      return { type, rooms: strings("name") };
    case "list_members": {
      const room = fields.string("name");
      return { type, room, members: fields.list(() => readMember(parts)) };
    }
    case "history": {
      const more = fields.number("more") !== 0;
      const room = fields.string("name");
      return {
        type,
        room,
        messages: fields.list(() => readEntry(parts)),
        more,
      };
    }
    case "search": {
      const more = fields.number("more") !== 0;
      return { type, messages: fields.list(() => readEntry(parts)), more };
    }
    case "ask_names":
    case "names":
      return { type: "names", names: readNames(fields, parts.directory) };
    default:
      throw malformed(`no REPLY answers a ${type}`);
  }
}
