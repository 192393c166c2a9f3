/**
 * What a client of this wire reads in answers and pushes (docs/udpchat.md).
 *
 * The other end may be the original's server: the fields that ours adds may all
 * be missing.
 *
 * @module
 */

import { type ErrorCode, isErrorCode } from "../errors.ts";
import type { ErrorMessage, RoomKind } from "../events.ts";
import { malformed } from "../stream_reader.ts";
import type { DatagramBody } from "./datagram.ts";

/** What there is to know of an answer. */
export interface AnswerBody {
  readonly status: number;
  /** Of ours; of the original what is nearest to the status. */
  readonly code: ErrorCode;
  readonly error: string;
  readonly response: unknown;
}

/** Something that was said, as it is pushed or told in a page. */
export interface SaidBody {
  readonly id: number;
  /** Its number in the room; undefined from the original. */
  readonly sequence: number | undefined;
  readonly sender: string;
  readonly text: string;
  /** Without a zone; taken for UTC. ms since 1970, or undefined. */
  readonly time: number | undefined;
  /** The author's time as it was written. */
  readonly sent: string | undefined;
}

/** A push of the type `CHT`. */
export interface ChatPush extends SaidBody {
  readonly group: string;
  /** At the author's own address the SEQN of its request. */
  readonly requestSeqn: number | undefined;
  readonly history: boolean;
}

/** A group of one's own, from the answer to `GRP_HST`. */
export interface GroupBody {
  readonly name: string;
  readonly members: readonly string[];
  readonly kind: RoomKind | undefined;
  /** Undefined from the original, which does not count. */
  readonly counted: {
    readonly last: number;
    readonly received: number;
    readonly receivedByAll: number;
  } | undefined;
}

/** A text that must be there. */
function text(body: DatagramBody, name: string): string {
  const value = body[name];
  if (typeof value === "string") return value;
  throw malformed(`the field "${name}" is not a text`);
}

/** Longer texts are no names, and to compare them would take its time. */
const LONGEST_NAME = 256;

/** A group's name that must be there. */
function groupName(body: DatagramBody, name: string): string {
  const value = text(body, name);
  if (value.length <= LONGEST_NAME) return value;
  throw malformed(`the field "${name}" is too long for a name`);
}

/** A number from 0, or undefined. */
function count(body: DatagramBody, name: string): number | undefined {
  const value = body[name];
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : undefined;
}

function id(body: DatagramBody): number {
  const value = count(body, "MessageID");
  if (value === undefined) {
    throw malformed('the field "MessageID" is not a number');
  }
  return value;
}

function objects(value: unknown, what: string): DatagramBody[] {
  if (!Array.isArray(value)) throw malformed(`${what} is not a list`);
  return value.map((each: unknown) => {
    if (typeof each === "object" && each !== null) return each as DatagramBody;
    throw malformed(`${what} is not a list of objects`);
  });
}

/** A list of names, empty where there is none. */
export function names(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((each: unknown) => typeof each === "string")
    : [];
}

/** A time without a zone as ms since 1970, read as UTC. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > 32) return undefined;
  const time = Date.parse(`${value.replace(" ", "T")}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** What a status of the original stands for. */
function codeOf(body: DatagramBody, status: number): ErrorCode {
  const code = count(body, "code") ?? status;
  return isErrorCode(code) ? code : 400;
}

/** Reads the answer to a request. */
export function readAnswer(body: DatagramBody): AnswerBody {
  const status = count(body, "status");
  if (status === undefined) throw malformed("an answer has no status");
  const { error } = body;
  return {
    status,
    code: codeOf(body, status),
    error: typeof error === "string" ? error : "The server does not say why",
    response: body["response"],
  };
}

/** What went wrong, as an event. */
export function refusal({ code, error }: AnswerBody): ErrorMessage {
  return { type: "error_msg", code, text: error };
}

/** Reads the fields of an object in `response`. */
export function fieldsOf(response: unknown): DatagramBody {
  return typeof response === "object" && response !== null
    ? response as DatagramBody
    : {};
}

/** Reads a push of the type `CHT`. */
export function readChatPush(body: DatagramBody): ChatPush {
  const { time_sent: sent, msg_seqn: seqn } = body;
  return {
    id: id(body),
    sequence: count(body, "sequence"),
    group: groupName(body, "group"),
    sender: text(body, "username"),
    text: text(body, "text"),
    time: timeOf(sent),
    sent: typeof sent === "string" ? sent : undefined,
    requestSeqn: typeof seqn === "number" ? seqn : undefined,
    history: body["history"] === true,
  };
}

/** Reads the answer to `MSG_HST`, oldest first. */
export function readPage(response: unknown): SaidBody[] {
  return objects(response, "the history").map((entry) => {
    const sent = entry["time_sent"];
    return {
      id: id(entry),
      sequence: count(entry, "sequence"),
      sender: text(entry, "Username"),
      text: text(entry, "Text"),
      time: timeOf(entry["Date_Sent"]),
      sent: typeof sent === "string" ? sent : undefined,
    };
  });
}

const KINDS: ReadonlySet<unknown> = new Set<RoomKind>([
  "public",
  "group",
  "direct",
]);

/** Reads the answer to `GRP_HST`. */
export function readGroups(response: unknown): GroupBody[] {
  return objects(response, "the list of groups").map((entry) => {
    const last = count(entry, "sequence");
    const kind = entry["kind"];
    return {
      name: groupName(entry, "Name"),
      members: names(entry["Members"]),
      kind: KINDS.has(kind) ? kind as RoomKind : undefined,
      counted: last === undefined ? undefined : {
        last,
        received: count(entry, "received") ?? last,
        receivedByAll: count(entry, "receivedByAll") ?? 0,
      },
    };
  });
}

/** Reads a push of the type `MSG_RBA`. */
export function readReceivedByAll(body: DatagramBody) {
  return {
    group: groupName(body, "group"),
    id: id(body),
    sequence: count(body, "sequence"),
  };
}

/** Where a message of one's own stands, from the answer to its `CHT`. */
export function readStored(body: DatagramBody) {
  return {
    id: count(body, "MessageID"),
    sequence: count(body, "sequence"),
    repeated: body["repeated"] === true,
  };
}

/** Reads a push of the type `GRP_SUB`. */
export function readSubscription(body: DatagramBody) {
  const by = body["by"];
  return {
    group: groupName(body, "group"),
    members: names(body["Members"]),
    by: typeof by === "string" ? by : undefined,
  };
}
