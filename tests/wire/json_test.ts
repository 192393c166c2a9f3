import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  ByteWriter,
  JSON_EVENTS,
  JsonClientCodec,
  JsonServerCodec,
  LocalProtocolError,
  RemoteProtocolError,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import { golden, joined, lineBytes } from "./golden.ts";
import { type Message, type Mistake, readAll } from "./wires.ts";

const MALFORMED: Mistake = { error: 400, fatal: false };
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

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** Lines that are skipped with an error, and what it says. */
const BAD_REQUESTS: readonly (readonly [
  what: string,
  line: string,
  text: string,
])[] = [
  ["what is not JSON", "hello", "not JSON"],
  ["half an object", `{"type":"login"`, "not JSON"],
  [
    "two objects on a line",
    `{"type":"list_rooms"}{"type":"list_rooms"}`,
    "not JSON",
  ],
  ["single quotes", `{'type':'list_rooms'}`, "not JSON"],
  ["a line of spaces", "   ", "not JSON"],
  ["a byte order mark", `\ufeff{"type":"list_rooms"}`, "not JSON"],
  ["a raw control character", `{"type":"room_msg","text":"\x01"}`, "not JSON"],
  ["null", "null", "not a JSON object"],
  ["a number", "1", "not a JSON object"],
  ["a string", `"list_rooms"`, "not a JSON object"],
  ["an array", `[{"type":"list_rooms"}]`, "not a JSON object"],
  ["brackets without end", "[".repeat(65_000), "not JSON"],
  ["brackets within brackets", deep(32_000), "not a JSON object"],
  ["a type of brackets within brackets", `{"type":${deep(32_000)}}`, "(none)"],
  [
    "a field of brackets within brackets",
    `{"type":"login","username":${deep(30_000)}}`,
    "the field username is a string",
  ],
  ["no type", "{}", "(none)"],
  ["a type that does not exist", `{"type":"shout"}`, `"shout"`],
  ["a type that is a number", `{"type":1}`, "(none)"],
  ["a type that every object has", `{"type":"toString"}`, `"toString"`],
  ["a type in upper case", `{"type":"LIST_ROOMS"}`, `"LIST_ROOMS"`],
  ["a type that only servers send", `{"type":"login_ack"}`, `"login_ack"`],
  ["a missing field", `{"type":"login"}`, "lacks its field username"],
  [
    "a field in the prototype alone",
    `{"type":"login","__proto__":{"username":"a"}}`,
    "lacks its field username",
  ],
  [
    "null for a field",
    `{"type":"login","username":null}`,
    "the field username is a string",
  ],
  [
    "null for an optional field",
    `{"type":"login","username":"a","password":null}`,
    "the field password is a string",
  ],
  [
    "a number for a text",
    `{"type":"room_msg","text":1}`,
    "the field text is a string",
  ],
  [
    "an object for a text",
    `{"type":"room_msg","text":{"length":1}}`,
    "the field text is a string",
  ],
  [
    "half a surrogate pair",
    `{"type":"room_msg","text":"\\ud83d"}`,
    "not valid UTF-8",
  ],
  [
    "ciphertext that is not base64",
    `{"type":"room_msg","text":"a","encrypted":true}`,
    "base64",
  ],
  [
    "ciphertext in base64url",
    `{"type":"room_msg","text":"-_-_","encrypted":true}`,
    "base64",
  ],
];

for (const [what, text, says] of BAD_REQUESTS) {
  Deno.test(`JSON skips ${what} and goes on behind it`, () => {
    const bytes = lineBytes(text);
    assertEquals(requests(LIST, joined(bytes, LIST)), [
      LISTED,
      MALFORMED,
      LISTED,
    ]);
    const codec = new JsonServerCodec();
    codec.receive(bytes);
    const error = assertThrows(() => codec.next(), RemoteProtocolError);
    assertStringIncludes(error.message, says);
    assertLess(error.message.length, 200);
    assertStrictEquals(codec.pending, 0);
  });
}

Deno.test("JSON skips a line that is not UTF-8", () => {
  for (const bytes of ["ff", "c328", "eda080", "c0af"]) {
    const bad = joined(golden(`"{" 22`), golden(bytes), golden(`22 "}" 0a`));
    assertEquals(requests(bad, LIST), [MALFORMED, LISTED]);
  }
});

Deno.test("JSON quotes a type that is long in part, and never half a character", () => {
  const codec = new JsonServerCodec();
  codec.receive(lineBytes(`{"type":"${"👋".repeat(9000)}"}`));
  const error = assertThrows(() => codec.next(), RemoteProtocolError);
  assertLess(error.message.length, 100);
  assert(error.message.isWellFormed());
});

