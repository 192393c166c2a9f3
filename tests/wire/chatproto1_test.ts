import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import {
  ByteWriter,
  CHATPROTO1_EVENTS,
  ChatProto1ClientCodec,
  ChatProto1ServerCodec,
  LocalProtocolError,
  RemoteProtocolError,
  type ServerEvent,
  typeOfCode,
} from "../../lib/wire/mod.ts";
import { golden, joined } from "./golden.ts";
import { type Message, type Mistake, readAll } from "./wires.ts";

const server = () => new ChatProto1ServerCodec();
const client = () => new ChatProto1ClientCodec();
const MALFORMED: Mistake = { error: 400, fatal: false };
const FATAL: Mistake = { error: 400, fatal: true };
const LIST = golden("4350 01 09 00 00000000");
const LISTED: Message = { type: "list_rooms" };

function event(message: ServerEvent): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  CHATPROTO1_EVENTS.write(writer, message);
  return writer.take();
}

/** Frames that are skipped with an error, and why. */
const BAD_REQUESTS: readonly (readonly [
  what: string,
  bytes: string,
  text: string,
])[] = [
  ["a type that does not exist", "4350 01 0d 00 00000002 ffff", "0x0d"],
  ["type 0", "4350 01 00 00 00000000", "0x00"],
  ["type 255", "4350 01 ff 00 00000000", "0xff"],
  ["a type that only servers send", "4350 01 02 00 00000000", "0x02"],
  [
    "a body without its field",
    "4350 01 01 00 00000000",
    "lacks its field username",
  ],
  [
    "a body without its second field",
    `4350 01 05 00 00000003 0001 "b"`,
    "lacks its field text",
  ],
  [
    "half a length",
    "4350 01 01 00 00000001 00",
    "ends within its field username",
  ],
  [
    "a length that passes the end by one",
    `4350 01 01 00 00000003 0002 "a"`,
    "ends within its field username",
  ],
  [
    "a length that passes the end by far",
    `4350 01 01 00 00000003 ffff "a"`,
    "ends within its field username",
  ],
  [
    "an optional field that is cut off",
    `4350 01 01 00 00000006 0001 "a" 0005 "b"`,
    "ends within its field password",
  ],
  [
    "a name that is not UTF-8",
    "4350 01 01 00 00000003 0001 ff",
    "the username is not valid UTF-8",
  ],
  [
    "a text that is not UTF-8",
    "4350 01 04 00 00000004 0002 c328",
    "the text is not valid UTF-8",
  ],
];

for (const [what, bytes, text] of BAD_REQUESTS) {
  Deno.test(`binary skips ${what} and goes on behind it`, () => {
    const stream = joined(LIST, golden(bytes), LIST);
    assertEquals(readAll(server(), stream), [LISTED, MALFORMED, LISTED]);
    const codec = server();
    codec.receive(golden(bytes));
    const error = assertThrows(() => codec.next(), RemoteProtocolError);
    assertStringIncludes(error.message, text);
    assertStrictEquals(codec.pending, 0);
  });
}

/** Events that are skipped with an error. */
const BAD_EVENTS: readonly (readonly [what: string, bytes: string])[] = [
  ["a type that only clients send", `4350 01 01 00 00000003 0001 "a"`],
  ["an id that is no number", `4350 01 0c 00 00000004 0002 "4x"`],
  ["an id that is negative", `4350 01 0c 00 00000004 0002 "-1"`],
  ["an id with an exponent", `4350 01 0c 00 00000005 0003 "1e3"`],
  ["an id with a fraction", `4350 01 0c 00 00000005 0003 "1.0"`],
  ["an id with a space", `4350 01 0c 00 00000004 0002 " 1"`],
  ["an id in other digits", "4350 01 0c 00 00000004 0002 d9a3"],
  ["an id that is empty", "4350 01 0c 00 00000002 0000"],
  ["an id of 2^53", `4350 01 0c 00 00000012 0010 "9007199254740992"`],
  ["an id of 17 digits", `4350 01 0c 00 00000013 0011 "00000000000000001"`],
  ["a code that is no number", `4350 01 0b 00 00000008 0003 "4o4" 0001 "x"`],
  ["a list that ends within an item", `4350 01 09 00 00000004 0001 "a" 00`],
  ["a list with an item that is not UTF-8", "4350 01 09 00 00000003 0001 80"],
];

for (const [what, bytes] of BAD_EVENTS) {
  Deno.test(`a binary client skips ${what}`, () => {
    const ack = golden(`4350 01 0c 00 00000003 0001 "7"`);
    assertEquals(readAll(client(), joined(golden(bytes), ack)), [
      MALFORMED,
      { type: "room_msg_ack", id: 7 },
    ]);
  });
}

