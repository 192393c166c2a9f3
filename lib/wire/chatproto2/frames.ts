/**
 * The frames of ChatProto 2 as data (docs/chatproto2.md, "Frames of the
 * client", "Frames of the server"): their names, flags and fields, for what
 * shows frames: a capture, a dissector, the docs' tests.
 *
 * @module
 */

import {
  CLIENT_FLAGS,
  CLIENT_KINDS,
  ENTRY_FLAGS,
  FRAME_FLAGS,
  MEMBER_STATES,
  SERVER_FLAGS,
  SERVER_KINDS,
} from "./kinds.ts";

/** A field, in its place. */
export interface FrameField {
  readonly name: string;
  readonly as: "number" | "string" | "bytes" | "rest" | "list";
  /** It is there when this flag is set; without, always. */
  readonly flag?: number;
  /** Of a list: the fields of each of its items. */
  readonly of?: readonly FrameField[];
}

/** A frame of one direction. */
export interface FrameRow {
  /** 1 to 14; an extended kind is 16 and its second byte. */
  readonly kind: number;
  readonly name: string;
  /** The bits that mean something, by their names. */
  readonly flags: Readonly<Record<string, number>>;
  readonly fields: readonly FrameField[];
  /** Of a request: what its REPLY has behind the number; absent: no REPLY. */
  readonly reply?: readonly FrameField[];
}

const number = (name: string, flag?: number): FrameField => ({
  name,
  as: "number",
  ...flag !== undefined && { flag },
});
const string = (name: string, flag?: number): FrameField => ({
  ...number(name, flag),
  as: "string",
});
const bytes = (name: string): FrameField => ({ name, as: "bytes" });
const list = (...of: FrameField[]): FrameField => ({
  name: of.map(({ name }) => name).join(", "),
  as: "list",
  of,
});
const TEXT: FrameField = { name: "text", as: "rest" };
const NUMBER = number("n", FRAME_FLAGS.number);

type Flags = Readonly<Record<string, number>>;

function request(
  kind: number,
  name: string,
  flags: Flags,
  fields: readonly FrameField[],
  reply?: readonly FrameField[],
): FrameRow {
  return {
    kind,
    name,
    flags: { ...flags, number: FRAME_FLAGS.number },
    fields: [NUMBER, ...fields],
    ...reply && { reply },
  };
}

const TEXT_FLAGS = {
  coded: FRAME_FLAGS.coded,
  encrypted: FRAME_FLAGS.encrypted,
};
const HANDLE_NAME = list(number("handle"), number("what"), string("name"));

const ENTRY = list(
  number("id"),
  number("room"),
  number("sequence"),
  number("time"),
  number("flags"),
  number("sender", ENTRY_FLAGS.sender),
  string("sender"),
  string("name"),
  string("text"),
);

const F = CLIENT_FLAGS;
const C = CLIENT_KINDS;

/** Every frame that clients send. */
export const CLIENT_FRAMES: readonly FrameRow[] = [
  request(C.say, "SAY", { ...TEXT_FLAGS, ...F.say }, [
    number("room", F.say.room),
    TEXT,
  ]),
  {
    kind: C.receipt,
    name: "RECEIPT",
    flags: F.receipt,
    fields: [
      number("room", F.receipt.room),
      number("sequence", F.receipt.room),
      number("more", F.receipt.more),
      number("unread", F.receipt.unread),
    ],
  },
  request(C.tell, "TELL", TEXT_FLAGS, [string("user"), TEXT]),
  request(C.login, "LOGIN", F.login, [
    string("user"),
    string("password", F.login.password),
  ]),
  request(C.resume, "RESUME", {}, [
    string("token"),
    number("ref"),
    list(number("room"), number("sequence")),
  ]),
  request(C.register, "REGISTER", F.register, [
    string("user", F.register.user),
    string("password"),
  ], []),
  request(C.password, "PASSWORD", {}, [string("old"), string("new")], [
    string("token", SERVER_FLAGS.reply.token),
  ]),
  request(C.join, "JOIN", {}, [string("name")], [string("name")]),
  request(C.leave, "LEAVE", {}, [number("room")], [string("name")]),
  request(C.group, "GROUP", {}, [string("name"), list(string("user"))], [
    string("name"),
    list(string("user")),
  ]),
  request(C.invite, "INVITE", {}, [number("room"), string("user")], [
    string("name"),
    string("user"),
  ]),
  request(C.list, "LIST", F.list, [number("room", F.list.room)], []),
  request(C.history, "HISTORY", F.history, [
    number("room"),
    number("limit"),
    number("before", F.history.before),
    number("after", F.history.after),
    number("since", F.history.since),
  ], [number("more"), string("name"), ENTRY]),
  request(C.search, "SEARCH", F.search, [
    number("limit"),
    string("words"),
    number("room", F.search.room),
    number("before", F.search.before),
  ], [number("more"), ENTRY]),
  request(C.askNames, "ASK_NAMES", {}, [list(number("handle"))], [HANDLE_NAME]),
  request(C.topic, "TOPIC", F.topic, [
    number("room", F.topic.room),
    string("topic"),
  ], [string("name"), string("topic")]),
  request(C.away, "AWAY", {}, [string("text")], [string("text")]),
  { kind: C.logout, name: "LOGOUT", flags: {}, fields: [] },
  request(C.publishKey, "PUBLISH_KEY", {}, [bytes("key")], []),
  request(C.findKey, "FIND_KEY", {}, [string("user")], [
    string("user"),
    bytes("key"),
  ]),
];

