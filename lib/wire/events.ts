/**
 * What servers tell, whatever the wire. A wire carries what it can: ChatProto
 * 1.0 and JSON those that have a row in `MESSAGES`, and of the others what
 * `basic_event.ts` makes of them.
 *
 * @module
 */

import type { ErrorCode } from "./errors.ts";
import type { Text } from "./requests.ts";

/**
 * Reply: you are logged in as `username` and in `room`. What is optional here
 * goes to those who asked for a session that is kept.
 */
export interface LoginAck {
  readonly type: "login_ack";
  readonly username: string;
  readonly room: string;
  /** Your handle. */
  readonly user?: number;
  /** The handle of `room`. */
  readonly roomHandle?: number;
  /** Secret: resumes this session. */
  readonly token?: string;
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

/** In the place of a handle: that of a room that is no more. */
export const NO_ROOM = 0;

/** Where a message stands. */
export interface Place {
  /**
   * Unique in the whole log, rising, never used again. At a client 0 where its
   * wire does not carry it: room and sequence say as much.
   */
  readonly id: number;
  /** The handle of its room, or {@link NO_ROOM}. */
  readonly room: number;
  /** The place within its room: 1, 2, 3 … without a gap. */
  readonly sequence: number;
  /** When the server took it, ms since 1970. */
  readonly time: number;
  /** The handle of its author; absent in a log older than handles. */
  readonly sender?: number;
  /**
   * Seconds in the room's stream since the message before; absent when this is
   * no part of the stream but a replay.
   */
  readonly pause?: number;
  /** When it was said by its author's clock: ISO 8601 without a zone. */
  readonly sent?: string;
}

/** Somebody said something in the room. */
export interface RoomMessage {
  readonly type: "room_msg";
  readonly room: string;
  readonly sender: string;
  readonly text: Text;
  /** Present when this is a replay of something said before. */
  readonly history?: true;
  /** Only where the wire carries it. */
  readonly place?: Place;
}

/** Reply: your room message is on disk under this id. */
export interface RoomMessageAck {
  readonly type: "room_msg_ack";
  /** The log's id: a positive integer, never used again; as in {@link Place}. */
  readonly id: number;
  /** Only where the wire carries it. */
  readonly place?: Place;
  /** It was in the log already. */
  readonly repeated?: true;
}

/** A private message, to its recipient, and to its sender as the receipt. */
export interface PrivateMessageDelivery {
  readonly type: "private_msg_delivery";
  readonly sender: string;
  readonly recipient: string;
  readonly text: Text;
  /** Present when this is a replay of something said before. */
  readonly history?: true;
  /** Only where the wire carries it. */
  readonly place?: Place;
  /** To its sender: it was in the log already. */
  readonly repeated?: true;
}

/** Something that was said, wherever. */
export type Said = RoomMessage | PrivateMessageDelivery;

/** What a room is to those who may see it. */
export type RoomKind =
  /** Anybody may join it. */
  | "public"
  /** Only members see that it exists. */
  | "group"
  /** It belongs to two people. */
  | "direct";

/** A room of one's own, and how far one has it. */
export interface RoomState {
  readonly room: number;
  readonly kind: RoomKind;
  /** Its name; of a direct one that of the other person. */
  readonly name: string;
  /** What it is about, if somebody said so. */
  readonly topic?: string;
  /** The sequence of its last message, 0 before there is one. */
  readonly last: number;
  /** Up to here one has received, on whatever device. */
  readonly received: number;
  /** Up to here one has read, on whatever device. */
  readonly read: number;
  /** Up to here all of its members have received. */
  readonly receivedByAll: number;
}

/** These rooms are yours from now on: after a login, a join, an invitation. */
export interface RoomStates {
  readonly type: "rooms";
  readonly rooms: readonly RoomState[];
}

/** Reply: you are now in `room`. */
export interface RoomJoined {
  readonly type: "join_room";
  readonly room: string;
}

/** Reply: you are no longer a member of `room`. */
export interface RoomLeft {
  readonly type: "leave_room";
  readonly room: string;
}

/** Another of your clients left the room that this one was in. */
export interface Moved {
  readonly type: "moved";
  readonly left: string;
  /** Where you are now. */
  readonly room: string;
}

/** Reply: the group is made. */
export interface GroupMade {
  readonly type: "make_group";
  readonly room: string;
  readonly users: readonly string[];
}

/** Reply: they are a member now. */
export interface Invited {
  readonly type: "invite";
  readonly room: string;
  readonly user: string;
}

/** Somebody made you a member of a group. */
export interface Invitation {
  readonly type: "invitation";
  readonly room: string;
  /** Who it was. */
  readonly user: string;
  /** Everybody who is a member now; only where the wire carries it. */
  readonly users?: readonly string[];
}

/** Reply: it is said. */
export interface TopicSet {
  readonly type: "set_topic";
  readonly room: string;
  readonly topic: string;
}

/** Somebody said what a room is about; empty: nothing in particular. */
export interface TopicChanged {
  readonly type: "topic";
  readonly room: string;
  readonly user: string;
  readonly topic: string;
}

/** Reply: they know. */
export interface AwaySet {
  readonly type: "set_away";
  readonly text?: string;
}

/** Somebody doesn't look, or does again. */
export interface AwayChanged {
  readonly type: "away";
  readonly user: string;
  /** Why; absent: they are back. */
  readonly text?: string;
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

/** A room of one's own, and who is in it. */
export interface OwnRoom extends RoomState {
  /** When it was made, ms since 1970. */
  readonly created: number;
  readonly users: readonly string[];
}

/** Reply: the rooms one is a member of. */
export interface OwnRoomList {
  readonly type: "list_own_rooms";
  readonly rooms: readonly OwnRoom[];
}

/** Reply: every account, and the guests who are here. */
export interface PeopleList {
  readonly type: "list_people";
  readonly users: readonly string[];
}

/** Reply: private messages that have not reached one, by id; as many as fit. */
export interface WaitingList {
  readonly type: "list_waiting";
  readonly messages: readonly PrivateMessageDelivery[];
}

/** Somebody who is a member of a room. */
export interface MemberState {
  /** 0 where the wire does not carry it. */
  readonly user: number;
  readonly name: string;
  /**
   * Whether it is an account; else a guest, who is a member while here. Absent
   * where the wire does not carry it.
   */
  readonly account?: boolean;
  /** Whether they are logged in; absent where the wire does not carry it. */
  readonly here?: boolean;
  /** Why they don't look, if they said so. */
  readonly away?: string;
}

/** Reply: the members of a room. */
export interface MemberList {
  readonly type: "list_members";
  readonly room: string;
  readonly members: readonly MemberState[];
}

/** Reply: a page of history, oldest first. */
export interface HistoryPage {
  readonly type: "history";
  readonly room: string;
  readonly messages: readonly Said[];
  /** Whether there is more in the direction that was asked for. */
  readonly more: boolean;
  /** Up to this sequence everybody has the room; as in {@link RoomState}. */
  readonly receivedByAll?: number;
}

/** Reply: what was found, oldest first. */
export interface SearchResult {
  readonly type: "search";
  readonly messages: readonly Said[];
  /** Whether there is more before the first of them. */
  readonly more: boolean;
}

/** What a handle stands for. */
export interface HandleName {
  readonly handle: number;
  readonly kind: "user" | RoomKind;
  readonly name: string;
}

/** Reply: the handles that one may know. The others look unknown. */
export interface Names {
  readonly type: "names";
  readonly names: readonly HandleName[];
}

/** Reply: the account is made. To one not logged in: {@link LoginAck}. */
export interface Registered {
  readonly type: "register";
  readonly username: string;
}

/** Reply: the password is changed. */
export interface PasswordChanged {
  readonly type: "change_password";
  /** The secret of the session from now on, if it is kept. */
  readonly token?: string;
}

/** Reply: the key is the account's now. */
export interface KeyPublished {
  readonly type: "publish_key";
}

/** Reply: somebody's public key. */
export interface KeyFound {
  readonly type: "find_key";
  readonly user: string;
  /** SubjectPublicKeyInfo, DER. The server says so: it proves nothing. */
  readonly key: Uint8Array;
}

/** Somebody came into a room one is in, or left it. */
export interface Presence {
  readonly type: "presence";
  readonly room: string;
  readonly user: string;
  readonly here: boolean;
  /** Their handles. */
  readonly handles?: { readonly room: number; readonly user: number };
}

/**
 * So many came into a room of too many to be named, and left it, since this was
 * told last. To one who has just come in: how many are there.
 */
export interface Crowd {
  readonly type: "crowd";
  readonly room: string;
  readonly joined: number;
  readonly left: number;
  /** How many people are there now. */
  readonly here: number;
  /** The handle of `room`. */
  readonly roomHandle?: number;
}

/** From here on a room's stream goes on, or is stated to be. */
export interface StreamPosition {
  readonly type: "position";
  /** The room's handle. */
  readonly room: number;
  /** The sequence of its last message. */
  readonly sequence: number;
  /** The time of its stream, s since 1970. */
  readonly time: number;
}

/** Everybody who is to have a room's messages has those up to a sequence. */
export interface ReceivedByAll {
  readonly type: "received_by_all";
  /** The room's handle. */
  readonly room: number;
  readonly sequence: number;
  /** How many messages of the stream are behind that. */
  readonly behind?: number;
}

/** The server tells something to people. */
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
  | RoomStates
  | RoomJoined
  | RoomLeft
  | Moved
  | GroupMade
  | Invited
  | Invitation
  | TopicSet
  | TopicChanged
  | AwaySet
  | AwayChanged
  | UserList
  | RoomList
  | OwnRoomList
  | PeopleList
  | WaitingList
  | MemberList
  | HistoryPage
  | SearchResult
  | Names
  | Registered
  | PasswordChanged
  | KeyPublished
  | KeyFound
  | Presence
  | Crowd
  | StreamPosition
  | ReceivedByAll
  | SystemMessage
  | ErrorMessage;

/**
 * The room whose stream an event is part of, by its handle: such events have
 * the same bytes for everybody who follows the room. Undefined for others.
 */
export function streamOf(event: ServerEvent): number | undefined {
  switch (event.type) {
    case "room_msg":
    case "private_msg_delivery":
    case "room_msg_ack":
      return event.place?.pause === undefined ? undefined : event.place.room;
    case "presence":
      return event.handles?.room;
    case "crowd":
      return event.roomHandle;
    case "received_by_all":
      return event.room;
    default:
      return undefined;
  }
}
