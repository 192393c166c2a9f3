/**
 * What clients ask, whatever the wire. A wire carries what it can: ChatProto
 * 1.0 and JSON those that have a row in `MESSAGES`.
 *
 * @module
 */

/**
 * A message's text, 1 to 8,192 bytes of UTF-8. A `Uint8Array` is end-to-end
 * ciphertext (flag ENCRYPTED): the server passes it on and never looks inside.
 */
export type Text = string | Uint8Array;

/**
 * A room as a client names it: by its handle, by its name, or `@` and the name
 * of the user with whom one has it to oneself.
 */
export type RoomReference = number | string;

/** Up to where a client has a room. */
export interface Position {
  /** The room's handle. */
  readonly room: number;
  /** The sequence of the last message. */
  readonly sequence: number;
}

/** Logs in; the first request of a connection. */
export interface Login {
  readonly type: "login";
  readonly username: string;
  /** For a name that has an account. */
  readonly password?: string;
  /** A name without an account is told apart (404), and let in as nobody. */
  readonly account?: true;
  /** Present when the session is to be resumable: the reply has a token. */
  readonly keep?: true;
}

/** Logs in again with the token of a session that was kept. */
export interface Resume {
  readonly type: "resume";
  readonly token: string;
  /** What the client has. Of its other rooms it gets what the account lacks. */
  readonly positions: readonly Position[];
  /**
   * The ref of the next message that this connection sends, for a wire that
   * does not carry each. Default: 0.
   */
  readonly ref?: number;
}

/** Makes an account: of the guest one is, or of a name, and logs in as it. */
export interface Register {
  readonly type: "register";
  /** Absent for one who is logged in. */
  readonly username?: string;
  readonly password: string;
  /** As in {@link Login}. */
  readonly keep?: true;
}

/** Changes the password; every other session of the account ends. */
export interface ChangePassword {
  readonly type: "change_password";
  readonly password: string;
  readonly newPassword: string;
}

/** What there is to say, wherever. */
interface MessageRequest {
  readonly text: Text;
  /** The client's own number for it within its session: acted on once. */
  readonly ref?: number;
  /**
   * In the place of `ref`, where it is to count for the account and whatever
   * session: chosen at random, at most 64 characters.
   */
  readonly idempotencyKey?: string;
  /** When it was said by the author's clock: ISO 8601 without a zone. */
  readonly sent?: string;
}

/** Says something to a room. */
export interface RoomMessageRequest extends MessageRequest {
  readonly type: "room_msg";
  /** Default: the room one is in. */
  readonly room?: RoomReference;
}

/** Says something to one person. */
export interface PrivateMessageRequest extends MessageRequest {
  readonly type: "private_msg";
  readonly recipient: string;
}

/**
 * Enters a room, which comes into being if need be. Whose wire can say from one
 * room only leaves the one it is in.
 */
export interface JoinRoomRequest {
  readonly type: "join_room";
  readonly room: string;
}

/** Stops being a member. */
export interface LeaveRoomRequest {
  readonly type: "leave_room";
  readonly room: RoomReference;
}

/** Makes a group, with oneself and these in it. */
export interface MakeGroupRequest {
  readonly type: "make_group";
  readonly room: string;
  readonly users: readonly string[];
  /** As in {@link RoomMessageRequest}. */
  readonly idempotencyKey?: string;
}

/** Makes somebody a member of a group one is a member of. */
export interface InviteRequest {
  readonly type: "invite";
  readonly room: RoomReference;
  readonly user: string;
}

/** Says what a room is about. */
export interface SetTopicRequest {
  readonly type: "set_topic";
  /** Default: the room one is in. */
  readonly room?: RoomReference;
  /** Empty: nothing in particular. */
  readonly topic: string;
}

/** Says that one does not look, or does again. */
export interface SetAwayRequest {
  readonly type: "set_away";
  /** Why; absent: one is back. */
  readonly text?: string;
}

/** Asks who is in the room now. */
export interface ListUsersRequest {
  readonly type: "list_users";
  /** Default: the room one is in. */
  readonly room?: RoomReference;
}

/** Asks which rooms there are. */
export interface ListRoomsRequest {
  readonly type: "list_rooms";
}

/** Asks which rooms are one's own, and who is in them. */
export interface ListOwnRoomsRequest {
  readonly type: "list_own_rooms";
}

/** Asks whom there is: every account, and the guests who are here. */
export interface ListPeopleRequest {
  readonly type: "list_people";
}

/**
 * Asks for private messages that have not reached one yet, where the wire is
 * not told of them by itself.
 */
export interface ListWaitingRequest {
  readonly type: "list_waiting";
}

/** Asks who is a member, here or not. */
export interface ListMembersRequest {
  readonly type: "list_members";
  readonly room: RoomReference;
}

/** Asks for a page of what was said in a room. */
export interface HistoryRequest {
  readonly type: "history";
  readonly room: RoomReference;
  /** Only messages before this sequence: the newest of them. */
  readonly before?: number;
  /** Only messages behind this sequence: the oldest of them. */
  readonly after?: number;
  /** Only messages from this time on, ms since 1970: the oldest of them. */
  readonly since?: number;
  /** Messages at most; the server has a limit too. */
  readonly limit?: number;
}

/** Asks for messages that hold all of these words. */
export interface SearchRequest {
  readonly type: "search";
  readonly words: string;
  /** Default: every room one is a member of. */
  readonly room?: RoomReference;
  /** Only messages with a smaller id. */
  readonly before?: number;
  /** Messages at most; the server has a limit too. */
  readonly limit?: number;
}

/** Asks what handles stand for. */
export interface NamesRequest {
  readonly type: "names";
  readonly handles: readonly number[];
}

/** Gives one's account a public key, in place of any before. */
export interface PublishKeyRequest {
  readonly type: "publish_key";
  /** SubjectPublicKeyInfo, DER; as `checkPublicKey` wants it. */
  readonly key: Uint8Array;
}

/** Asks for somebody's public key. */
export interface FindKeyRequest {
  readonly type: "find_key";
  readonly user: string;
}

/** Says up to where one has a room. Gets no reply. */
export interface Receipt {
  readonly type: "receipt";
  /** The room's handle. */
  readonly room: number;
  /** Every message up to this sequence has reached the client. */
  readonly received: number;
  /** Up to this sequence somebody has seen them. */
  readonly read?: number;
}

/** What is asked by wires that are not told it by themselves. */
export type LookUp =
  | ListOwnRoomsRequest
  | ListPeopleRequest
  | ListWaitingRequest;

/**
 * Says that this client goes for good: a session that was kept ends, and the
 * server closes. Takes its turn behind what was asked before. Gets no reply.
 */
export interface Logout {
  readonly type: "logout";
}

/** What gets no reply. */
export type Notice = Receipt | Logout;

/** What a client asks of a server. Each but a {@link Notice} gets one reply. */
export type Request =
  | Login
  | Resume
  | Register
  | ChangePassword
  | RoomMessageRequest
  | PrivateMessageRequest
  | JoinRoomRequest
  | LeaveRoomRequest
  | MakeGroupRequest
  | InviteRequest
  | SetTopicRequest
  | SetAwayRequest
  | ListUsersRequest
  | ListRoomsRequest
  | LookUp
  | ListMembersRequest
  | HistoryRequest
  | SearchRequest
  | NamesRequest
  | PublishKeyRequest
  | FindKeyRequest
  | Notice;

/** Whether it gets no reply. */
export function isNotice(request: Request): request is Notice {
  return request.type === "receipt" || request.type === "logout";
}