/** What the REPLY to a LIST has, by what was listed. */
export const LIST_REPLIES = {
  rooms: [list(string("name"))],
  users: [string("name"), list(string("user"))],
  members: [
    string("name"),
    list(
      number("handle"),
      number("state"),
      string("user"),
      string("away", MEMBER_STATES.away),
    ),
  ],
} as const satisfies Record<string, readonly FrameField[]>;

const G = SERVER_FLAGS;
const S = SERVER_KINDS;

/** Every frame that servers send. */
export const SERVER_FRAMES: readonly FrameRow[] = [
  {
    kind: S.message,
    name: "MESSAGE",
    flags: { ...TEXT_FLAGS, ...G.message },
    fields: [number("sender"), number("pause", G.message.pause), TEXT],
  },
  request(S.stored, "STORED", G.stored, [
    number("pause", G.stored.pause),
    number("room", G.stored.place),
    number("sequence", G.stored.place),
    number("time", G.stored.place),
  ]),
  { kind: S.select, name: "SELECT", flags: {}, fields: [number("room")] },
  {
    kind: S.position,
    name: "POSITION",
    flags: {},
    fields: [number("room"), number("sequence"), number("time")],
  },
  {
    kind: S.received,
    name: "RECEIVED",
    flags: G.received,
    fields: [
      number("behind", G.received.behind),
      number("sequence", G.received.sequence),
    ],
  },
  {
    kind: S.presence,
    name: "PRESENCE",
    flags: G.presence,
    fields: [number("user"), string("name")],
  },
  { kind: S.names, name: "NAMES", flags: {}, fields: [HANDLE_NAME] },
  request(S.reply, "REPLY", G.reply, []),
  request(S.refused, "REFUSED", {}, [number("code"), string("detail")]),
  {
    kind: S.past,
    name: "PAST",
    flags: { ...TEXT_FLAGS, ...G.past },
    fields: [
      number("room"),
      number("id"),
      number("sequence"),
      number("time"),
      number("sender", G.past.sender),
      string("name"),
      TEXT,
    ],
  },
  {
    kind: S.rooms,
    name: "ROOMS",
    flags: {},
    fields: [
      list(
        number("room"),
        number("what"),
        string("name"),
        string("topic"),
        number("last"),
        number("received"),
        number("read"),
        number("all"),
      ),
    ],
  },
  { kind: S.system, name: "SYSTEM", flags: {}, fields: [string("text")] },
  {
    kind: S.closing,
    name: "CLOSING",
    flags: {},
    fields: [number("code"), string("detail")],
  },
  {
    kind: S.invitation,
    name: "INVITATION",
    flags: {},
    fields: [string("user"), string("name")],
  },
  request(S.welcome, "WELCOME", G.welcome, [
    string("name"),
    number("user"),
    number("room"),
    string("room name"),
    string("token", G.welcome.token),
  ]),
  {
    kind: S.moved,
    name: "MOVED",
    flags: {},
    fields: [string("left"), string("name")],
  },
  {
    kind: S.topic,
    name: "TOPIC",
    flags: {},
    fields: [string("user"), string("name"), string("topic")],
  },
  {
    kind: S.away,
    name: "AWAY",
    flags: {},
    fields: [string("user"), string("text")],
  },
  {
    kind: S.crowd,
    name: "CROWD",
    flags: {},
    fields: [number("here"), number("came"), number("went")],
  },
];
