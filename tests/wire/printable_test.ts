import { assertStrictEquals } from "@std/assert";
import { printable } from "../../lib/wire/mod.ts";

/** A text, and how it is shown. */
const SHOWN: readonly (readonly [
  what: string,
  text: string,
  shown: string,
])[] = [
  [
    "plain text stays",
    "Hi, 'you' \\ «ça» 日本 نص",
    "Hi, 'you' \\ «ça» 日本 نص",
  ],
  ["nothing stays nothing", "", ""],
  ["line breaks and tabs are named", "a\nb\r\nc\td", "a\\nb\\r\\nc\\td"],
  [
    "an escape sequence is visible",
    "\x1b[31mred\x1b[0m",
    "\\x1b[31mred\\x1b[0m",
  ],
  ["a title sequence is visible", "\x1b]0;x\x07", "\\x1b]0;x\\x07"],
  ["NUL, backspace and DEL are visible", "\0\b\x7f", "\\x00\\x08\\x7f"],
  ["C1 controls are visible", "\x80\x9b31m\x9f\x85", "\\x80\\x9b31m\\x9f\\x85"],
  ["U+00A0 is no control", "a\u00a0b", "a\u00a0b"],
  [
    "bidirectional overrides are visible",
    "\u202eevil\u202c",
    "\\u202eevil\\u202c",
  ],
  ["bidirectional isolates are visible", "\u2066a\u2069", "\\u2066a\\u2069"],
  [
    "bidirectional marks are visible",
    "\u200e\u200f\u061c",
    "\\u200e\\u200f\\u061c",
  ],
  ["line separators are visible", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  [
    "what takes no width is visible",
    "a\u200b\u2060\ufeffb",
    "a\\u200b\\u2060\\ufeffb",
  ],
  ["interlinear marks are visible", "\ufff9\ufffb", "\\ufff9\\ufffb"],
  [
    "joiners stay",
    "👩\u200d👧 \u0646\u200c\u0647",
    "👩\u200d👧 \u0646\u200c\u0647",
  ],
  ["combining marks and selectors stay", "e\u0301 ❤\ufe0f", "e\u0301 ❤\ufe0f"],
  ["half surrogate pairs are visible", "\ud83d a\udc4b", "\\ud83d a\\udc4b"],
  ["whole surrogate pairs stay", "👋\u{10ffff}", "👋\u{10ffff}"],
];

for (const [what, text, shown] of SHOWN) {
  Deno.test(`in printable text ${what}`, () => {
    assertStrictEquals(printable(text), shown);
    // The expression is shared: it must not remember where it was.
    assertStrictEquals(printable(text), shown);
  });
}

Deno.test("in printable text every control character is visible", () => {
  for (let unit = 0; unit < 0xa0; unit++) {
    const text = String.fromCharCode(unit);
    const control = unit < 0x20 || unit > 0x7e;
    assertStrictEquals(printable(text) !== text, control, `U+${unit}`);
  }
});