/** Streams that can't be understood, and after how many bytes that is said. */
const HOPELESS: readonly (readonly [
  what: string,
  bytes: string,
  after: number,
  mistake: Mistake,
])[] = [
  ["another first byte", `"GET / HTTP/1.1" 0d0a`, 1, FATAL],
  ["another second byte", "4351 01 01 00 00000000", 2, FATAL],
  ["version 0", "4350 00 01 00 00000000", 3, FATAL],
  ["version 2", "4350 02 01 00 00000000", 3, FATAL],
  ["a body of 65,537 bytes", "4350 01 04 00 00010001 00", 9, {
    error: 413,
    fatal: true,
  }],
  ["a body of 4 GiB", "4350 01 04 00 ffffffff 00", 9, {
    error: 413,
    fatal: true,
  }],
  ["a body over 2 GiB of no type", "4350 01 63 00 80000000 00", 9, {
    error: 413,
    fatal: true,
  }],
];

for (const [what, bytes, after, mistake] of HOPELESS) {
  Deno.test(`binary ends at ${what}, as soon as it is there`, () => {
    const stream = golden(bytes);
    const codec = server();
    assertEquals(readAll(codec, LIST, stream.subarray(0, after - 1)), [LISTED]);
    assertEquals(readAll(codec, stream.subarray(after - 1, after)), [mistake]);
    assertStrictEquals(codec.pending, 0);
    assertEquals(readAll(codec, LIST, LIST), []);
    assertStrictEquals(codec.pending, 0);
  });
}

Deno.test("binary answers an oversized body before buffering it", () => {
  const codec = server();
  codec.receive(
    joined(golden("4350 01 04 00 00100000"), new Uint8Array(60_000)),
  );
  const error = assertThrows(() => codec.next(), RemoteProtocolError);
  assertEquals([error.code, error.fatal], [413, true]);
  assertStrictEquals(
    error.message,
    "Too large: a body has at most 65536 bytes, the header says 1048576",
  );
  assertStrictEquals(codec.pending, 0);
  codec.receive(new Uint8Array(60_000));
  assertStrictEquals(codec.pending, 0);
});

Deno.test("binary reads a body of 65,536 bytes, in pieces, and holds no more", () => {
  const codec = server();
  // A text of 65,534 bytes is over its own limit, which is the hub's to say.
  const frame = joined(
    golden("4350 01 04 00 00010000 fffe"),
    new Uint8Array(65_534).fill(0x61),
  );
  for (let at = 0; at < frame.length - 1; at += 1000) {
    assertEquals(
      readAll(codec, frame.subarray(at, Math.min(at + 1000, frame.length - 1))),
      [],
    );
    assertLessOrEqual(codec.pending, 65_545);
  }
  assertStrictEquals(codec.pending, 65_544);
  const [message] = readAll(codec, frame.subarray(frame.length - 1));
  assertEquals(message, { type: "room_msg", text: "a".repeat(65_534) });
});

Deno.test("binary skips fields behind those that it knows", () => {
  assertEquals(
    readAll(
      server(),
      golden(`4350 01 01 00 0000000e 0003 "bob" 0001 "p" 0004 "new!"`),
      golden(`4350 01 08 00 00000005 0003 "new"`),
      golden(`4350 01 04 00 00000004 0001 "x" ff`),
    ),
    [
      { type: "login", username: "bob", password: "p" },
      { type: "list_users" },
      { type: "room_msg", text: "x" },
    ],
  );
});

Deno.test("binary tells an absent password from an empty one", () => {
  const [absent, empty] = readAll(
    server(),
    golden(`4350 01 01 00 00000003 0001 "a"`),
    golden(`4350 01 01 00 00000005 0001 "a" 0000`),
  );
  assert(absent !== undefined && !("password" in absent));
  assertEquals(empty, { type: "login", username: "a", password: "" });
});

Deno.test("binary ignores flags that it does not know", () => {
  assertEquals(
    readAll(server(), golden(`4350 01 04 fc 00000003 0001 "x"`)),
    [{ type: "room_msg", text: "x" }],
  );
});

Deno.test("binary takes no request for history", () => {
  const [message] = readAll(
    server(),
    golden(`4350 01 04 01 00000003 0001 "x"`),
  );
  assertEquals(Object.keys(message ?? {}), ["type", "text"]);
});

