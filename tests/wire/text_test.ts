import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  checkText,
  decodeUtf8,
  RemoteProtocolError,
  textBytes,
} from "../../lib/wire/mod.ts";
import { golden } from "./golden.ts";

function code(run: () => unknown): number {
  const error = assertThrows(run, RemoteProtocolError);
  assertStrictEquals(error.fatal, false);
  return error.code;
}

/** What fills 8,192 bytes exactly, by bytes a character. */
const FULL: readonly (readonly [what: string, text: string | Uint8Array])[] = [
  ["of one byte each", "a".repeat(8192)],
  ["of two", "ß".repeat(4096)],
  ["of three, and one of two", "€".repeat(2730) + "ß"],
  ["of four", "👋".repeat(2048)],
  ["of ciphertext", new Uint8Array(8192)],
];

for (const [what, text] of FULL) {
  Deno.test(`a text may have 8,192 bytes ${what}, and not one more`, () => {
    assertStrictEquals(textBytes(text), 8192);
    checkText(text);
    const more = typeof text === "string" ? `${text}a` : new Uint8Array(8193);
    assertStrictEquals(textBytes(more), 8193);
    assertStrictEquals(code(() => checkText(more)), 413);
  });
}

Deno.test("a text of one byte is enough, an empty one is refused", () => {
  checkText("a");
  checkText(new Uint8Array(1));
  assertStrictEquals(code(() => checkText("")), 400);
  assertStrictEquals(code(() => checkText(new Uint8Array(0))), 400);
});

Deno.test("half a surrogate pair is refused, and counts as what it would be sent as", () => {
  const halves = [
    "\ud83d",
    "\udc4b",
    "\udc4b\ud83d",
    "a\ud83db",
    "\ud83d\ud83d\udc4b",
  ];
  for (const text of halves) {
    assertStrictEquals(textBytes(text), new TextEncoder().encode(text).length);
    assertStrictEquals(code(() => checkText(text)), 400);
  }
  assertStrictEquals(textBytes("\ud800".repeat(3000)), 9000);
  assertStrictEquals(code(() => checkText("\ud800".repeat(3000))), 413);
});

/** Bytes that are UTF-8, and the text that they are. */
const GOOD: readonly (readonly [bytes: string, text: string])[] = [
  ["", ""],
  ["00 7f", "\0\x7f"],
  ["c280 dfbf", "\x80\u07ff"],
  ["e0a080 ed9fbf ee8080 efbfbf", "\u0800\ud7ff\ue000\uffff"],
  ["f0908080 f48fbfbf", "\u{10000}\u{10ffff}"],
  ["efbbbf 61", "\ufeffa"],
  ["efbfbd", "\ufffd"],
];

for (const [written, text] of GOOD) {
  Deno.test(`the bytes "${written}" are UTF-8, short and long`, () => {
    assertStrictEquals(decodeUtf8(golden(written), "text"), text);
    const pad = "61 ".repeat(100);
    assertStrictEquals(
      decodeUtf8(golden(pad + written), "text"),
      "a".repeat(100) + text,
    );
  });
}

Deno.test("a short text of ASCII is read as a long one is", () => {
  for (let length = 0; length < 200; length++) {
    const text = "abcdefghij".repeat(20).slice(0, length);
    assertStrictEquals(
      decodeUtf8(golden(text === "" ? "" : `"${text}"`), "text"),
      text,
    );
  }
});

const BAD = [
  ["80", "a continuation alone"],
  ["c3", "a character cut off"],
  ["e282", "a character cut off late"],
  ["f09f91", "a character cut off last"],
  ["c328", "a lead and no continuation"],
  ["c080", "an overlong NUL"],
  ["e08080", "an overlong form of three"],
  ["f0808080", "an overlong form of four"],
  ["eda080", "a surrogate"],
  ["edbfbf", "a low surrogate"],
  ["f4908080", "beyond U+10FFFF"],
  ["f8", "a lead of five"],
  ["fe", "no lead at all"],
  ["ff", "no byte of UTF-8"],
] as const;

for (const [written, what] of BAD) {
  Deno.test(`${written} is not UTF-8: ${what}`, () => {
    for (const around of ["", "61", "61 ".repeat(100)]) {
      const bytes = golden(`${around} ${written} ${around}`);
      const error = assertThrows(
        () => decodeUtf8(bytes, "sender"),
        RemoteProtocolError,
      );
      assertEquals([error.code, error.fatal, error.message], [
        400,
        false,
        "Malformed: the sender is not valid UTF-8",
      ]);
    }
  });
}
