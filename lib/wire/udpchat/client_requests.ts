/**
 * What a client asks on this wire, and what the answers are in the model's
 * words (docs/udpchat.md, "Requests"). Logging in is in `client_opening.ts`.
 *
 * @module
 */

import { errorText, refusal, type RemoteProtocolError } from "../errors.ts";
import type { MemberState, ServerEvent } from "../events.ts";
import { foldName } from "../names.ts";
import type {
  HistoryRequest,
  MakeGroupRequest,
  PrivateMessageRequest,
  Request,
  RoomMessageRequest,
} from "../requests.ts";
import {
  type AnswerBody,
  fieldsOf,
  type GroupBody,
  names,
  readGroups,
  readPage,
} from "./client_bodies.ts";
import type { ClientRoom, Reader } from "./client_room.ts";
import type { ClientRooms } from "./client_rooms.ts";
import type { DatagramBody } from "./datagram.ts";
import { groupOfRoom, otherOf, roomOfGroup } from "./group_names.ts";

/** A message, which is numbered and told in its place. */
export type MessageRequest = RoomMessageRequest | PrivateMessageRequest;

/** What is asked, and what is made of the answer. */
export interface Question {
  readonly body: DatagramBody;
  /** The group that is there once it is answered. */
  readonly group?: string;
  /** The reply; `answer` has status 200. */
  readonly reply: (answer: AnswerBody, reader: Reader) => ServerEvent;
}

/** A request that this wire can't carry: told to its author. */
export function cannot(detail: string): RemoteProtocolError {
  return refusal(400, detail);
}

/** The room that a message is for. */
export function roomOfMessage(
  request: MessageRequest,
  rooms: ClientRooms,
): ClientRoom {
  if (request.type === "private_msg") return rooms.ofTwo(request.recipient);
  const room = rooms.find(request.room ?? "");
  if (room === undefined) throw cannot("there is no such room");
  return room;
}

/** The body of a message, but for its `n`. */
export function messageBody(
  { text, sent, idempotencyKey }: MessageRequest,
  group: string,
  username: string,
): DatagramBody {
  if (typeof text !== "string") {
    throw cannot("udpchat:// can't carry end-to-end encrypted messages");
  }
  return {
    type: "CHT",
    group,
    text,
    username,
    ...sent !== undefined && { time_sent: sent },
    ...idempotencyKey !== undefined && { ref: idempotencyKey },
  };
}

/**
 * What else can be asked.
 *
 * @throws {RemoteProtocolError} 400 when this wire can't carry it.
 */
export function questionOf(request: Request, rooms: ClientRooms): Question {
  const { username } = rooms;
  const groups = { type: "GRP_HST", username };
  switch (request.type) {
    case "join_room": {
      const group = groupOfRoom(request.room);
      const reply = () => ({ type: "join_room", room: request.room }) as const;
      const body = { type: "GRP_SUB", group, username };
      return { body, group, reply };
    }
    case "make_group":
      return groupQuestion(request, username);
    case "list_rooms":
      return { body: groups, reply: ({ response }) => roomList(response) };
    case "list_users":
    case "list_members": {
      const room = named(request.room ?? "", rooms);
      const { type } = request;
      const reply = (answer: AnswerBody): ServerEvent => {
        const { members } = groupIn(answer.response, room);
        return type === "list_users"
          ? { type, room: room.name, users: members }
          : { type, room: room.name, members: members.map(member) };
      };
      return { body: groups, reply };
    }
    case "history":
      return historyQuestion(request, named(request.room, rooms), username);
    default:
      throw cannot(`udpchat:// can't carry ${request.type}`);
  }
}

function named(room: number | string, rooms: ClientRooms): ClientRoom {
  const found = rooms.find(room);
  if (found === undefined) throw cannot("there is no such room");
  return found;
}

function groupQuestion(
  { room, users, idempotencyKey }: MakeGroupRequest,
  username: string,
): Question {
  const reply = ({ response }: AnswerBody): ServerEvent => {
    const members = names(fieldsOf(response)["Members"]);
    return { type: "make_group", room, users: members };
  };
  const body = {
    type: "GRP_ADD",
    group: room,
    members: users,
    username,
    ...idempotencyKey !== undefined && { ref: idempotencyKey },
  };
  return { body, group: room, reply };
}

/** One's own rooms: of others this wire does not tell. */
function roomList(response: unknown): ServerEvent {
  const rooms = readGroups(response).map(({ name }) => name)
    .filter((name) => otherOf(name) === undefined).map(roomOfGroup);
  return { type: "list_rooms", rooms };
}

function groupIn(response: unknown, { group }: ClientRoom): GroupBody {
  const key = foldName(group);
  const found = readGroups(response).find((each) =>
    foldName(each.name) === key
  );
  if (found !== undefined) return found;
  const detail = "you are not a member of this room";
  throw refusal(403, detail);
}

/** This wire tells neither who is here nor who is a guest. */
function member(name: string): MemberState {
  return { user: 0, name };
}

/** A page; what the original's server does not choose is chosen here. */
function historyQuestion(
  { before, after, since, limit }: HistoryRequest,
  room: ClientRoom,
  username: string,
): Question {
  const body = {
    type: "MSG_HST",
    group: room.group,
    username,
    ...before !== undefined && { before },
    ...limit !== undefined && { limit },
  };
  const reply = ({ response }: AnswerBody, reader: Reader): ServerEvent => {
    const all = readPage(response).filter(({ sequence, time }) =>
      (sequence ?? 0) < (before ?? Infinity) &&
      (sequence ?? Infinity) > (after ?? 0) &&
      (time ?? Infinity) >= (since ?? 0)
    );
    const page = all.slice(-(limit ?? all.length) || all.length);
    const messages = page.map((each) => {
      const sequence = each.sequence ?? room.sequenceOf(each.id) ?? 0;
      return room.said(each, sequence, reader, true);
    });
    const more = page.length < all.length ||
      since === undefined && (page[0]?.sequence ?? 1) > 1;
    return { type: "history", room: room.name, messages, more };
  };
  return { body, reply };
}

/** An error of this end, as the server would tell it. */
export function refusalOf({ code, detail }: RemoteProtocolError): ServerEvent {
  return { type: "error_msg", code, text: errorText(code, detail) };
}
