import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Datagram,
  DATAGRAM_LIMITS,
  DatagramError,
  decodeDatagram,
  encodeBody,
  encodeDatagram,
  joinDatagram,
  LocalProtocolError,
  RemoteProtocolError,
} from "../../../lib/wire/mod.ts";
import { golden, joined } from "../golden.ts";

const PLAIN = { seqn: 1, ack: false, syn: false, fin: false };
const HEADER = golden("00000001 00 00 00");

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Datagrams both ways; the headers are what Python's struct makes of `!i???`. */
const CASES: readonly (readonly [
  what: string,
  datagram: Datagram,
  bytes: string,
])[] = [
  [
    "a SYN",
    { seqn: 0, ack: false, syn: true, fin: false, body: { username: "al" } },
    `00000000 00 01 00 "{" 22 "username" 22 ":" 22 "al" 22 "}"`,
  ],
  [
    "a SYN of nobody",
    { seqn: 0, ack: false, syn: true, fin: false, body: { username: null } },
    `00000000 00 01 00 "{" 22 "username" 22 ":null}"`,
  ],
  [
    "a FIN",
    { seqn: -1, ack: false, syn: false, fin: true, body: {} },
    `ffffffff 00 00 01 "{}"`,
  ],
  [
    "an empty ACK",
    { seqn: 4660, ack: true, syn: false, fin: false, body: {} },
    `00001234 01 00 00 "{}"`,
  ],
  [
    "all flags",
    { seqn: 305419896, ack: true, syn: true, fin: true, body: {} },
    `12345678 01 01 01 "{}"`,
  ],
  [
    "the highest SEQN",
    { seqn: 2147483647, ack: true, syn: false, fin: false, body: {} },
    `7fffffff 01 00 00 "{}"`,
  ],
  [
    "the lowest SEQN",
    { seqn: -2147483648, ack: false, syn: false, fin: false, body: {} },
    `80000000 00 00 00 "{}"`,
  ],
  [
    "an answer",
    {
      seqn: 7,
      ack: true,
      syn: false,
      fin: false,
      body: { status: 200, error: null, response: ["é"] },
    },
    `00000007 01 00 00
     "{" 22 "status" 22 ":200," 22 "error" 22 ":null,"
     22 "response" 22 ":[" 22 c3a9 22 "]}"`,
  ],
];

for (const [what, datagram, bytes] of CASES) {
  Deno.test(`udpchat writes and reads ${what}`, () => {
    assertEquals(encodeDatagram(datagram), golden(bytes));
    assertEquals(decodeDatagram(golden(bytes)), datagram);
  });
}

/** What is read and never written by us. */
const READ: readonly (readonly [what: string, bytes: string, body: unknown])[] =
  [
    ["no body", "", {}],
    ["null", `"null"`, {}],
    ["white space", `09 0a 0d 20 "{}" 20`, {}],
    [
      "what Python writes",
      `"{" 22 "a" 22 ": [1, 2], " 22 "b" 22 ": 1.5e-07}"`,
      { a: [1, 2], b: 1.5e-7 },
    ],
    [
      "Python's escapes",
      `"{" 22 "\\u00e9" 22 ": " 22 "\\ud83d\\ude00\\u2028" 7f 22 "}"`,
      { "é": "😀\u2028\x7f" },
    ],
    [
      "brackets in a string",
      `"{" 22 "a" 22 ":" 22 "\\" 22 "${"[".repeat(100)}" 22 "}"`,
      { a: `"${"[".repeat(100)}` },
    ],
    [
      "the prototype as a key",
      `"{" 22 "__proto__" 22 ":1}"`,
      JSON.parse(`{"__proto__":1}`),
    ],
  ];

for (const [what, bytes, body] of READ) {
  Deno.test(`udpchat reads a body of ${what}`, () => {
    const datagram = decodeDatagram(joined(HEADER, golden(bytes)));
    assertEquals(datagram, { ...PLAIN, body } as Datagram);
  });
}

Deno.test("udpchat takes every byte but 0 for a flag that is set", () => {
  for (let flag = 0; flag < 256; flag++) {
    const bytes = new Uint8Array([0, 0, 0, 1, flag, flag, flag]);
    const set = flag !== 0;
    assertEquals(decodeDatagram(bytes), {
      seqn: 1,
      ack: set,
      syn: set,
      fin: set,
      body: {},
    });
  }
});

