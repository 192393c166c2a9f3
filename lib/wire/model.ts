/**
 * The one message model: what clients ask and what servers tell, whatever the
 * wire. Nothing outside a codec knows how these look as bytes.
 *
 * @module
 */

import type { ErrorCode } from "./errors.ts";

/**
 * A message's text, 1 to 8,192 bytes of UTF-8. A `Uint8Array` is end-to-end
 * ciphertext (flag ENCRYPTED): the server passes it on and never looks inside.
 */
export type Text = string | Uint8Array;

/** Logs in; the first request of a connection. */
export interface Login {
  readonly type: "login";
  readonly username: string;
  readonly password?: string;
}

/** Says something to the room one is in. */
export interface RoomMessageRequest {
  readonly type: "room_msg";
  readonly text: Text;
}

/** Says something to one person. */
export interface PrivateMessageRequest {
  readonly type: "private_msg";
  readonly recipient: string;
  readonly text: Text;
}

/** Leaves the room one is in for another, which comes into being if need be. */
export interface JoinRoomRequest {
  readonly type: "join_room";
  readonly room: string;
}

/** Asks who is in the room. */
export interface ListUsersRequest {
  readonly type: "list_users";
}

/** Asks which rooms there are. */
export interface ListRoomsRequest {
  readonly type: "list_rooms";
}

/** What a client asks of a server. Each gets exactly one reply. */
export type Request =
  | Login
  | RoomMessageRequest
  | PrivateMessageRequest
  | JoinRoomRequest
  | ListUsersRequest
  | ListRoomsRequest;

/** Reply: you are logged in as `username` and in `room`. */
export interface LoginAck {
  readonly type: "login_ack";
  readonly username: string;
  readonly room: string;
}

/** Reply: you are not logged in; the server closes. */
export interface LoginReject {
  readonly type: "login_reject";
  readonly reason: string;
  /** Only where the wire carries it (JSON v2). */
  readonly code?: ErrorCode;
  /** Only where the wire carries it (JSON v2). */
  readonly hint?: string;
}

/** Somebody said something in the room. */
export interface RoomMessage {
  readonly type: "room_msg";
  readonly room: string;
  readonly sender: string;
  readonly text: Text;
  /** Present when this is a replay of something said before. */
  readonly history?: true;
}

/** Reply: your room message is on disk under this id. */
export interface RoomMessageAck {
  readonly type: "room_msg_ack";
  /** The log's id: a positive integer, never used again. */
  readonly id: number;
}

/** A private message, to its recipient, and to its sender as the receipt. */
export interface PrivateMessageDelivery {
  readonly type: "private_msg_delivery";
  readonly sender: string;
  readonly recipient: string;
  readonly text: Text;
  /** Present when this is a replay of something said before. */
  readonly history?: true;
}

/** Reply: you are now in `room`. */
export interface RoomJoined {
  readonly type: "join_room";
  readonly room: string;
}

/** Reply: who is in the room, as many as fit. */
export interface UserList {
  readonly type: "list_users";
  readonly room: string;
  readonly users: readonly string[];
}

/** Reply: the rooms there are, as many as fit. */
export interface RoomList {
  readonly type: "list_rooms";
  readonly rooms: readonly string[];
}

/** The server tells something to people: who came, who went. */
export interface SystemMessage {
  readonly type: "system_msg";
  readonly text: string;
}

/** Reply: it could not be done. Answers nothing only before a close. */
export interface ErrorMessage {
  readonly type: "error_msg";
  /** Absent where the wire does not carry it (JSON v1). */
  readonly code?: ErrorCode;
  readonly text: string;
  /** Only where the wire carries it (JSON v2). */
  readonly hint?: string;
}

/** What a server tells a client. */
export type ServerEvent =
  | LoginAck
  | LoginReject
  | RoomMessage
  | RoomMessageAck
  | PrivateMessageDelivery
  | RoomJoined
  | UserList
  | RoomList
  | SystemMessage
  | ErrorMessage;

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

/** A row by its name, or undefined for a type that does not exist. */
export function messageRow(type: string): MessageRow | undefined {
  return Object.hasOwn(MESSAGES, type)
    ? MESSAGES[type as MessageType]
    : undefined;
}
