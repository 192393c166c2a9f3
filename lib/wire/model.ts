/**
 * How messages look on the wires of ChatProto 1.0 and JSON: one table, read by
 * both codecs, the capture reader, the docs' tests and the suites.
 *
 * @module
 */

import type { ServerEvent } from "./events.ts";
import type { Request } from "./requests.ts";

/** The direction a message travels in decides what its type means. */
export type Direction = "request" | "event";

/** How a field travels. */
export type FieldKind =
  /** UTF-8 text. */
  | "string"
  /** A {@link Text}: UTF-8, or ciphertext under the flag ENCRYPTED. */
  | "text"
  /** A whole number from 0: decimal text in binary, a number in JSON. */
  | "integer"
  /** An {@link ErrorCode}, as an integer; one that we don't know is absent. */
  | "code"
  /** Strings up to the end of the body; an array in JSON. */
  | "list";

/** Whether a value is what the kind `integer` carries: 0 … 2^53 − 1, no −0. */
export function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) &&
    ((value as number) > 0 || Object.is(value, 0));
}

/** One field of a message, in its place. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly optional?: true;
}

/** One row of {@link MESSAGES}: a type, and its fields each way. */
export interface MessageRow {
  /** The type byte of ChatProto 1.0. */
  readonly code: number;
  /** Fields from client to server; absent when clients don't send it. */
  readonly request?: readonly Field[];
  /** Fields from server to client; absent when servers don't send it. */
  readonly event?: readonly Field[];
}

const string = (name: string): Field => ({ name, kind: "string" });
const list = (name: string): Field => ({ name, kind: "list" });
const TEXT: Field = { name: "text", kind: "text" };

/**
 * Every type of message: its name in JSON, its code in ChatProto 1.0 and its
 * fields in order (docs/chatproto.md, "Messages"). Both codecs, the capture
 * reader, the docs' tests and the suites read this table.
 */
export const MESSAGES = {
  login: {
    code: 0x01,
    request: [
      string("username"),
      { name: "password", kind: "string", optional: true },
    ],
  },
  login_ack: { code: 0x02, event: [string("username"), string("room")] },
  login_reject: { code: 0x03, event: [string("reason")] },
  room_msg: {
    code: 0x04,
    request: [TEXT],
    event: [string("room"), string("sender"), TEXT],
  },
  private_msg: { code: 0x05, request: [string("recipient"), TEXT] },
  private_msg_delivery: {
    code: 0x06,
    event: [string("sender"), string("recipient"), TEXT],
  },
  join_room: {
    code: 0x07,
    request: [string("room")],
    event: [string("room")],
  },
  list_users: {
    code: 0x08,
    request: [],
    event: [string("room"), list("users")],
  },
  list_rooms: { code: 0x09, request: [], event: [list("rooms")] },
  system_msg: { code: 0x0a, event: [string("text")] },
  error_msg: {
    code: 0x0b,
    event: [{ name: "code", kind: "code" }, string("text")],
  },
  room_msg_ack: { code: 0x0c, event: [{ name: "id", kind: "integer" }] },
} as const satisfies Record<string, MessageRow>;

/** The name of a message type, as it stands in JSON. */
export type MessageType = keyof typeof MESSAGES;

/** A request that ChatProto 1.0 and JSON carry. */
export type BasicRequest = Extract<Request, { readonly type: MessageType }>;

/** An event that ChatProto 1.0 and JSON carry. */
export type BasicEvent = Extract<ServerEvent, { readonly type: MessageType }>;

/** A row by its name, or undefined for a type that does not exist. */
export function messageRow(type: string): MessageRow | undefined {
  return Object.hasOwn(MESSAGES, type)
    ? MESSAGES[type as MessageType]
    : undefined;
}
