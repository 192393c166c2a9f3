/**
 * The requests of this wire, as the model has them, and what they are answered
 * (docs/udpchat.md, "Requests"): one table.
 *
 * @module
 */

import { ERROR_CODES, type ErrorCode } from "../errors.ts";
import type { HistoryPage, ServerEvent } from "../events.ts";
import type { Request } from "../requests.ts";
import { malformed } from "../stream_reader.ts";
import { textBytes } from "../text.ts";
import { DATAGRAM_LIMITS, type DatagramBody } from "./datagram.ts";
import {
  groupOfRoom,
  groupOfTwo,
  otherOf,
  roomOfGroup,
} from "./group_names.ts";
import { RESERVED_ROOM } from "../names.ts";
import { shownText } from "./pushes.ts";
import { isTimeSent, writeDate, writeTimeSent } from "./times.ts";

/** A request that was understood. */
export interface Asked {
  readonly type: RequestType;
  readonly request: Request;
  /** Who says to be asking, where the request tells. */
  readonly username: string | undefined;
  readonly body: DatagramBody;
}

/** What a reply says in the field `response`, and what else it has. */
type Reply = Readonly<Record<string, unknown>> & {
  readonly response: unknown;
};

/** One type of request. */
interface RequestRow {
  /** @throws {RemoteProtocolError} 400 when a field is not what it should be. */
  readonly ask: (body: DatagramBody) => Request;
  /** What is answered; undefined when that event answers something else. */
  readonly reply: (event: ServerEvent, asked: Asked) => Reply | undefined;
  /** It tells who asks and logs in; else it needs a login. */
  readonly opens?: true;
  /** It does not tell who asks. */
  readonly nameless?: true;
}

/** A field that may be absent. */
function optional(body: DatagramBody, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") {
    throw malformed(`the field "${name}" is a text`);
  }
  return value;
}

function text(body: DatagramBody, name: string): string {
  const value = optional(body, name);
  if (value === undefined) throw malformed(`the field "${name}" is missing`);
  return value;
}

/** A whole number from 1, if there is one. */
function count(body: DatagramBody, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw malformed(`the field "${name}" is a whole number from 1`);
  }
  return value as number;
}

function names(body: DatagramBody, name: string): string[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) {
    throw malformed(`the field "${name}" is a list of names`);
  }
  return value;
}

const REF = /^[!-~]{1,64}$/;

/** By what a request is known that is made again. */
function key(body: DatagramBody): { readonly idempotencyKey?: string } {
  const ref = optional(body, "ref");
  if (ref === undefined) return {};
  if (REF.test(ref)) return { idempotencyKey: ref };
  throw malformed(
    'the field "ref" has 1 to 64 characters, none of them a space',
  );
}

/** When it was said, by its author's clock. */
function sent(body: DatagramBody): { readonly sent?: string } {
  const time = optional(body, "time_sent");
  if (time === undefined) return {};
  if (isTimeSent(time)) return { sent: time };
  throw malformed(
    'the field "time_sent" is a time without a zone, with at most 9 digits behind the second, such as 2026-11-21T02:30:00.123456',
  );
}

function say(body: DatagramBody): Request {
  const said = { text: text(body, "text"), ...key(body), ...sent(body) };
  const group = optional(body, "group") ?? RESERVED_ROOM;
  const recipient = otherOf(group);
  return recipient === undefined
    ? { type: "room_msg", room: roomOfGroup(group), ...said }
    : { type: "private_msg", recipient, ...said };
}

/** Bytes that a response may have beside what a body has else. */
const ROOM_FOR_RESPONSE = DATAGRAM_LIMITS.sent - DATAGRAM_LIMITS.header - 200;

const jsonBytes = (value: unknown) => textBytes(JSON.stringify(value)) + 1;

