/**
 * What `chatp` relies on in its packages. Imports the bare names alone, so that
 * it holds the stand-ins and the real packages to the same.
 */
import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";
import { promptSecret, unicodeWidth } from "@std/cli";
import { promptSecret as promptSecretToo } from "@std/cli/prompt-secret";
import { unicodeWidth as unicodeWidthToo } from "@std/cli/unicode-width";
import { ProgressBar } from "@std/cli/unstable-progress-bar";
import { decryptAesGcm, encryptAesGcm, timingSafeEqual } from "@std/crypto";
import {
  decryptAesGcm as decryptAesGcmToo,
  encryptAesGcm as encryptAesGcmToo,
} from "@std/crypto/aes-gcm";
import { timingSafeEqual as timingSafeEqualToo } from "@std/crypto/timing-safe-equal";
import { TextLineStream } from "@std/streams";
import { TextLineStream as TextLineStreamToo } from "@std/streams/text-line-stream";

Deno.test("subpaths give what the packages themselves give", () => {
  assertStrictEquals(promptSecretToo, promptSecret);
  assertStrictEquals(unicodeWidthToo, unicodeWidth);
  assertStrictEquals(timingSafeEqualToo, timingSafeEqual);
  assertStrictEquals(encryptAesGcmToo, encryptAesGcm);
  assertStrictEquals(decryptAesGcmToo, decryptAesGcm);
  assertStrictEquals(TextLineStreamToo, TextLineStream);
});

Deno.test("unicodeWidth counts the columns of every code point", () => {
  const cases: [text: string, columns: number][] = [
    ["", 0],
    ["hello", 5],
    ["Grüße", 5],
    ["e\u0301", 1],
    ["日本語", 6],
    ["한국어", 6],
    ["\u1112\u1161\u11ab", 2], // 한, decomposed
    ["ｆｕｌｌ", 8],
    ["ﾊﾝｶｸ", 4],
    ["\u00ad", 1],
    ["\t\x00\x1b\x7f\x85", 0],
    ["\u200b\u200d\u2060\ufeff", 0],
    ["😀", 2],
    ["👍🏽", 4], // the tone counts too
    ["👨‍👩‍👧‍👦", 8], // four people, three joiners
    ["🇩🇪", 2],
    ["❤️", 1],
    ["☃", 1],
    ["⌚", 2],
    ["1️⃣", 1],
    ["नमस्ते", 4],
    ["สวัสดี", 4],
    ["مرحبا", 5],
    ["\ud800", 1],
    ["𝒳", 1],
    ["𠀀", 2],
  ];
  for (const [text, columns] of cases) {
    assertEquals(unicodeWidth(text), columns, JSON.stringify(text));
  }
});

Deno.test({
  name: "promptSecret gives null where there is no terminal",
  ignore: Deno.stdin.isTerminal(), // it would ask
  fn: () => assertEquals(promptSecret("Password"), null),
});

/** A stream that keeps what is written to it. */
function textSink(): { stream: WritableStream<Uint8Array>; text: string } {
  const decoder = new TextDecoder();
  const sink = {
    text: "",
    stream: new WritableStream<Uint8Array>({
      write(bytes) {
        sink.text += decoder.decode(bytes, { stream: true });
      },
    }),
  };
  return sink;
}

Deno.test("ProgressBar draws its state and ends with a line feed", async () => {
  const sink = textSink();
  const bar = new ProgressBar({
    writable: sink.stream,
    max: 2048,
    barLength: 4,
    interval: 60_000,
  });
  bar.value = 1024;
  await bar.stop();
  assertEquals(
    sink.text,
    "\r\x1b[K[00:00] [----] [0.00/2.00 KiB]" +
      "\r\x1b[K[00:00] [##--] [1.00/2.00 KiB]\n",
  );
});

Deno.test("ProgressBar has a formatter and clears its line", async () => {
  const sink = textSink();
  const bar = new ProgressBar({
    writable: sink.stream,
    max: 10,
    clear: true,
    keepOpen: false,
    formatter: ({ value, max }) => `${value} of ${max}`,
  });
  await bar.stop();
  assertEquals(sink.text, "\r\x1b[K0 of 10\r\x1b[K");
});

async function lines(chunks: string[], allowCR = false): Promise<string[]> {
  return await Array.fromAsync(
    ReadableStream.from(chunks).pipeThrough(new TextLineStream({ allowCR })),
  );
}

Deno.test("TextLineStream gives the same lines however text is cut", async () => {
  const text = "one\r\n\ntwo\rthree\n\r\nfour";
  const expected = ["one", "", "two\rthree", "", "four"];
  assertEquals(await lines([text]), expected);
  assertEquals(await lines([...text]), expected);
  assertEquals(
    await lines(["one\r", "\n\ntwo\rthree\n", "\r\nfour"]),
    expected,
  );
  assertEquals(await lines(["a\n", "b\n"]), ["a", "b"]);
  assertEquals(await lines(["a\r"]), ["a\r"]);
  assertEquals(await lines(["", ""]), []);
  assertEquals(
    await Array.fromAsync(
      ReadableStream.from(["a\nb"]).pipeThrough(new TextLineStream()),
    ),
    ["a", "b"],
  );
});

