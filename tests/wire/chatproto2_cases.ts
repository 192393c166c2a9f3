/**
 * What is said on ChatProto 2 and what it looks like, written out by hand. One
 * table drives the encoders and the decoders of both ends.
 */
import type { Request, ServerEvent } from "../../lib/wire/mod.ts";
import { LOGGED_IN, type Step } from "./chatproto2_pair.ts";

/** One step, and its bytes. */
export interface Case {
  /** Ends the sentence "ChatProto 2 carries …". */
  readonly name: string;
  /** What happened before. */
  readonly before: readonly Step[];
  readonly step: Step;
  /** In the notation of `golden.ts`. */
  readonly bytes: string;
  /** What is read, if not what was written; `null` is nothing. */
  readonly read?: Request | ServerEvent | null;
}

const ciphertext = new Uint8Array([0xde, 0xad, 0xbe, 0xef]);

/** 2026-11-21T02:30:00Z, s. */
const TIME = 1_795_228_200;

const ask = (
  name: string,
  ask: Request,
  bytes: string,
  more: Partial<Case> = {},
): Case => ({ name, before: [], step: { ask }, bytes, ...more });

const tell = (
  name: string,
  tell: ServerEvent,
  bytes: string,
  more: Partial<Case> = {},
): Case => ({ name, before: LOGGED_IN, step: { tell }, bytes, ...more });

/** A reply, and the request that it answers. */
const reply = (
  name: string,
  asked: Request,
  reply: ServerEvent,
  bytes: string,
  more: Partial<Case> = {},
): Case => ({
  name,
  before: [...LOGGED_IN, { ask: asked }],
  step: { reply },
  bytes,
  ...more,
});

const after = (...before: Step[]): Partial<Case> => ({
  before: [...LOGGED_IN, ...before],
});

const hello: Request = { type: "room_msg", text: "hi" };
const place = (
  sequence: number,
  pause: number,
  sender = 3,
  seconds = 1_800_000_000 + pause,
) => ({
  id: 0,
  room: 2,
  sequence,
  time: seconds * 1000,
  sender,
  pause,
});
const stored = (sequence: number, pause: number): Step => ({
  reply: { type: "room_msg_ack", id: 0, place: place(sequence, pause, 1) },
});

