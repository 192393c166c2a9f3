import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  ByteWriter,
  JSON_EVENTS,
  JsonClientCodec,
  JsonServerCodec,
  LocalProtocolError,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { golden, joined, lineBytes } from "./golden.ts";
import { type Message, type Mistake, readAll } from "./wires.ts";

const TOO_LARGE: Mistake = { error: 413, fatal: true };
const LIST = lineBytes(`{"type":"list_rooms"}`);
const LISTED: Message = { type: "list_rooms" };

const requests = (...pieces: Uint8Array[]) =>
  readAll(new JsonServerCodec(), ...pieces);
const events = (...lines: string[]) =>
  readAll(new JsonClientCodec(2), ...lines.map(lineBytes));

function line(event: ServerEvent): string {
  const writer = new ByteWriter();
  JSON_EVENTS[2].write(writer, event);
  return new TextDecoder().decode(writer.take());
}

Deno.test("JSON reads a line of 65,536 bytes and ends at one more", () => {
  const pad = (bytes: number) =>
    LIST.length - 1 < bytes
      ? joined(
        LIST.subarray(0, -1),
        new Uint8Array(bytes - LIST.length + 1).fill(0x20),
      )
      : LIST;
  const full = pad(65_536);
  assertStrictEquals(full.length, 65_536);
  const feed = golden("0a");
  assertEquals(requests(joined(full, feed), LIST), [LISTED, LISTED]);
  assertEquals(requests(full, feed, LIST), [LISTED, LISTED]);
  const over = pad(65_537);
  assertEquals(requests(joined(over, feed), LIST), [TOO_LARGE]);
  assertEquals(requests(over, feed, LIST), [TOO_LARGE]);
  assertEquals(requests(joined(LIST, over), LIST), [LISTED, TOO_LARGE]);
});

Deno.test("JSON never holds more than 65,536 bytes of a line without end", () => {
  const codec = new JsonServerCodec();
  const found = [];
  for (let sent = 0; sent < 300_000; sent += 1000) {
    found.push(...readAll(codec, new Uint8Array(1000).fill(0x7b)));
    assertLessOrEqual(codec.pending, 65_536);
  }
  assertEquals(found, [TOO_LARGE]);
  assertStrictEquals(codec.pending, 0);
  assertEquals(readAll(codec, golden("0a"), LIST), []);
});

Deno.test("JSON looks at each byte of a long line once for its end", () => {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype);
  const { indexOf } = prototype;
  let searched = 0;
  prototype.indexOf = function (byte: number, from = 0) {
    searched += this.length - from;
    return indexOf.call(this, byte, from);
  };
  try {
    const codec = new JsonServerCodec();
    for (let sent = 0; sent < 65_536; sent += 64) {
      readAll(codec, new Uint8Array(64).fill(0x20));
    }
  } finally {
    prototype.indexOf = indexOf;
  }
  assertLessOrEqual(searched, 65_536);
});

Deno.test("a JSON list is cut to what fits a line exactly", () => {
  // {"type":"list_rooms","rooms":[]} has 32 bytes; 65,504 are left. Each item
  // has 8 − 1 bytes and a comma, but the last has none: 8,188 are 65,503.
  const rooms = Array.from(
    { length: 9000 },
    (_, index) => String(10000 + index),
  );
  const text = line({ type: "list_rooms", rooms });
  assertStrictEquals(text.length, 32 + 8188 * 8 - 1 + 1);
  assertEquals(events(text.trimEnd()), [
    { type: "list_rooms", rooms: rooms.slice(0, 8188) },
  ]);
});

Deno.test("a JSON list that grows by escapes and characters of many bytes still fits", () => {
  for (const name of ["\0\0\0", '"\\"', "日本語", "👋👋", "\ud800", "a"]) {
    const users = Array.from({ length: 70_000 }, () => name);
    const text = line({ type: "list_users", room: `${name}\0`, users });
    const bytes = new TextEncoder().encode(text).length - 1;
    assertLessOrEqual(bytes, 65_536);
    const [message] = events(text.trimEnd());
    assert(message !== undefined && "users" in message);
    // One more would not have fitted.
    const item = new TextEncoder().encode(JSON.stringify(name.toWellFormed()));
    assertLess(65_536, bytes + item.length + 1);
  }
});

Deno.test("JSON writes half a surrogate pair as U+FFFD", () => {
  assertStrictEquals(
    line({ type: "system_msg", text: "a\ud83d" }),
    `{"type":"system_msg","text":"a\ufffd"}\n`,
  );
});

Deno.test("JSON keeps a text of 8,192 bytes within a line, whatever is in it", () => {
  for (
    const text of [
      "\0".repeat(8192),
      '"'.repeat(8192),
      "👋".repeat(2048),
      new Uint8Array(8192),
    ]
  ) {
    const event: ServerEvent = {
      type: "room_msg",
      room: "\u{10ffff}".repeat(32),
      sender: "\u{10ffff}".repeat(20),
      text,
      history: true,
    };
    assertEquals(events(line(event).trimEnd()), [event]);
  }
});

/** What can't be sent. */
const UNSENDABLE: readonly (readonly [what: string, message: unknown])[] = [
  ["a request", { type: "login", username: "a" }],
  ["a type that does not exist", { type: "toString" }],
  ["a message without its field", { type: "login_ack", username: "a" }],
  ["a line over 65,536 bytes", {
    type: "system_msg",
    text: "a".repeat(65_536),
  }],
  ["a line that escapes bring over it", {
    type: "system_msg",
    text: "\0".repeat(20_000),
  }],
  ["an id that is no number", { type: "room_msg_ack", id: NaN }],
  ["an id with a fraction", { type: "room_msg_ack", id: 1.5 }],
  ["an id of 2^53", { type: "room_msg_ack", id: 2 ** 53 }],
];

for (const [what, message] of UNSENDABLE) {
  Deno.test(`a JSON server does not send ${what}, and leaves nothing of it`, () => {
    const writer = new ByteWriter();
    JSON_EVENTS[1].write(writer, { type: "room_msg_ack", id: 7 });
    assertThrows(
      () => JSON_EVENTS[1].write(writer, message as ServerEvent),
      LocalProtocolError,
    );
    assertEquals(writer.take(), lineBytes(`{"type":"room_msg_ack","id":7}`));
  });
}