Deno.test("binary takes flags where they mean nothing for nothing", () => {
  assertEquals(
    readAll(
      client(),
      golden(`4350 01 0a 03 00000003 0001 "x"`),
      golden(`4350 01 07 03 00000003 0001 "x"`),
    ),
    [{ type: "system_msg", text: "x" }, { type: "join_room", room: "x" }],
  );
});

Deno.test("binary reads a code that it does not know as none", () => {
  assertEquals(
    readAll(client(), golden(`4350 01 0b 00 00000008 0003 "999" 0001 "x"`)),
    [{ type: "error_msg", text: "x" }],
  );
});

Deno.test("binary reads numbers with zeros in front", () => {
  assertEquals(
    readAll(client(), golden(`4350 01 0c 00 00000005 0003 "007"`)),
    [{ type: "room_msg_ack", id: 7 }],
  );
});

Deno.test("binary copies ciphertext out of the socket's buffer", () => {
  const piece = Buffer.from(golden("4350 01 04 02 00000004 0002 beef"));
  const codec = server();
  codec.receive(piece);
  const message = codec.next();
  piece.fill(0);
  assertEquals(message, { type: "room_msg", text: golden("beef") });
  const text = message?.type === "room_msg" ? message.text : "";
  assert(text instanceof Uint8Array && text.constructor === Uint8Array);
  assertStrictEquals(text.buffer.byteLength, 2);
});

Deno.test("binary messages stay as they are when more bytes come", () => {
  const codec = server();
  const first = golden("4350 01 04 02 00000004 0002 beef");
  const [message] = readAll(
    codec,
    first.subarray(0, 5),
    joined(first.subarray(5), LIST.subarray(0, 3)),
  );
  readAll(
    codec,
    LIST.subarray(3),
    new Uint8Array(0),
    LIST,
    LIST.subarray(0, 4),
    LIST.subarray(4),
  );
  assertEquals(message, { type: "room_msg", text: golden("beef") });
});

Deno.test("a binary list is cut to what fits a body exactly", () => {
  // 2 + 7 bytes of room, then fields of 2 + 18: (65,536 − 9) / 20 = 3,276.35.
  const users = Array.from(
    { length: 5000 },
    (_, index) => `user-${String(index).padStart(13, "0")}`,
  );
  const bytes = event({ type: "list_users", room: "general", users });
  assertStrictEquals(bytes.length, 9 + 9 + 3276 * 20);
  assertEquals(readAll(client(), bytes), [
    { type: "list_users", room: "general", users: users.slice(0, 3276) },
  ]);
  // 2 + 14 bytes an item: 4,096 of them are a body to the byte.
  const rooms = Array.from(
    { length: 4097 },
    (_, index) => `room${String(index).padStart(10, "0")}`,
  );
  const full = event({ type: "list_rooms", rooms });
  assertStrictEquals(full.length, 9 + 65_536);
  assertEquals(readAll(client(), full), [
    { type: "list_rooms", rooms: rooms.slice(0, 4096) },
  ]);
});

/** What can't be sent. */
const UNSENDABLE: readonly (readonly [what: string, message: unknown])[] = [
  ["a request", { type: "login", username: "a" }],
  ["a type that does not exist", { type: "toString" }],
  ["a message without its field", { type: "login_ack", username: "a" }],
  ["an error without a code", { type: "error_msg", text: "x" }],
  ["a field over 65,535 bytes", {
    type: "system_msg",
    text: "a".repeat(65_536),
  }],
  ["a body over 65,536 bytes", {
    type: "login_ack",
    username: "a".repeat(40_000),
    room: "b".repeat(40_000),
  }],
  ["an id that is no number", { type: "room_msg_ack", id: NaN }],
  ["an id with a fraction", { type: "room_msg_ack", id: 1.5 }],
  ["an id below 0", { type: "room_msg_ack", id: -1 }],
  ["an id of 2^53", { type: "room_msg_ack", id: 2 ** 53 }],
];

for (const [what, message] of UNSENDABLE) {
  Deno.test(`a binary server does not send ${what}, and leaves nothing of it`, () => {
    const writer = new ByteWriter();
    CHATPROTO1_EVENTS.write(writer, { type: "room_msg_ack", id: 7 });
    assertThrows(
      () => CHATPROTO1_EVENTS.write(writer, message as ServerEvent),
      LocalProtocolError,
    );
    assertEquals(writer.take(), golden(`4350 01 0c 00 00000003 0001 "7"`));
  });
}

Deno.test("a type's row is found by its code, and no other", () => {
  assertStrictEquals(typeOfCode(0x04)?.type, "room_msg");
  assertStrictEquals(typeOfCode(0), undefined);
  assertStrictEquals(typeOfCode(0x0d), undefined);
});
