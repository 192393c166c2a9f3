import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  JSON_EVENTS,
  JsonClientCodec,
  JsonServerCodec,
  RemoteProtocolError,
} from "../../lib/wire/mod.ts";
import { golden, joined, lineBytes } from "./golden.ts";
import { type Message, type Mistake, readAll } from "./wires.ts";

const MALFORMED: Mistake = { error: 400, fatal: false };
const LIST = lineBytes(`{"type":"list_rooms"}`);
const LISTED: Message = { type: "list_rooms" };

const requests = (...pieces: Uint8Array[]) =>
  readAll(new JsonServerCodec(), ...pieces);
const events = (...lines: string[]) =>
  readAll(new JsonClientCodec(2), ...lines.map(lineBytes));

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
