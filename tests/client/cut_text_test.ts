import { assertEquals } from "@std/assert";
import { cutText } from "../../lib/client/mod.ts";

Deno.test("a text that fits is one part", () => {
  assertEquals(cutText("at six", 6), ["at six"]);
});

Deno.test("a longer one is cut behind white space near the end of a part", () => {
  assertEquals(cutText("one two three", 9), ["one two ", "three"]);
  assertEquals(cutText("a bcdefghijk", 8), ["a bcdefg", "hijk"]);
});

Deno.test("nothing is cut within a character, unless it fits nowhere", () => {
  assertEquals(cutText("äöü", 5), ["äö", "ü"]);
  const flag = "\u{1F1E9}\u{1F1EA}";
  assertEquals(cutText(`abc${flag}`, 8), ["abc", flag]);
  assertEquals(cutText("e\u0301\u0301\u0301\u0301", 5), [
    "e\u0301\u0301",
    "\u0301\u0301",
  ]);
});

Deno.test("a text of millions of bytes is cut into full parts, which are it again", () => {
  const text = "Treffpunkt Brünnen ".repeat(100_000);
  const parts = cutText(text, 7_300);
  assertEquals(parts.length, 274);
  assertEquals(parts.join(""), text);
});
