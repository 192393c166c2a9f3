import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RemoteProtocolError } from "../../lib/wire/errors.ts";
import { WIRE_LIMITS } from "../../lib/wire/limits.ts";
import { SYMBOLS } from "../../lib/wire/text_code/alphabet.ts";
import { ROOT, sharedModel } from "../../lib/wire/text_code/model.ts";
import {
  compressText,
  expandText,
} from "../../lib/wire/text_code/text_code.ts";

const MOST = WIRE_LIMITS.textBytes;

const hex = (bytes: Uint8Array | undefined) => bytes?.toHex();
const bytes = (text: string) => Uint8Array.fromHex(text);
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Texts and their bytes. A new model would change them, and break the wire. */
const GOLDEN: readonly (readonly [text: string, bytes: string])[] = [
  ["lol", "d854"],
  ["see you tomorrow", "9cc102"],
  ["Morning! How's it going?", "b9b6c538bdc5"],
  ["I'll be there at 10:30", "1e3caae41d1055"],
  ["THIS IS GREAT", "5ae07842b6630dba33"],
  ["thanks 👍", "70bb"],
  ["https://example.com/docs", "90f0fa5784"],
  ["schöne Grüße aus Köln", "9ee4ee6915f90e14f02519adc4be580a6d99"],
  ["¿qué tal?", "f76d11fb"],
  ["привет, как дела?", "fe53570182291755"],
  ["你好,今天怎么样?", "3214785669789f6ab44318a7866f9743"],
  ["안녕하세요", "33151dcfddf1c6299b7d54"],
  ["γειά σου", "33cf37bba3b90b0bd0d334b57c"],
  ["🦊🦊🦊", "338aee29b772"],
  ["if (a[i] !== b) return null;", "47661a0a739d58f44a87791c2400f14eda1b"],
  ["line one\nline two", "d928ab94f6c8014dc576"],
  [
    "Could you take a look at the logs when you have a minute? No rush.",
    "d044977a86a13331ff19af63f7746702",
  ],
];

for (const [text, expected] of GOLDEN) {
  Deno.test(`text code has ${expected} for ${JSON.stringify(text)}`, () => {
    assertEquals(hex(compressText(text)), expected);
    assertEquals(expandText(bytes(expected), MOST), text);
  });
}

const words = fc.constantFrom(
  ..."the meeting's at 10:30, ok? THANKS lol :) ich weiß не знаю 你好 👍🏽 é \n x"
    .split(" "),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.string({ unit: "binary-ascii", maxLength: 200 }),
  fc.array(words, { maxLength: 60 }).map((all) => all.join(" ")),
);

Deno.test("text code gives every text back, or says it would not be shorter", () => {
  fc.assert(
    fc.property(text, (text) => {
      const compressed = compressText(text);
      if (compressed === undefined) return;
      assert(compressed.length < utf8(text).length);
      assertEquals(expandText(compressed, MOST), text);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("text code makes of any bytes a text within the limit or a RemoteProtocolError", () => {
  const any = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(any, fc.nat({ max: 600 }), (bytes, most) => {
      try {
        const text = expandText(bytes, most);
        assert(text.isWellFormed());
        assert(utf8(text).length <= most);
      } catch (error) {
        assert(error instanceof RemoteProtocolError);
        assert(error.code === 400 || error.code === 413);
        assert(!error.fatal);
      }
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("text code survives any change of one byte", () => {
  const [, packed] = GOLDEN.at(-1)!;
  for (let at = 0; at < packed.length / 2; at++) {
    for (let to = 0; to < 256; to++) {
      const changed = bytes(packed);
      changed[at] = to;
      try {
        expandText(changed, MOST);
      } catch (error) {
        assert(error instanceof RemoteProtocolError);
      }
    }
  }
});

Deno.test("text code ends at the limit however long its bytes promise to go on", () => {
  for (const filling of [0x00, 0x55, 0xaa, 0xfe]) {
    const long = new Uint8Array(MOST).fill(filling);
    for (const most of [0, 1, 100, MOST]) {
      assertThrows(() => expandText(long, most), RemoteProtocolError);
    }
  }
});

Deno.test("text code takes a text of exactly the limit, and none that is longer", () => {
  const text = "so long ".repeat(MOST / 8);
  const compressed = compressText(text)!;
  assert(compressed.length < MOST / 2);
  assertEquals(expandText(compressed, MOST), text);
  const error = assertThrows(
    () => expandText(compressed, MOST - 1),
    RemoteProtocolError,
  );
  assertEquals(error.code, 413);
  assertEquals(error.fatal, false);
});

Deno.test("text code counts bytes of UTF-8, not characters", () => {
  const text = "ééé";
  const compressed = compressText(text)!;
  assertEquals(expandText(compressed, 6), text);
  assertThrows(() => expandText(compressed, 5), RemoteProtocolError);
});

Deno.test("text code refuses bytes behind a text's end", () => {
  const long = new Uint8Array([
    ...compressText("see you tomorrow")!,
    0,
    0,
    0,
    0,
    1,
  ]);
  const error = assertThrows(() => expandText(long, MOST), RemoteProtocolError);
  assertEquals(error.code, 400);
  assertEquals(error.fatal, false);
});

Deno.test("text code leaves alone what it could not give back or make shorter", () => {
  assertEquals(compressText(""), undefined);
  assertEquals(compressText("\ud83d"), undefined);
  assertEquals(compressText("so \udc4d and so"), undefined);
  assertEquals(compressText("Zq#8}Vw@"), undefined);
  assertEquals(compressText("\0".repeat(4)), undefined);
});

Deno.test("text code works at the limit on whatever the text is made of", () => {
  for (
    const unit of ["a", "Q", "\0", "я", "你", "👍", "\u{10ffff}", "\ufffd "]
  ) {
    const text = unit.repeat(MOST / utf8(unit).length);
    const compressed = compressText(text);
    if (compressed !== undefined) {
      assertEquals(expandText(compressed, MOST), text);
    }
  }
});

Deno.test("text code's model lists every symbol at its root", () => {
  const { first, symbols, escapes, contexts } = sharedModel();
  const listed = new Set(symbols.subarray(first[ROOT], first[ROOT + 1]));
  assertEquals(listed.size, SYMBOLS);
  assertEquals(escapes[ROOT], 0);
  assert(contexts > 1_000);
});

Deno.test("text code's model leaves an escape in every context but the root, and a way on", () => {
  const model = sharedModel();
  for (let context = ROOT + 1; context < model.contexts; context++) {
    const ruledOut = new Set<number>();
    for (let at = context; at !== ROOT; at = model.shorter[at]!) {
      if (model.lists(at)) assert(model.escapes[at]! > 0);
      const { first, symbols } = model;
      for (let i = first[at]!; i < first[at + 1]!; i++) {
        ruledOut.add(symbols[i]!);
      }
    }
    assert(ruledOut.size < SYMBOLS);
  }
});