Deno.test("TextLineStream ends lines at a lone carriage return if allowed", async () => {
  const text = "CR\rLF\nCRLF\r\ndone\r";
  const expected = ["CR", "LF", "CRLF", "done"];
  assertEquals(await lines([text], true), expected);
  assertEquals(await lines([...text], true), expected);
});

Deno.test("timingSafeEqual compares bytes, whatever holds them", () => {
  const bytes = new Uint8Array([9, 1, 2, 3, 4]).subarray(1);
  const view = new DataView(new Uint8Array([1, 2, 3, 4]).buffer);
  assert(timingSafeEqual(bytes, view));
  assert(timingSafeEqual(view.buffer, bytes));
  assert(!timingSafeEqual(bytes, new Uint8Array([1, 2, 3, 5])));
  assert(timingSafeEqual(new Uint8Array(), new ArrayBuffer(0)));
  assertThrows(() => timingSafeEqual(bytes, new Uint8Array(3)), TypeError);
});

Deno.test("AES-GCM puts the nonce in front and the tag behind", async () => {
  const key = await crypto.subtle.generateKey(
    { name: "AES-GCM", length: 256 },
    true,
    ["encrypt", "decrypt"],
  );
  const text = new TextEncoder().encode("to nobody else");
  const additionalData = new Uint8Array([1, 2, 3]);
  const sealed = await encryptAesGcm(key, text, { additionalData });
  assertEquals(sealed.length, 12 + text.length + 16);
  assertNotEquals(
    await encryptAesGcm(key, text, { additionalData }),
    sealed,
  );
  assertEquals(await decryptAesGcm(key, sealed, { additionalData }), text);
  // As WebCrypto itself has it (NIST SP 800-38D): the tag is behind.
  const iv = sealed.subarray(0, 12);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv, additionalData },
    key,
    sealed.subarray(12),
  );
  assertEquals(new Uint8Array(plain), text);
  const view = new Uint8Array([9, ...sealed]).subarray(1);
  assertEquals(await decryptAesGcm(key, view, { additionalData }), text);
  await assertRejects(() => decryptAesGcm(key, sealed), DOMException);
  for (const at of [0, 12, sealed.length - 1]) {
    const changed = sealed.slice();
    changed[at] = (changed[at] as number) ^ 1;
    await assertRejects(
      () => decryptAesGcm(key, changed, { additionalData }),
      DOMException,
    );
  }
  const nothing = await encryptAesGcm(key, new Uint8Array());
  assertEquals(await decryptAesGcm(key, nothing), new Uint8Array());
  await assertRejects(
    () => decryptAesGcm(key, sealed.subarray(0, 27)),
    RangeError,
    "Data is too short: expected at least 28 bytes, got 27",
  );
});

class Hidden {
  #value: number;
  constructor(value: number) {
    this.#value = value;
  }
  get value() {
    return this.#value;
  }
}