const REQUESTS: readonly Case[] = [
  ask("a login", { type: "login", username: "alice" }, `07 40 05 "alice"`),
  ask(
    "a login with a password, to be kept",
    { type: "login", username: "bob", password: "s3 cr", keep: true },
    `0b 43 03 "bob" 05 "s3 cr"`,
  ),
  ask(
    "a login with a password that is empty, not absent",
    { type: "login", username: "bob", password: "" },
    `06 41 03 "bob" 00`,
  ),
  ask(
    "a session that is resumed",
    {
      type: "resume",
      token: "tok",
      ref: 300,
      positions: [{ room: 2, sequence: 1000 }, { room: 9, sequence: 0 }],
    },
    `0c 50 03 "tok" ac02 02 e807 09 00`,
  ),
  ask(
    "a new account, and a login",
    { type: "register", username: "eve", password: "pw", keep: true },
    `08 63 03 "eve" 02 "pw"`,
  ),
  ask(
    "a guest's wish for an account",
    { type: "register", password: "pw" },
    `04 60 02 "pw"`,
  ),
  ask(
    "a change of the password",
    { type: "change_password", password: "a", newPassword: "bc" },
    `06 70 01 "a" 02 "bc"`,
  ),
  ask("what is said to a room", hello, `03 10 "hi"`),
  ask("an empty text", { type: "room_msg", text: "" }, `01 10`),
  ask(
    "a text in UTF-8 of one to four bytes a character",
    { type: "room_msg", text: "aß€👋" },
    `0b 10 61 c39f e282ac f09f918b`,
  ),
  ask(
    "ciphertext to a room",
    { type: "room_msg", text: ciphertext },
    `05 12 deadbeef`,
  ),
  ask(
    "what is said to another room than the one one is in",
    { type: "room_msg", room: 300, text: "hi" },
    `05 14 ac02 "hi"`,
  ),
  ask(
    "what is said to a room by its name",
    { type: "room_msg", room: "General", text: "hi" },
    `04 14 02 "hi"`,
    {
      ...after(),
      read: { type: "room_msg", room: 2, text: "hi", ref: 0 },
    },
  ),
  ask(
    "what is said to the room of two by the other's name",
    { type: "room_msg", room: "@bob", text: "hi" },
    `04 14 09 "hi"`,
    {
      ...after(),
      read: { type: "room_msg", room: 9, text: "hi", ref: 0 },
    },
  ),
  ask(
    "what is said to the same room again, before an answer",
    { type: "room_msg", room: 2, text: "hi" },
    `04 18 01 "hi"`,
    {
      ...after({ ask: { type: "room_msg", room: 2, text: "a" } }),
      read: { type: "room_msg", room: 2, text: "hi", ref: 1 },
    },
  ),
  ask(
    "what is said under a small number again after answers",
    hello,
    `03 10 "hi"`,
    {
      ...after(
        { ask: hello },
        { ask: hello },
        stored(17, 0),
        stored(18, 0),
      ),
      read: { type: "room_msg", text: "hi", ref: 2 },
    },
  ),
  ask(
    "what is said to the room one is in, after another",
    hello,
    `04 14 00 "hi"`,
    {
      ...after(
        { ask: { type: "room_msg", room: 9, text: "a" } },
        {
          reply: {
            type: "private_msg_delivery",
            sender: "alice",
            recipient: "bob",
            text: "a",
            place: { ...place(1, 0, 1), room: 9 },
          },
        },
      ),
      read: { type: "room_msg", text: "hi", ref: 1 },
    },
  ),
  ask(
    "a message's ref, which it does not have",
    { type: "room_msg", text: "hi", ref: 40 },
    `03 10 "hi"`,
    {
      before: [
        { ask: { type: "resume", token: "t", positions: [], ref: 40 } },
        {
          reply: {
            type: "login_ack",
            username: "alice",
            room: "general",
            user: 1,
            roomHandle: 2,
          },
        },
      ],
    },
  ),
  ask(
    "what is said to a person",
    { type: "private_msg", recipient: "bob", text: "psst" },
    `09 30 03 "bob" "psst"`,
  ),
  ask(
    "ciphertext to a person",
    { type: "private_msg", recipient: "bob", text: ciphertext },
    `09 32 03 "bob" deadbeef`,
  ),
  ask(
    "a request to join a room",
    { type: "join_room", room: "tea & talk" },
    `0c 80 0a "tea & talk"`,
  ),
  ask("that a room is left", { type: "leave_room", room: 300 }, `03 90 ac02`),
  ask(
    "a group to be made",
    { type: "make_group", room: "crew", users: ["bob", "eve"] },
    `0e a0 04 "crew" 03 "bob" 03 "eve"`,
  ),
  ask(
    "a group with oneself alone",
    { type: "make_group", room: "me", users: [] },
    `04 a0 02 "me"`,
  ),
  ask(
    "somebody who is to be in a group",
    { type: "invite", room: 7, user: "eve" },
    `06 b0 07 03 "eve"`,
  ),
  ask("a request for the rooms", { type: "list_rooms" }, `01 c0`),
  ask("a request for the users", { type: "list_users" }, `01 c1`),
  ask(
    "a request for the users of a room",
    { type: "list_users", room: 7 },
    `02 c5 07`,
  ),
  ask(
    "a request for the members of a room",
    { type: "list_members", room: 7 },
    `02 c6 07`,
  ),
  ask(
    "a request for the newest messages",
    { type: "history", room: 2 },
    `03 d0 02 00`,
  ),
  ask(
    "a request for messages between two, from a time on",
    { type: "history", room: 2, limit: 20, before: 300, after: 5, since: 1 },
    `07 d7 02 14 ac02 05 01`,
  ),
  ask(
    "a search in all rooms",
    { type: "search", words: "tea time" },
    `0b e0 00 08 "tea time"`,
  ),
  ask(
    "a search in a room, before an id",
    { type: "search", words: "tea", room: 2, before: 300, limit: 5 },
    `09 e5 05 03 "tea" 02 ac02`,
  ),
  ask(
    "what the room is about",
    { type: "set_topic", topic: "sea" },
    `06 f0 01 03 "sea"`,
  ),
  ask(
    "that another room is about nothing",
    { type: "set_topic", room: 7, topic: "" },
    `04 f4 01 07 00`,
  ),
  ask(
    "why one does not look",
    { type: "set_away", text: "tea" },
    `06 f0 02 03 "tea"`,
  ),
  ask("that one is back", { type: "set_away" }, `03 f0 02 00`),
  ask(
    "a question for names",
    { type: "names", handles: [3, 300] },
    `05 f0 00 03 ac02`,
  ),
  ask("that one goes for good", { type: "logout" }, `02 f0 03`),
  ask(
    "a public key, whatever it is",
    { type: "publish_key", key: ciphertext },
    `07 f0 04 04 deadbeef`,
  ),
  ask(
    "whose public key one wants",
    { type: "find_key", user: "Zoë" },
    `07 f0 05 04 5a6fc3ab`,
  ),
  ask(
    "what was received and read",
    { type: "receipt", room: 2, received: 300, read: 300 },
    `04 24 02 ac02`,
  ),
  ask(
    "what was received and not read at all",
    { type: "receipt", room: 2, received: 300 },
    `06 25 02 ac02 ac02`,
  ),
  ask(
    "that one more message was received and read",
    { type: "receipt", room: 2, received: 18, read: 18 },
    `01 20`,
    { before: [{ ask: { type: "receipt", room: 2, received: 17, read: 17 } }] },
  ),
  ask(
    "that three more messages were received, two of them not read",
    { type: "receipt", room: 2, received: 20, read: 18 },
    `03 23 03 02`,
    { before: [{ ask: { type: "receipt", room: 2, received: 17, read: 17 } }] },
  ),
  ask(
    "that what was received is now read",
    { type: "receipt", room: 2, received: 17, read: 17 },
    `02 22 00`,
    { before: [{ ask: { type: "receipt", room: 2, received: 17 } }] },
  ),
];