/** The first of these that fit into so many bytes. */
export function firstThatFit<Each>(
  values: readonly Each[],
  bytes = ROOM_FOR_RESPONSE,
): Each[] {
  let left = bytes;
  const end = values.findIndex((value) => (left -= jsonBytes(value)) < 0);
  return end < 0 ? [...values] : values.slice(0, end);
}

function historyEntries({ messages, receivedByAll = 0 }: HistoryPage) {
  return messages.map(({ sender, text, place }) => ({
    MessageID: place?.id ?? 0,
    Username: sender,
    Text: shownText(text),
    Date_Sent: writeDate(place?.time ?? 0),
    Read_By_All: (place?.sequence ?? Infinity) <= receivedByAll,
    sequence: place?.sequence ?? 0,
    time_sent: place?.sent ?? writeTimeSent(place?.time ?? 0),
  }));
}

/** Whether a response holds all of these messages. */
export function fitsWhole(event: HistoryPage): boolean {
  const entries = historyEntries(event);
  return firstThatFit(entries).length === entries.length;
}

function history(event: ServerEvent): Reply | undefined {
  if (event.type !== "history") return undefined;
  return { response: firstThatFit(historyEntries(event).reverse()).reverse() };
}

function ownRooms(event: ServerEvent): Reply | undefined {
  if (event.type !== "list_own_rooms") return undefined;
  const all = event.rooms.map((room) => ({
    Name: room.kind === "direct"
      ? groupOfTwo(room.name)
      : groupOfRoom(room.name),
    Date_Created: writeDate(room.created),
    Members: [] as string[],
    kind: room.kind,
    sequence: room.last,
    received: room.received,
    receivedByAll: room.receivedByAll,
  }));
  const entries = firstThatFit(all);
  let left = ROOM_FOR_RESPONSE -
    entries.reduce((bytes, entry) => bytes + jsonBytes(entry), 0);
  entries.forEach((entry, index) => {
    const share = Math.floor(left / (entries.length - index));
    entry.Members = firstThatFit(event.rooms[index]?.users ?? [], share);
    left -= jsonBytes(entry.Members);
  });
  return { response: entries };
}

function said(event: ServerEvent, { body }: Asked): Reply | undefined {
  const isReceipt = event.type === "room_msg_ack" ||
    event.type === "private_msg_delivery";
  if (!isReceipt) return undefined;
  const { place, repeated } = event;
  if (place === undefined || body["ref"] === undefined) {
    return { response: null };
  }
  const { id, sequence } = place;
  return {
    response: null,
    MessageID: id,
    sequence,
    ...repeated && { repeated },
  };
}

const REQUESTS = {
  USR_LOGIN: {
    opens: true,
    ask: (body) => ({
      type: "login",
      username: text(body, "username"),
      password: text(body, "password"),
      account: true,
      keep: true,
    }),
    reply: (event) => {
      if (event.type !== "login_ack") return undefined;
      const { username, token } = event;
      return { response: { username, token } };
    },
  },
  USR_ADD: {
    opens: true,
    ask: (body) => ({
      type: "register",
      username: text(body, "username"),
      password: text(body, "password"),
      keep: true,
    }),
    reply: (event) => {
      if (event.type === "login_ack") {
        return { response: { created_user: true, token: event.token } };
      }
      const taken = event.type === "error_msg" && event.code === 409;
      return taken ? { response: { created_user: false } } : undefined;
    },
  },
  USR_LST: {
    nameless: true,
    ask: () => ({ type: "list_people" }),
    reply: (event) =>
      event.type === "list_people"
        ? { response: firstThatFit(event.users) }
        : undefined,
  },
  GRP_ADD: {
    ask: (body) => ({
      type: "make_group",
      room: text(body, "group"),
      users: names(body, "members"),
      ...key(body),
    }),
    reply: (event) => {
      if (event.type !== "make_group") return undefined;
      const Members = firstThatFit(event.users);
      return { response: { group: event.room, Members } };
    },
  },
  GRP_SUB: {
    ask: (body) => ({
      type: "join_room",
      room: roomOfGroup(text(body, "group")),
    }),
    reply: (event) =>
      event.type === "join_room" ? { response: null } : undefined,
  },
  GRP_HST: { ask: () => ({ type: "list_own_rooms" }), reply: ownRooms },
  MSG_HST: {
    ask: (body) => {
      const before = count(body, "before");
      const limit = count(body, "limit");
      return {
        type: "history",
        room: roomOfGroup(optional(body, "group") ?? RESERVED_ROOM),
        ...before !== undefined && { before },
        ...limit !== undefined && { limit },
      };
    },
    reply: history,
  },
  CHT: { ask: say, reply: said },
} as const satisfies Record<string, RequestRow>;

