/**
 * Messages and what they look like on each wire, written out by hand. One
 * table drives encoders and decoders (`conformance_test.ts`).
 */
import type { Direction } from "../../lib/wire/mod.ts";
import type { Message, WireId } from "./wires.ts";

/** Why a wire has no bytes for a case. */
export interface Skip {
  readonly skip: string;
}

/** One message, and its bytes: hex in binary, a line in JSON. */
export interface Case {
  /** Ends the sentence "the wire carries …". */
  readonly name: string;
  readonly direction: Direction;
  readonly message: Message;
  readonly bytes: Readonly<Record<WireId, string | Skip>>;
}

const NO_CODE: Skip = { skip: "it carries no code and no hint in errors" };
const ALWAYS_CODE: Skip = { skip: "its errors always have a code" };

/** Those with one are in `chatproto2_cases.ts`. */
const NO_PLACE: Skip = { skip: "its messages have a place in a stream" };
const NO_HINT: Skip = { skip: "it carries no hint" };

/** Bytes that are the same line in both versions. */
const bytes = (chatp1: string, json: string, chatp2: string | Skip) => ({
  chatp1,
  json1: json,
  json2: json,
  chatp2,
});

const ciphertext = new Uint8Array([0xde, 0xad, 0xbe, 0xef]);