/** Events that are skipped. */
const BAD_EVENTS = [
  `{"type":"login","username":"a"}`,
  `{"type":"room_msg_ack"}`,
  `{"type":"room_msg_ack","id":"1"}`,
  `{"type":"room_msg_ack","id":-1}`,
  `{"type":"room_msg_ack","id":-0}`,
  `{"type":"room_msg_ack","id":1.5}`,
  `{"type":"room_msg_ack","id":1e400}`,
  `{"type":"room_msg_ack","id":9007199254740992}`,
  `{"type":"room_msg_ack","id":true}`,
  `{"type":"room_msg_ack","id":null}`,
  `{"type":"list_rooms","rooms":"a"}`,
  `{"type":"list_rooms","rooms":{"0":"a","length":1}}`,
  `{"type":"list_rooms","rooms":["a",1]}`,
  `{"type":"list_rooms","rooms":["a","\\udc00"]}`,
  `{"type":"error_msg","text":"x","code":"404"}`,
  `{"type":"error_msg","text":"x","code":-404}`,
  `{"type":"error_msg","text":"x","hint":1}`,
];

for (const bad of BAD_EVENTS) {
  Deno.test(`a JSON client skips ${bad}`, () => {
    assertEquals(events(bad, `{"type":"room_msg_ack","id":7}`), [
      MALFORMED,
      { type: "room_msg_ack", id: 7 },
    ]);
  });
}

Deno.test("JSON reads whole numbers however they are written", () => {
  for (const number of ["42", "42.0", "4.2e1", "420E-1"]) {
    assertEquals(events(`{"type":"room_msg_ack","id":${number}}`), [
      { type: "room_msg_ack", id: 42 },
    ]);
  }
});

Deno.test("JSON reads a code that it does not know as none", () => {
  assertEquals(events(`{"type":"error_msg","text":"x","code":999}`), [
    { type: "error_msg", text: "x" },
  ]);
});

Deno.test("JSON takes any white space and order, the last of a key, and skips others", () => {
  assertEquals(
    requests(
      lineBytes(
        ` { "v" : 2.0 ,\t"username" : "a" , "x":[{}], "type":"login" } `,
      ),
      lineBytes(
        `{"type":"list_users","type":"login","username":"a","username":"b"}`,
      ),
      lineBytes(
        `{"type":"login","username":"a","__proto__":{"password":"x"},"constructor":1}`,
      ),
      lineBytes(String.raw`{"\u0074ype":"room_msg","text":"\ud83d\udc4b\/"}`),
    ),
    [
      { type: "login", username: "a" },
      { type: "login", username: "b" },
      { type: "login", username: "a" },
      { type: "room_msg", text: "👋/" },
    ],
  );
});

Deno.test("JSON takes CRLF, and blank lines for nothing", () => {
  const codec = new JsonServerCodec();
  const stream = golden(
    `0a 0d0a 0a "{" 22 "type" 22 ":" 22 "list_rooms" 22 "}" 0d0a 0a 0d0a`,
  );
  assertEquals(readAll(codec, stream), [LISTED]);
  assertStrictEquals(codec.pending, 0);
  const bytes = [...stream].map((byte) => new Uint8Array([byte]));
  assertEquals(requests(...bytes), [LISTED]);
});

Deno.test("JSON tells an absent password from an empty one", () => {
  const [absent, empty] = requests(
    lineBytes(`{"type":"login","username":"a"}`),
    lineBytes(`{"type":"login","username":"a","password":""}`),
  );
  assert(absent !== undefined && !("password" in absent));
  assertEquals(empty, { type: "login", username: "a", password: "" });
});

Deno.test("JSON takes for flags nothing but true", () => {
  for (const flag of ["false", "1", `"true"`, "null", "[]"]) {
    assertEquals(
      events(
        `{"type":"room_msg","room":"r","sender":"s","text":"QQ==","encrypted":${flag},"history":${flag}}`,
      ),
      [{ type: "room_msg", room: "r", sender: "s", text: "QQ==" }],
    );
  }
});

Deno.test("JSON takes no request for history", () => {
  const [message] = requests(
    lineBytes(`{"type":"room_msg","text":"x","history":true}`),
  );
  assertEquals(Object.keys(message ?? {}), ["type", "text"]);
});

Deno.test("JSON reads base64 with and without its padding", () => {
  for (const text of ["3q2+7w==", "3q2+7w"]) {
    assertEquals(
      requests(
        lineBytes(`{"type":"room_msg","text":"${text}","encrypted":true}`),
      ),
      [{ type: "room_msg", text: golden("deadbeef") }],
    );
  }
});

/** How a server speaks after what a client said. */
const VERSIONS: readonly (readonly [line: string, name: string])[] = [
  [`{"type":"login","username":"a"}`, "json1"],
  [`{"type":"login","username":"a","v":1}`, "json1"],
  [`{"type":"login","username":"a","v":2}`, "json2"],
  [`{"type":"login","username":"a","v":3}`, "json2"],
  [`{"type":"login","username":"a","v":"2"}`, "json1"],
  [`{"type":"login","v":2}`, "json2"],
  [`{"type":"list_rooms","v":2}`, "json1"],
];

for (const [said, name] of VERSIONS) {
  Deno.test(`a server speaks ${name} after ${said}`, () => {
    const codec = new JsonServerCodec();
    assertStrictEquals(codec.encoding, JSON_EVENTS[1]);
    readAll(codec, lineBytes(said));
    assertStrictEquals(codec.encoding.name, name);
  });
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