const STREAM: readonly Case[] = [
  tell(
    "a room's first message",
    {
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: "hi",
      place: place(17, 0),
    },
    `02 30 02  04 10 03 "hi"`,
  ),
  tell(
    "a room's next message, some time later",
    {
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: "hi",
      place: place(18, 300),
    },
    `06 14 03 ac02 "hi"`,
    after({
      tell: {
        type: "room_msg",
        room: "general",
        sender: "bob",
        text: "a",
        place: place(17, 0),
      },
    }),
  ),
  tell(
    "a room's ciphertext",
    {
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: ciphertext,
      place: place(17, 1),
    },
    `02 30 02  07 16 03 01 deadbeef`,
  ),
  tell(
    "a private message",
    {
      type: "private_msg_delivery",
      sender: "bob",
      recipient: "alice",
      text: "psst",
      place: { ...place(1, 0), room: 9 },
    },
    `02 30 09  06 10 03 "psst"`,
  ),
  tell(
    "a private message of one's own, said elsewhere",
    {
      type: "private_msg_delivery",
      sender: "alice",
      recipient: "bob",
      text: "psst",
      place: { ...place(1, 0, 1), room: 9 },
    },
    `02 30 09  06 10 01 "psst"`,
  ),
  reply(
    "that a message is stored",
    hello,
    { type: "room_msg_ack", id: 0, place: place(17, 0, 1) },
    `02 30 02  01 20`,
  ),
  reply(
    "that a message is stored, some time later, as the second request",
    hello,
    { type: "room_msg_ack", id: 0, place: place(18, 60, 1) },
    `03 2c 01 3c`,
    after({ ask: hello }, { ask: hello }, stored(17, 0)),
  ),
  reply(
    "that a private message is stored",
    { type: "private_msg", recipient: "BOB", text: "psst" },
    {
      type: "private_msg_delivery",
      sender: "alice",
      recipient: "bob",
      text: "psst",
      place: { ...place(1, 5, 1), room: 9 },
    },
    `02 30 09  02 24 05`,
  ),
  reply(
    "that a message was stored before",
    hello,
    {
      type: "room_msg_ack",
      id: 0,
      place: { id: 0, room: 2, sequence: 12, time: TIME * 1000, sender: 1 },
      repeated: true,
    },
    `08 23 02 0c a88484d806`,
  ),
  reply(
    "that a message was stored before, in a room that is no more",
    hello,
    {
      type: "room_msg_ack",
      id: 0,
      place: { id: 0, room: 0, sequence: 12, time: TIME * 1000, sender: 1 },
      repeated: true,
    },
    `08 23 00 0c a88484d806`,
  ),
  reply(
    "that a message is stored in a room that was left meanwhile",
    hello,
    {
      type: "room_msg_ack",
      id: 0,
      place: { id: 0, room: 2, sequence: 12, time: TIME * 1000, sender: 1 },
    },
    `08 21 02 0c a88484d806`,
  ),
  tell(
    "that everybody has everything",
    { type: "received_by_all", room: 2, sequence: 16, behind: 0 },
    `02 30 02  01 50`,
  ),
  tell(
    "that everybody has all but two",
    { type: "received_by_all", room: 2, sequence: 14, behind: 2 },
    `02 30 02  02 51 02`,
  ),
  tell(
    "what everybody has, by its sequence",
    { type: "received_by_all", room: 2, sequence: 300 },
    `02 30 02  03 52 ac02`,
  ),
  tell(
    "who comes in",
    {
      type: "presence",
      room: "general",
      user: "eve",
      here: true,
      handles: { room: 2, user: 4 },
    },
    `02 30 02  06 61 04 03 "eve"`,
  ),
  tell(
    "who goes",
    {
      type: "presence",
      room: "general",
      user: "eve",
      here: false,
      handles: { room: 2, user: 4 },
    },
    `02 30 02  06 60 04 03 "eve"`,
  ),
  tell(
    "how many came and went",
    {
      type: "crowd",
      room: "general",
      joined: 37,
      left: 12,
      here: 1004,
      roomHandle: 2,
    },
    `02 30 02  06 f0 04 ec07 25 0c`,
  ),
  tell(
    "where a room is",
    { type: "position", room: 7, sequence: 300, time: TIME },
    `09 40 07 ac02 a88484d806`,
  ),
];