/** What a client asks for. */
export type RequestType = keyof typeof REQUESTS;

/** Every type of request. */
export const REQUEST_TYPES = Object.keys(REQUESTS) as readonly RequestType[];

const rowOf = (type: RequestType): RequestRow => REQUESTS[type];

/** Whether a request logs in. */
export function opensLogin({ type }: Asked): boolean {
  return rowOf(type).opens ?? false;
}

/** Whether a request does not tell who asks. */
export function isNameless({ type }: Asked): boolean {
  return rowOf(type).nameless ?? false;
}

/**
 * What a body asks for.
 *
 * @throws {RemoteProtocolError} 400, not fatal, when it is no request.
 */
export function readRequest(body: DatagramBody): Asked {
  const type = text(body, "type");
  if (!Object.hasOwn(REQUESTS, type)) {
    throw malformed(`there is no type "${type.slice(0, 20)}"`);
  }
  const known = type as RequestType;
  const username = optional(body, "username");
  return { type: known, request: rowOf(known).ask(body), username, body };
}

/** The statuses of this wire. */
export type Status = 200 | 400 | 401 | 403 | 429 | 500;

/** The status of a code of ours. */
export function statusOf(code: ErrorCode): Status {
  switch (code) {
    case 401:
    case 403:
    case 429:
    case 500:
      return code;
    case 503:
      return 500;
    default:
      return 400;
  }
}

/** Units of UTF-16 in what an error says: it may repeat what was asked. */
const LONGEST_ERROR = 500;

/** The body of an ACK that reports an error. */
export function errorBody(
  code: ErrorCode,
  error: string,
  status = statusOf(code),
): DatagramBody {
  const shown = error.slice(0, LONGEST_ERROR).toWellFormed();
  return { status, error: shown, response: null, code };
}

/** The same in fewer bytes, for who may not be sent many. */
export function shortErrorBody(code: ErrorCode): DatagramBody {
  const { title } = ERROR_CODES[code];
  return { status: statusOf(code), error: title.slice(0, 13), response: null };
}

/** The code of an event that reports an error, and what it says. */
export function errorOf(
  event: ServerEvent,
): { readonly code: ErrorCode; readonly text: string } | undefined {
  switch (event.type) {
    case "error_msg":
      return { code: event.code ?? 500, text: event.text };
    case "login_reject":
      return { code: event.code ?? 401, text: event.reason };
    default:
      return undefined;
  }
}

/** The body of the ACK of a request that was replied to. */
export function answerTo(asked: Asked, event: ServerEvent): DatagramBody {
  const reply = rowOf(asked.type).reply(event, asked);
  if (reply !== undefined) {
    const { response, ...more } = reply;
    return { status: 200, error: null, response, ...more };
  }
  const error = errorOf(event) ??
    { code: 500 as const, text: "Internal error: this can't be answered here" };
  const { code } = error;
  if (asked.type !== "USR_LOGIN") return errorBody(code, error.text);
  // What is wrong with a login is no lack of one.
  const status = code === 401 ? 400 : statusOf(code);
  const body = errorBody(code, error.text, status);
  return code === 404 ? { ...body, response: { no_account: true } } : body;
}
