/**
 * Which reply belongs to which request. Pure.
 *
 * The wires of section 1 and 2 of docs/chatproto.md number nothing: requests
 * are answered in the order they came, one reply each, and what others say
 * comes in between. So the oldest request that has no reply yet is the one
 * that the next reply answers:
 *
 * | what comes | what it is |
 * | --- | --- |
 * | the reply type of the oldest request | its reply |
 * | PRIVATE_MSG_DELIVERY from me, as I sent it | the receipt, if that is the oldest request; else something I said on another device |
 * | ERROR_MSG | the refusal of the oldest request; with none, the last words before a close |
 * | ROOM_MSG, SYSTEM_MSG, PRIVATE_MSG_DELIVERY | something that happened |
 *
 * ChatProto 2 numbers its requests. There the codec knows what answers one, and
 * an ERROR_MSG that does not is the last words.
 *
 * A message to oneself is delivered once: that delivery is the receipt, and it
 * is shown.
 *
 * @module
 */

import {
  type AwayChanged,
  type ChangePassword,
  type Crowd,
  type ErrorMessage,
  type FindKeyRequest,
  foldName,
  type HistoryRequest,
  type Invitation,
  type InviteRequest,
  type JoinRoomRequest,
  type LeaveRoomRequest,
  type ListMembersRequest,
  type ListRoomsRequest,
  type ListUsersRequest,
  type MakeGroupRequest,
  type Moved,
  type Presence,
  type PrivateMessageDelivery,
  type PrivateMessageRequest,
  type PublishKeyRequest,
  type Register,
  RemoteProtocolError,
  type Request,
  type RoomMessage,
  type RoomMessageRequest,
  type RoomReference,
  sameBytes,
  type SearchRequest,
  type ServerEvent,
  type SetAwayRequest,
  type SetTopicRequest,
  type SystemMessage,
  type Text,
  type TopicChanged,
} from "../wire/mod.ts";

/** A request about a room; by default about the one that one is in. */
type InRoom<Asked extends { readonly room?: RoomReference }> =
  & Omit<Asked, "room">
  & { readonly room?: string };

/** Asks what the room is about that one is in: the client itself knows. */
export interface ShowTopicRequest {
  readonly type: "show_topic";
}

/** Tells others that one is away, or is back: `/away` alone asks for that too. */
export interface AwayRequest extends SetAwayRequest {
  /** What was typed, where that is not what it asks for. */
  readonly typed?: "/away";
}

/** Turns end-to-end encryption of the messages with somebody on, or off. */
export interface SecretRequest {
  readonly type: "secret";
  readonly user: string;
  readonly off?: true;
}

/** Accepts somebody's changed key. */
export interface TrustRequest {
  readonly type: "trust";
  readonly user: string;
}

/** Asks for the number by which two people compare their keys. */
export interface VerifyRequest {
  readonly type: "verify";
  readonly user: string;
}

/** What the client carries out itself, in its turn. */
export type LocalRequest = SecretRequest | TrustRequest | VerifyRequest;

/** What can be asked by somebody who is logged in. */
export type ChatRequest =
  | InRoom<RoomMessageRequest>
  | PrivateMessageRequest
  | JoinRoomRequest
  | InRoom<LeaveRoomRequest>
  | MakeGroupRequest
  | InRoom<InviteRequest>
  | InRoom<SetTopicRequest>
  | ShowTopicRequest
  | AwayRequest
  | InRoom<ListUsersRequest>
  | ListRoomsRequest
  | InRoom<ListMembersRequest>
  | InRoom<HistoryRequest>
  | SearchRequest
  | Register
  | ChangePassword
  | PublishKeyRequest
  | FindKeyRequest
  | LocalRequest;

/** What a client knows about a type of request. */
interface RequestRow {
  /** The type of its reply; absent where the server is not asked. */
  readonly reply?: ServerEvent["type"];
  /** Whether asking twice does no more than asking once. */
  readonly repeatable: boolean;
  /** Whether it is about a room. */
  readonly room?: true;
}