const nested = (depth: number) =>
  `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;

/** Bodies that are refused, and what the error says. */
const BAD: readonly (readonly [what: string, body: string, says: string])[] = [
  ["words", "hello", "not JSON"],
  ["half an object", `{"a":`, "not JSON"],
  ["white space alone", " ", "not JSON"],
  ["two objects", "{}{}", "not JSON"],
  ["a byte order mark", "\ufeff{}", "not JSON"],
  ["Python's NaN", `{"a": NaN}`, "not JSON"],
  ["Python's Infinity", `{"a": Infinity}`, "not JSON"],
  ["Python's -Infinity", `{"a": -Infinity}`, "not JSON"],
  ["a raw control character", `{"a":"\x01"}`, "not JSON"],
  ["an array", "[]", "not a JSON object"],
  ["a number", "0", "not a JSON object"],
  ["a string", `"{}"`, "not a JSON object"],
  ["false", "false", "not a JSON object"],
  ["a nesting one too deep", nested(33), "deeper than 32"],
  ["a nesting bomb", "[".repeat(65_000), "deeper than 32"],
  ["a bomb of objects", `{"a":`.repeat(13_000), "deeper than 32"],
  ["a bomb behind an escape", `{"\\\\":${"[".repeat(60_000)}`, "deeper than"],
];

for (const [what, body, says] of BAD) {
  Deno.test(`udpchat refuses a body of ${what}, and says to what the 400 belongs`, () => {
    const error = assertThrows(
      () => decodeDatagram(joinDatagram({ ...PLAIN, seqn: 77 }, utf8(body))),
      DatagramError,
    );
    assert(error instanceof RemoteProtocolError);
    assertStringIncludes(error.detail, says);
    assertEquals([error.code, error.fatal, error.seqn], [400, false, 77]);
    assertLess(error.message.length, 100);
  });
}

Deno.test("udpchat reads a body that is nested as deep as may be", () => {
  const bytes = joinDatagram(PLAIN, utf8(nested(32)));
  assertEquals(Object.keys(decodeDatagram(bytes).body), ["a"]);
});

Deno.test("udpchat refuses bytes that are not UTF-8", () => {
  assertThrows(
    () => decodeDatagram(joined(HEADER, golden(`"{" 22 ff 22 ":1}"`))),
    DatagramError,
    "the body is not valid UTF-8",
  );
});

Deno.test("udpchat answers no ACK that it can't read", () => {
  const bytes = joinDatagram({ ...PLAIN, ack: true }, utf8("no"));
  const error = assertThrows(() => decodeDatagram(bytes), DatagramError);
  assertStrictEquals(error.seqn, undefined);
});

Deno.test("udpchat refuses what is shorter than a header, to nobody's SEQN", () => {
  for (let length = 0; length < 7; length++) {
    const error = assertThrows(
      () => decodeDatagram(HEADER.subarray(0, length)),
      DatagramError,
      `at least 7 bytes, this one has ${length}`,
    );
    assertStrictEquals(error.seqn, undefined);
  }
});

/** A datagram of exactly so many bytes. */
const long = (length: number) =>
  joinDatagram(PLAIN, utf8(`{"a":"${"x".repeat(length - 7 - 8)}"}`));

Deno.test("udpchat reads 65,507 bytes, and not one more", () => {
  assertEquals(DATAGRAM_LIMITS, { header: 7, accepted: 65_507, sent: 59_999 });
  const most = long(65_507);
  assertStrictEquals(most.length, 65_507);
  assertEquals(decodeDatagram(most).body, { a: "x".repeat(65_492) });
  const error = assertThrows(
    () => decodeDatagram(long(65_508)),
    DatagramError,
    "at most 65507 bytes, this one has 65508",
  );
  assertStrictEquals(error.seqn, 1);
});

Deno.test("udpchat sends 59,999 bytes, and not one more", () => {
  const body = { a: "x".repeat(59_984) };
  assertStrictEquals(encodeDatagram({ ...PLAIN, body }).length, 59_999);
  assertThrows(
    () => encodeBody({ a: `x${body.a}` }),
    LocalProtocolError,
    "60000 bytes can't be sent",
  );
});

Deno.test("udpchat writes half a surrogate pair so that Python reads it", () => {
  assertEquals(encodeBody({ a: "\ud800" }), utf8(`{"a":"\\ud800"}`));
});

Deno.test("udpchat sends nothing but objects of JSON", () => {
  const ring: Record<string, unknown> = {};
  ring["ring"] = ring;
  const bodies = [ring, { a: 1n }, { toJSON: () => 1 }, {
    toJSON: () => undefined,
  }];
  for (const body of bodies) {
    assertThrows(() => encodeBody(body), LocalProtocolError, "JSON");
  }
});