/** The table. */
export const CASES: readonly Case[] = [
  {
    name: "a login",
    direction: "request",
    message: { type: "login", username: "alice" },
    bytes: {
      chatp1: `4350 01 01 00 00000007 0005 "alice"`,
      json1: `{"type":"login","username":"alice"}`,
      json2: `{"type":"login","username":"alice","v":2}`,
      chatp2: `07 40 05 "alice"`,
    },
  },
  {
    name: "a login with a password",
    direction: "request",
    message: { type: "login", username: "bob", password: "s3 cr" },
    bytes: {
      chatp1: `4350 01 01 00 0000000c 0003 "bob" 0005 "s3 cr"`,
      json1: `{"type":"login","username":"bob","password":"s3 cr"}`,
      json2: `{"type":"login","username":"bob","password":"s3 cr","v":2}`,
      chatp2: `0b 41 03 "bob" 05 "s3 cr"`,
    },
  },
  {
    name: "a login with a password that is empty, not absent",
    direction: "request",
    message: { type: "login", username: "bob", password: "" },
    bytes: {
      chatp1: `4350 01 01 00 00000007 0003 "bob" 0000`,
      json1: `{"type":"login","username":"bob","password":""}`,
      json2: `{"type":"login","username":"bob","password":"","v":2}`,
      chatp2: `06 41 03 "bob" 00`,
    },
  },
  {
    name: "what is said to a room",
    direction: "request",
    message: { type: "room_msg", text: "hi" },
    bytes: bytes(
      `4350 01 04 00 00000004 0002 "hi"`,
      `{"type":"room_msg","text":"hi"}`,
      `03 10 "hi"`,
    ),
  },
  {
    name: "an empty text",
    direction: "request",
    message: { type: "room_msg", text: "" },
    bytes: bytes(
      `4350 01 04 00 00000002 0000`,
      `{"type":"room_msg","text":""}`,
      `01 10`,
    ),
  },
  {
    name: "a text in UTF-8 of one to four bytes a character",
    direction: "request",
    message: { type: "room_msg", text: "aß€👋" },
    bytes: bytes(
      `4350 01 04 00 0000000c 000a 61 c39f e282ac f09f918b`,
      `{"type":"room_msg","text":"aß€👋"}`,
      `0b 10 61 c39f e282ac f09f918b`,
    ),
  },
  {
    name: "a text with quotes, a backslash and line breaks",
    direction: "request",
    message: { type: "room_msg", text: 'a"\\\r\n\tb' },
    bytes: bytes(
      `4350 01 04 00 00000009 0007 61 22 5c 0d 0a 09 62`,
      String.raw`{"type":"room_msg","text":"a\"\\\r\n\tb"}`,
      `08 10 61 22 5c 0d 0a 09 62`,
    ),
  },
  {
    name: "a text with control characters and separators",
    direction: "request",
    message: { type: "room_msg", text: "\0\x1b\x7f\u2028\ufeff" },
    bytes: bytes(
      `4350 01 04 00 0000000b 0009 00 1b 7f e280a8 efbbbf`,
      `{"type":"room_msg","text":"\\u0000\\u001b\x7f\u2028\ufeff"}`,
      `0a 10 00 1b 7f e280a8 efbbbf`,
    ),
  },
  {
    name: "a text that begins with a byte order mark",
    direction: "request",
    message: { type: "room_msg", text: "\ufeffhi" },
    bytes: bytes(
      `4350 01 04 00 00000007 0005 efbbbf "hi"`,
      `{"type":"room_msg","text":"\ufeffhi"}`,
      `06 10 efbbbf "hi"`,
    ),
  },
  {
    name: "ciphertext to a room",
    direction: "request",
    message: { type: "room_msg", text: ciphertext },
    bytes: bytes(
      `4350 01 04 02 00000006 0004 deadbeef`,
      `{"type":"room_msg","text":"3q2+7w==","encrypted":true}`,
      `05 12 deadbeef`,
    ),
  },
  {
    name: "ciphertext that is no UTF-8 and looks like a header",
    direction: "request",
    message: {
      type: "room_msg",
      text: new Uint8Array([0x43, 0x50, 0x01, 0x0a, 0xff]),
    },
    bytes: bytes(
      `4350 01 04 02 00000007 0005 4350010aff`,
      `{"type":"room_msg","text":"Q1ABCv8=","encrypted":true}`,
      `06 12 4350010aff`,
    ),
  },
  {
    name: "empty ciphertext",
    direction: "request",
    message: { type: "room_msg", text: new Uint8Array(0) },
    bytes: bytes(
      `4350 01 04 02 00000002 0000`,
      `{"type":"room_msg","text":"","encrypted":true}`,
      `01 12`,
    ),
  },
  {
    name: "what is said to a person",
    direction: "request",
    message: { type: "private_msg", recipient: "bob", text: "psst" },
    bytes: bytes(
      `4350 01 05 00 0000000b 0003 "bob" 0004 "psst"`,
      `{"type":"private_msg","recipient":"bob","text":"psst"}`,
      `09 30 03 "bob" "psst"`,
    ),
  },
  {
    name: "ciphertext to a person",
    direction: "request",
    message: { type: "private_msg", recipient: "bob", text: ciphertext },
    bytes: bytes(
      `4350 01 05 02 0000000b 0003 "bob" 0004 deadbeef`,
      `{"type":"private_msg","recipient":"bob","text":"3q2+7w==","encrypted":true}`,
      `09 32 03 "bob" deadbeef`,
    ),
  },
  {
    name: "a request to join a room",
    direction: "request",
    message: { type: "join_room", room: "tea & talk" },
    bytes: bytes(
      `4350 01 07 00 0000000c 000a "tea & talk"`,
      `{"type":"join_room","room":"tea & talk"}`,
      `0c 80 0a "tea & talk"`,
    ),
  },
  {
    name: "a request for the users",
    direction: "request",
    message: { type: "list_users" },
    bytes: bytes(`4350 01 08 00 00000000`, `{"type":"list_users"}`, `01 c1`),
  },
  {
    name: "a request for the rooms",
    direction: "request",
    message: { type: "list_rooms" },
    bytes: bytes(`4350 01 09 00 00000000`, `{"type":"list_rooms"}`, `01 c0`),
  },
  {
    name: "a login's reply",
    direction: "event",
    message: { type: "login_ack", username: "alice", room: "general" },
    bytes: bytes(
      `4350 01 02 00 00000010 0005 "alice" 0007 "general"`,
      `{"type":"login_ack","username":"alice","room":"general"}`,
      `12 f0 00 05 "alice" 00 00 07 "general"`,
    ),
  },
  {
    name: "a rejection",
    direction: "event",
    message: { type: "login_reject", reason: "Name taken: so" },
    bytes: bytes(
      `4350 01 03 00 00000010 000e "Name taken: so"`,
      `{"type":"login_reject","reason":"Name taken: so"}`,
      `11 90 00 0e "Name taken: so"`,
    ),
  },
  {
    name: "a rejection with its code and a hint",
    direction: "event",
    message: {
      type: "login_reject",
      reason: "Name taken: so",
      code: 409,
      hint: "Choose another name",
    },
    bytes: {
      chatp1: NO_CODE,
      json1: NO_CODE,
      json2:
        `{"type":"login_reject","reason":"Name taken: so","code":409,"hint":"Choose another name"}`,
      chatp2: NO_HINT,
    },
  },
  {
    name: "a room's message",
    direction: "event",
    message: {
      type: "room_msg",
      room: "general",
      sender: "alice",
      text: "hi",
    },
    bytes: bytes(
      `4350 01 04 00 00000014 0007 "general" 0005 "alice" 0002 "hi"`,
      `{"type":"room_msg","room":"general","sender":"alice","text":"hi"}`,
      NO_PLACE,
    ),
  },
  {
    name: "a room's message as a replay",
    direction: "event",
    message: {
      type: "room_msg",
      room: "r",
      sender: "élan",
      text: "hi",
      history: true,
    },
    bytes: bytes(
      `4350 01 04 01 0000000e 0001 "r" 0005 c3a9 "lan" 0002 "hi"`,
      `{"type":"room_msg","room":"r","sender":"élan","text":"hi","history":true}`,
      NO_PLACE,
    ),
  },
  {
    name: "a room's ciphertext as a replay",
    direction: "event",
    message: {
      type: "room_msg",
      room: "r",
      sender: "a",
      text: ciphertext,
      history: true,
    },
    bytes: bytes(
      `4350 01 04 03 0000000c 0001 "r" 0001 "a" 0004 deadbeef`,
      `{"type":"room_msg","room":"r","sender":"a","text":"3q2+7w==","history":true,"encrypted":true}`,
      NO_PLACE,
    ),
  },
  {
    name: "a private message's delivery",
    direction: "event",
    message: {
      type: "private_msg_delivery",
      sender: "alice",
      recipient: "bob",
      text: "psst",
    },
    bytes: bytes(
      `4350 01 06 00 00000012 0005 "alice" 0003 "bob" 0004 "psst"`,
      `{"type":"private_msg_delivery","sender":"alice","recipient":"bob","text":"psst"}`,
      NO_PLACE,
    ),
  },
  {
    name: "a private message's ciphertext as a replay",
    direction: "event",
    message: {
      type: "private_msg_delivery",
      sender: "a",
      recipient: "b",
      text: ciphertext,
      history: true,
    },
    bytes: bytes(
      `4350 01 06 03 0000000c 0001 "a" 0001 "b" 0004 deadbeef`,
      `{"type":"private_msg_delivery","sender":"a","recipient":"b","text":"3q2+7w==","history":true,"encrypted":true}`,
      NO_PLACE,
    ),
  },
  {
    name: "the room that was joined",
    direction: "event",
    message: { type: "join_room", room: "日本" },
    bytes: bytes(
      `4350 01 07 00 00000008 0006 e697a5 e69cac`,
      `{"type":"join_room","room":"日本"}`,
      `08 80 06 e697a5 e69cac`,
    ),
  },
  {
    name: "a list of users",
    direction: "event",
    message: { type: "list_users", room: "general", users: ["alice", "bob"] },
    bytes: bytes(
      `4350 01 08 00 00000015 0007 "general" 0005 "alice" 0003 "bob"`,
      `{"type":"list_users","room":"general","users":["alice","bob"]}`,
      `13 80 07 "general" 05 "alice" 03 "bob"`,
    ),
  },
  {
    name: "a list of no users",
    direction: "event",
    message: { type: "list_users", room: "general", users: [] },
    bytes: bytes(
      `4350 01 08 00 00000009 0007 "general"`,
      `{"type":"list_users","room":"general","users":[]}`,
      `09 80 07 "general"`,
    ),
  },
  {
    name: "a list of rooms, one without a name",
    direction: "event",
    message: { type: "list_rooms", rooms: ["general", "", "x"] },
    bytes: bytes(
      `4350 01 09 00 0000000e 0007 "general" 0000 0001 "x"`,
      `{"type":"list_rooms","rooms":["general","","x"]}`,
      `0c 80 07 "general" 00 01 "x"`,
    ),
  },
  {
    name: "a list of no rooms",
    direction: "event",
    message: { type: "list_rooms", rooms: [] },
    bytes: bytes(
      `4350 01 09 00 00000000`,
      `{"type":"list_rooms","rooms":[]}`,
      `01 80`,
    ),
  },
  {
    name: "what the server tells people",
    direction: "event",
    message: { type: "system_msg", text: "alice joined general" },
    bytes: bytes(
      `4350 01 0a 00 00000016 0014 "alice joined general"`,
      `{"type":"system_msg","text":"alice joined general"}`,
      `16 c0 14 "alice joined general"`,
    ),
  },
  {
    name: "an error with its code",
    direction: "event",
    message: { type: "error_msg", code: 404, text: "Not found: bob" },
    bytes: {
      chatp1: `4350 01 0b 00 00000015 0003 "404" 000e "Not found: bob"`,
      json1: NO_CODE,
      json2: `{"type":"error_msg","text":"Not found: bob","code":404}`,
      chatp2: `07 d0 9403 03 "bob"`,
    },
  },
  {
    name: "an error with its code and a hint",
    direction: "event",
    message: { type: "error_msg", code: 413, text: "Too large: so", hint: "!" },
    bytes: {
      chatp1: NO_HINT,
      json1: NO_CODE,
      json2:
        `{"type":"error_msg","text":"Too large: so","code":413,"hint":"!"}`,
      chatp2: NO_HINT,
    },
  },
  {
    name: "an error by its text alone",
    direction: "event",
    message: { type: "error_msg", text: "Not found: bob" },
    bytes: {
      chatp1: ALWAYS_CODE,
      json1: `{"type":"error_msg","text":"Not found: bob"}`,
      json2: `{"type":"error_msg","text":"Not found: bob"}`,
      chatp2: `11 d0 00 0e "Not found: bob"`,
    },
  },
  {
    name: "the id of a message that is stored",
    direction: "event",
    message: { type: "room_msg_ack", id: 42 },
    bytes: bytes(
      `4350 01 0c 00 00000004 0002 "42"`,
      `{"type":"room_msg_ack","id":42}`,
      NO_PLACE,
    ),
  },
  {
    name: "the greatest id there can be",
    direction: "event",
    message: { type: "room_msg_ack", id: 9007199254740991 },
    bytes: bytes(
      `4350 01 0c 00 00000012 0010 "9007199254740991"`,
      `{"type":"room_msg_ack","id":9007199254740991}`,
      NO_PLACE,
    ),
  },
];