/** Every type of request: a wire that can do more adds rows. */
export const REQUESTS: Readonly<Record<ChatRequest["type"], RequestRow>> = {
  room_msg: { reply: "room_msg_ack", repeatable: false, room: true },
  private_msg: { reply: "private_msg_delivery", repeatable: false },
  join_room: { reply: "join_room", repeatable: true },
  leave_room: { reply: "leave_room", repeatable: false, room: true },
  make_group: { reply: "make_group", repeatable: false },
  invite: { reply: "invite", repeatable: true, room: true },
  set_topic: { reply: "set_topic", repeatable: false, room: true },
  show_topic: { repeatable: true, room: true },
  set_away: { reply: "set_away", repeatable: true },
  list_users: { reply: "list_users", repeatable: true, room: true },
  list_rooms: { reply: "list_rooms", repeatable: true },
  list_members: { reply: "list_members", repeatable: true, room: true },
  history: { reply: "history", repeatable: true, room: true },
  search: { reply: "search", repeatable: true },
  register: { reply: "register", repeatable: false },
  change_password: { reply: "change_password", repeatable: false },
  publish_key: { reply: "publish_key", repeatable: true },
  find_key: { reply: "find_key", repeatable: true },
  secret: { repeatable: true },
  trust: { repeatable: true },
  verify: { repeatable: true },
};

/** Whether the client carries it out itself, on every wire. */
export function isLocal(request: ChatRequest): request is LocalRequest {
  const { type } = request;
  return type === "secret" || type === "trust" || type === "verify";
}

/** Whether it changes something in the room in which one is, and names none. */
export function actsHere(request: ChatRequest): boolean {
  const { room, repeatable } = REQUESTS[request.type];
  return room === true && !repeatable && !("room" in request && request.room);
}

/** Whether it is a message, which gets a number of its own in a session. */
export function isMessage({ type }: ChatRequest): boolean {
  return type === "room_msg" || type === "private_msg";
}

/** What happens without having been asked for. */
export type Happening =
  | RoomMessage
  | PrivateMessageDelivery
  | SystemMessage
  | Presence
  | Crowd
  | Invitation
  | Moved
  | TopicChanged
  | AwayChanged;

/** What an event from the server means. */
export type Meaning<Asked> =
  | {
    readonly kind: "reply";
    readonly asked: Asked;
    readonly event: ServerEvent;
  }
  | {
    readonly kind: "refusal";
    readonly asked: Asked;
    readonly error: ErrorMessage;
  }
  | { readonly kind: "happening"; readonly event: Happening }
  | { readonly kind: "last_words"; readonly error: ErrorMessage };

/** The requests of one connection that have no reply yet. */
export class Exchange<
  Asked extends { readonly request: ChatRequest; readonly sent?: Request },
> {
  readonly #me: string;
  #outstanding: Asked[] = [];

  /** `username`: who is logged in. */
  constructor(username: string) {
    this.#me = foldName(username);
  }

  /** Requests without a reply, oldest first. */
  get outstanding(): readonly Asked[] {
    return this.#outstanding;
  }

  /** A request was sent. */
  sent(asked: Asked): void {
    this.#outstanding.push(asked);
  }

  /**
   * Tells what an event means. `isAnswer`: whether it answers a request, if the
   * wire says so.
   *
   * @throws {RemoteProtocolError} fatal, when it answers something that was
   * not asked: from there on no reply could be trusted.
   */
  receive(event: ServerEvent, isAnswer?: boolean): Meaning<Asked> {
    switch (event.type) {
      case "room_msg":
      case "system_msg":
      case "presence":
      case "crowd":
      case "invitation":
      case "moved":
      case "topic":
      case "away":
        return { kind: "happening", event };
      case "private_msg_delivery":
        return isAnswer ?? this.#isReceipt(event)
          ? { kind: "reply", asked: this.#answered(), event }
          : { kind: "happening", event };
      case "error_msg":
        return isAnswer ?? this.#outstanding.length > 0
          ? { kind: "refusal", asked: this.#answered(), error: event }
          : { kind: "last_words", error: event };
      default:
        this.#check(event);
        return { kind: "reply", asked: this.#answered(), event };
    }
  }

  #check({ type }: ServerEvent): void {
    const oldest = this.#outstanding[0]?.request.type;
    if (oldest !== undefined && REQUESTS[oldest].reply === type) return;
    throw new RemoteProtocolError(
      400,
      oldest === undefined
        ? `${type} answers nothing that was asked`
        : `${type} can't answer ${oldest}, ${REQUESTS[oldest].reply} can`,
      { fatal: true },
    );
  }

  #isReceipt({ sender, recipient, text, history }: PrivateMessageDelivery) {
    const [oldest] = this.#outstanding;
    // A secret message comes back as it was sent.
    const request = oldest?.sent ?? oldest?.request;
    return request?.type === "private_msg" && history !== true &&
      foldName(sender) === this.#me &&
      foldName(recipient) === foldName(request.recipient) &&
      sameText(text, request.text);
  }

  #answered(): Asked {
    return this.#outstanding.shift() as Asked;
  }
}

function sameText(one: Text, other: Text): boolean {
  if (typeof one === "string" || typeof other === "string") {
    return one === other;
  }
  return sameBytes(one, other);
}