const PAST_PLACE = { id: 1000, room: 2, sequence: 12, time: TIME * 1000 + 7 };

const NEWS: readonly Case[] = [
  tell(
    "a message of the past",
    {
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: "hi",
      history: true,
      place: { ...PAST_PLACE, sender: 3 },
    },
    `12 a4 02 e807 0c c7d8c1df9f34 03 03 "bob" "hi"`,
  ),
  tell(
    "ciphertext of the past, from before there were handles",
    {
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: ciphertext,
      history: true,
      place: PAST_PLACE,
    },
    `13 a2 02 e807 0c c7d8c1df9f34 03 "bob" deadbeef`,
  ),
  tell(
    "a private message of the past",
    {
      type: "private_msg_delivery",
      sender: "alice",
      recipient: "bob",
      text: "hi",
      history: true,
      place: { ...PAST_PLACE, room: 9 },
    },
    `13 a0 09 e807 0c c7d8c1df9f34 05 "alice" "hi"`,
  ),
  tell(
    "rooms",
    {
      type: "rooms",
      rooms: [{
        room: 7,
        kind: "group",
        name: "crew",
        topic: "sea",
        last: 300,
        received: 299,
        read: 5,
        receivedByAll: 1,
      }, {
        room: 9,
        kind: "direct",
        name: "bob",
        last: 0,
        received: 0,
        read: 0,
        receivedByAll: 0,
      }],
    },
    `1d b0 07 02 04 "crew" 03 "sea" ac02 ab02 05 01
        09 03 03 "bob" 00 00 00 00 00`,
  ),
  tell(
    "names",
    {
      type: "names",
      names: [
        { handle: 4, kind: "user", name: "eve" },
        { handle: 7, kind: "group", name: "crew" },
      ],
    },
    `0e 70 04 00 03 "eve" 07 02 04 "crew"`,
    { read: null },
  ),
  tell(
    "what the server tells people",
    { type: "system_msg", text: "Grüße" },
    `09 c0 07 "Gr" c3bc c39f "e"`,
  ),
  tell(
    "why the server closes",
    { type: "error_msg", code: 503, text: "Unavailable: bye" },
    `07 d0 f703 03 "bye"`,
  ),
  tell(
    "an invitation",
    { type: "invitation", user: "bob", room: "crew" },
    `0a e0 03 "bob" 04 "crew"`,
  ),
  tell(
    "what a room is about",
    { type: "topic", user: "bob", room: "crew", topic: "sea" },
    `0f f0 02 03 "bob" 04 "crew" 03 "sea"`,
  ),
  tell(
    "that a room is about nothing",
    { type: "topic", user: "bob", room: "crew", topic: "" },
    `0c f0 02 03 "bob" 04 "crew" 00`,
  ),
  tell(
    "who does not look",
    { type: "away", user: "bob", text: "tea" },
    `0a f0 03 03 "bob" 03 "tea"`,
  ),
  tell(
    "who is back",
    { type: "away", user: "bob" },
    `07 f0 03 03 "bob" 00`,
  ),
  tell(
    "a room that another client left",
    { type: "moved", left: "tea", room: "general" },
    `0e f0 01 03 "tea" 07 "general"`,
  ),
];

