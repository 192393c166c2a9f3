import { assertEquals, assertThrows } from "@std/assert";
import { SharedTexts } from "../../../lib/bench/load/mod.ts";
import {
  RemoteProtocolError,
  TEXT_CODE,
  type TextCode,
} from "../../../lib/wire/mod.ts";

/** The text code, and what it was asked to expand. */
function counted(): { code: TextCode; expanded: string[] } {
  const expanded: string[] = [];
  const code: TextCode = {
    compress: TEXT_CODE.compress,
    expand: (bytes, most) => {
      const text = TEXT_CODE.expand(bytes, most);
      expanded.push(text);
      return text;
    },
  };
  return { code, expanded };
}

Deno.test("a text that comes to many clients is expanded once", () => {
  const { code, expanded } = counted();
  const texts = new SharedTexts(code);
  const said = ["the weather is nice", "the weather was nice"];
  for (const text of [...said, ...said, ...said]) {
    const bytes = texts.compress(text) as Uint8Array;
    assertEquals(texts.expand(bytes, 1_000), text);
  }
  assertEquals(expanded, said);
});

Deno.test("what a text may have at most holds for one that is known too", () => {
  const texts = new SharedTexts();
  const bytes = texts.compress("the weather is nice") as Uint8Array;
  assertEquals(texts.expand(bytes, 19), "the weather is nice");
  assertThrows(() => texts.expand(bytes, 18), RemoteProtocolError);
});

Deno.test("what is known is bounded: texts and the bytes of each", () => {
  const { code, expanded } = counted();
  const texts = new SharedTexts(code);
  const expand = (text: string) =>
    texts.expand(texts.compress(text) as Uint8Array, 100_000);
  const long = "the weather is nice ".repeat(500);
  expand(long);
  expand(long);
  assertEquals(expanded, [long, long]);
  expand("the weather is nice");
  for (let n = 0; n < 32_768; n++) expand(`the weather is nice in ${n}`);
  expanded.length = 0;
  expand("the weather is nice in 32767");
  expand("the weather is nice");
  assertEquals(expanded, ["the weather is nice"]);
});