/** Pairs of values with the same structure. */
const EQUAL: [unknown, unknown][] = [
  [1, 1],
  [NaN, NaN],
  [0, -0],
  ["a", "a"],
  [null, null],
  [[1, [2, { a: 3 }]], [1, [2, { a: 3 }]]],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [
    new Map([["a", { b: 1 }], ["c", { b: 2 }]]),
    new Map([["c", { b: 2 }], ["a", { b: 1 }]]),
  ],
  [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
  [new Set([1, { a: 2 }]), new Set([{ a: 2 }, 1])],
  [new Date(5), new Date(5)],
  [/a/g, /a/g],
  [new URL("http://a/b"), new URL("http://a/b")],
  [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  [new Uint8Array([9, 1]).subarray(1), new Uint8Array([1])],
  [new ArrayBuffer(2), new ArrayBuffer(2)],
  [new Hidden(1), new Hidden(1)],
  [Symbol.for("a"), Symbol.for("a")],
  [1n, 1n],
];

/** Pairs of values that differ. */
const DIFFERENT: [unknown, unknown][] = [
  [1, 2],
  [1, "1"],
  [null, undefined],
  [{ a: undefined }, {}],
  [{ a: undefined }, { b: undefined }],
  [[1, 2], [2, 1]],
  [[1], [1, 2]],
  [[], {}],
  [new Map([["a", 1]]), new Map([["a", 2]])],
  [new Set([1]), new Set([2])],
  [new Date(5), new Date(6)],
  [/a/g, /a/i],
  [new URL("http://a/b"), new URL("http://a/c")],
  [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  [new Uint8Array([1]), new Int8Array([1])],
  [new Uint8Array([1]), [1]],
  [new Hidden(1), new Hidden(2)],
  [new Error("a"), new Error("b")],
  [new TypeError("a"), new Error("a")],
  [{ [Symbol.for("a")]: 1 }, { [Symbol.for("a")]: 2 }],
  [() => 1, () => 1],
];

Deno.test("assertEquals compares structure", () => {
  for (const [actual, expected] of EQUAL) {
    assertEquals(actual, expected);
    assertThrows(() => assertNotEquals(actual, expected), AssertionError);
  }
  for (const [actual, expected] of DIFFERENT) {
    assertNotEquals(actual, expected);
    assertThrows(() => assertEquals(actual, expected), AssertionError);
  }
  const loop: Record<string, unknown> = { name: "loop" };
  loop.self = loop;
  const other: Record<string, unknown> = { name: "loop" };
  other.self = other;
  assertEquals(loop, other);
});

Deno.test("assertEquals shows what differs, line by line", () => {
  const error = assertThrows(
    () => assertEquals({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }, "the list"),
    AssertionError,
    "Values are not equal: the list",
  );
  // deno-lint-ignore no-control-regex -- colours are control sequences
  const plain = error.message.replace(/\x1b\[\d+m/g, "");
  assertStringIncludes(plain, "[Diff] Actual / Expected");
  assertMatch(plain, /^ {4}\s+a: 1,$/m);
  assertMatch(plain, /^- {3}\s+2,$/m);
  assertMatch(plain, /^\+ {3}\s+3,$/m);
});

Deno.test("comparing assertions hold or throw an AssertionError", () => {
  const holds: (() => void)[] = [
    () => assert(1),
    () => assertStrictEquals(NaN, NaN),
    () => assertMatch("abc", /b/),
    () => assertStringIncludes("abc", "bc"),
    () => assertInstanceOf(new Date(), Date),
    () => assertGreater(2, 1),
    () => assertGreaterOrEqual(1n, 1n),
    () => assertLess("a", "b"),
    () => assertLessOrEqual(1, 1),
    () => assertExists(0),
    () => assertArrayIncludes([1, { a: 1 }, 3], [{ a: 1 }, 3]),
    () => assertArrayIncludes(new Uint8Array([1, 2]), [2]),
    () =>
      assertObjectMatch({ a: 1, b: { c: [1, 2], d: 2 } }, { b: { c: [1] } }),
    () => assertObjectMatch(new Map() as never, {}),
    () => assertAlmostEquals(1, 1.00000001),
    () => assertAlmostEquals(1, 1.4, 0.5),
  ];
  const fails: [() => void, message: string][] = [
    [() => assert(0, "why"), "why"],
    [() => assertStrictEquals({}, {}), "same structure"],
    [() => assertStrictEquals(0, -0), ""],
    [() => assertMatch("abc", /x/), 'Expected actual: "abc" to match: "/x/"'],
    [() => assertStringIncludes("abc", "x", "m"), 'to contain: "x": m'],
    [() => assertInstanceOf([], Date), 'instance of "Date" but was "Array"'],
    [() => assertInstanceOf(null, Date), 'but was "null"'],
    [() => assertGreater(1, 1), "Expect 1 > 1"],
    [() => assertGreaterOrEqual(0, 1), "Expect 0 >= 1"],
    [() => assertLess(1, 1, "m"), "m"],
    [() => assertLessOrEqual(2, 1), "Expect 2 <= 1"],
    [() => assertExists(null), "null or undefined"],
    [() => assertArrayIncludes([1], [2]), "missing: "],
    [() => assertObjectMatch({ a: 1 }, { a: 2 }), "Values are not equal"],
    [() => assertObjectMatch({}, { a: 1 }), ""],
    [() => assertObjectMatch({ a: [1] }, { a: [1, 2] }), ""],
    [() => assertAlmostEquals(1, 1.1), 'delta "'],
    [() => fail("m"), "Failed assertion: m"],
    [() => unreachable(), "Unreachable."],
  ];
  for (const check of holds) check();
  for (const [check, message] of fails) {
    assertThrows(check, AssertionError, message);
  }
});

Deno.test("assertThrows checks class and message and gives the error", () => {
  const error = new RangeError("too far");
  const thrower = () => {
    throw error;
  };
  assertStrictEquals(assertThrows(thrower), error);
  assertStrictEquals(assertThrows(thrower, RangeError, "far"), error);
  assertStrictEquals(assertThrows(thrower, Error), error);
  assertThrows(() => assertThrows(thrower, TypeError), AssertionError);
  assertThrows(() => assertThrows(thrower, RangeError, "x"), AssertionError);
  assertThrows(
    () => assertThrows(() => {}, "must throw"),
    AssertionError,
    "Expected function to throw: must throw",
  );
});

Deno.test("assertRejects tells a rejection from a throw", async () => {
  const error = new RangeError("too far");
  const rejecter = () => Promise.reject(error);
  assertStrictEquals(await assertRejects(rejecter), error);
  assertStrictEquals(await assertRejects(rejecter, RangeError, "far"), error);
  await assertRejects(
    () => assertRejects(rejecter, TypeError),
    AssertionError,
  );
  await assertRejects(
    () => assertRejects(() => Promise.resolve()),
    AssertionError,
    "Expected function to reject",
  );
  await assertRejects(
    () =>
      assertRejects(() => {
        throw error;
      }),
    AssertionError,
    "Function throws when expected to reject",
  );
});