const entry = (extra: object = {}) =>
  ({
    type: "room_msg",
    room: "general",
    sender: "bob",
    text: "hi",
    place: { ...PAST_PLACE, sender: 3, ...extra },
  }) as const;

const REPLIES: readonly Case[] = [
  reply(
    "a welcome",
    { type: "login", username: "ALICE" },
    {
      type: "login_ack",
      username: "alice",
      room: "general",
      user: 300,
      roomHandle: 2,
    },
    `13 f0 00 05 "alice" ac02 02 07 "general"`,
    { before: [{ ask: { type: "login", username: "ALICE" } }] },
  ),
  reply(
    "a welcome with the token of a session",
    { type: "login", username: "alice", keep: true },
    {
      type: "login_ack",
      username: "alice",
      room: "general",
      user: 1,
      roomHandle: 2,
      token: "tok",
    },
    `16 f1 00 05 "alice" 01 02 07 "general" 03 "tok"`,
    { before: [{ ask: { type: "login", username: "alice", keep: true } }] },
  ),
  reply(
    "a welcome to who has a new account",
    { type: "register", username: "a", password: "b" },
    { type: "login_ack", username: "a", room: "r", user: 1, roomHandle: 2 },
    `08 f0 00 01 "a" 01 02 01 "r"`,
    { before: [{ ask: { type: "register", username: "a", password: "b" } }] },
  ),
  reply(
    "a rejection",
    { type: "login", username: "alice" },
    { type: "login_reject", reason: "Name taken: so", code: 409 },
    `06 90 9903 02 "so"`,
    { before: [{ ask: { type: "login", username: "alice" } }] },
  ),
  reply(
    "a refusal",
    { type: "join_room", room: "x" },
    { type: "error_msg", code: 403, text: "Not allowed: no" },
    `07 98 01 9303 02 "no"`,
    after(
      { ask: hello },
      { ask: { type: "join_room", room: "x" } },
      stored(17, 0),
    ),
  ),
  reply(
    "that an account is made",
    { type: "register", password: "pw" },
    { type: "register", username: "alice" },
    `01 80`,
  ),
  reply(
    "that a password is changed",
    { type: "change_password", password: "a", newPassword: "b" },
    { type: "change_password" },
    `01 80`,
  ),
  reply(
    "that a password is changed, and by which token one comes back",
    { type: "change_password", password: "a", newPassword: "b" },
    { type: "change_password", token: "tok" },
    `05 81 03 "tok"`,
  ),
  reply(
    "that a public key is taken",
    { type: "publish_key", key: ciphertext },
    { type: "publish_key" },
    `01 80`,
  ),
  reply(
    "somebody's public key",
    { type: "find_key", user: "BOB" },
    { type: "find_key", user: "bob", key: ciphertext },
    `0a 80 03 "bob" 04 deadbeef`,
  ),
  reply(
    "the room that was joined",
    { type: "join_room", room: "日本" },
    { type: "join_room", room: "日本" },
    `08 80 06 e697a5 e69cac`,
  ),
  reply(
    "the room that was left",
    { type: "leave_room", room: 2 },
    { type: "leave_room", room: "general" },
    `09 80 07 "general"`,
  ),
  reply(
    "the group that was made",
    { type: "make_group", room: "crew", users: ["bob"] },
    { type: "make_group", room: "crew", users: ["alice", "bob"] },
    `10 80 04 "crew" 05 "alice" 03 "bob"`,
  ),
  reply(
    "who was made a member",
    { type: "invite", room: 7, user: "eve" },
    { type: "invite", room: "crew", user: "eve" },
    `0a 80 04 "crew" 03 "eve"`,
  ),
  reply(
    "a list of users",
    { type: "list_users" },
    { type: "list_users", room: "general", users: ["alice", "bob"] },
    `13 80 07 "general" 05 "alice" 03 "bob"`,
  ),
  reply(
    "a list of rooms, one without a name",
    { type: "list_rooms" },
    { type: "list_rooms", rooms: ["general", "", "x"] },
    `0c 80 07 "general" 00 01 "x"`,
  ),
  reply(
    "a list of members",
    { type: "list_members", room: 7 },
    {
      type: "list_members",
      room: "crew",
      members: [
        { user: 1, name: "alice", account: true, here: true },
        { user: 4, name: "eve", account: false, here: false },
        { user: 5, name: "bo", account: false, here: true, away: "tea" },
      ],
    },
    `1d 80 04 "crew" 01 03 05 "alice" 04 00 03 "eve" 05 06 02 "bo" 03 "tea"`,
  ),
  reply(
    "a page of history",
    { type: "history", room: 2 },
    { type: "history", room: "general", messages: [entry()], more: true },
    `25 80 01 07 "general" e807 02 0c c7d8c1df9f34 04 03 03 "bob" 07 "general" 02 "hi"`,
  ),
  reply(
    "an empty page of history",
    { type: "history", room: 2 },
    { type: "history", room: "general", messages: [], more: false },
    `0a 80 00 07 "general"`,
  ),
  reply(
    "what was found, among it ciphertext between two",
    { type: "search", words: "hi" },
    {
      type: "search",
      messages: [{
        type: "private_msg_delivery",
        sender: "bob",
        recipient: "alice",
        text: ciphertext,
        place: PAST_PLACE,
      }],
      more: false,
    },
    `1c 80 00 e807 02 0c c7d8c1df9f34 0a 03 "bob" 05 "alice" 04 deadbeef`,
  ),
  reply(
    "that a topic is set",
    { type: "set_topic", topic: "sea" },
    { type: "set_topic", room: "general", topic: "sea" },
    `0d 80 07 "general" 03 "sea"`,
  ),
  reply(
    "that people know why one does not look",
    { type: "set_away", text: "tea" },
    { type: "set_away", text: "tea" },
    `05 80 03 "tea"`,
  ),
  reply(
    "that people know that one is back",
    { type: "set_away" },
    { type: "set_away" },
    `02 80 00`,
  ),
  reply(
    "what handles stand for",
    { type: "names", handles: [4, 5] },
    { type: "names", names: [{ handle: 4, kind: "user", name: "eve" }] },
    `07 80 04 00 03 "eve"`,
  ),
];

/** The table. */
export const CASES: readonly Case[] = [
  ...REQUESTS,
  ...STREAM,
  ...NEWS,
  ...REPLIES,
];
