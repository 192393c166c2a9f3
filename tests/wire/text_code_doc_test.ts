/**
 * Holds docs/text_code.md against the code: the alphabet, the model's hash, and
 * the examples, whose choices are also coded one by one.
 */
import { assert, assertEquals } from "@std/assert";
import { WIRE_LIMITS } from "../../lib/wire/limits.ts";
import { ALPHABET } from "../../lib/wire/text_code/alphabet.ts";
import { packedModel } from "../../lib/wire/text_code/model.ts";
import { RangeEncoder } from "../../lib/wire/text_code/range_coder.ts";
import {
  compressText,
  expandText,
} from "../../lib/wire/text_code/text_code.ts";

const DOCUMENT = (await Deno.readTextFile(
  new URL("../../docs/text_code.md", import.meta.url),
)).replaceAll("\r\n", "\n");

function blocks(language: string): string[] {
  const fence = new RegExp("^```" + language + "\n([^`]*)^```$", "gm");
  return [...DOCUMENT.matchAll(fence)].map((match) => match[1]!.trimEnd());
}

const point = (code: string) => String.fromCodePoint(parseInt(code, 16));

Deno.test("docs/text_code.md has the alphabet in its order", () => {
  const [alphabet] = blocks("alphabet");
  const written = alphabet!
    .replace(/U\+([0-9A-F]+) to U\+([0-9A-F]+)/g, (_, from, to) => {
      let row = "";
      for (let code = parseInt(from, 16); code <= parseInt(to, 16); code++) {
        row += String.fromCodePoint(code);
      }
      return `${row}\0`;
    })
    .split(/(?<=\0)/);
  const [ascii, rest] = written;
  const characters = rest!.replace(/^, U\+000A/, "␊").replace(/\n| |,/g, "")
    .replace(/U\+(FE0F|200D)/g, (_, code) => point(code));
  assertEquals(
    [...ascii!.slice(0, -1) + characters.replace("␊", "\n")],
    [...ALPHABET],
  );
});

Deno.test("docs/text_code.md has the model's hash", async () => {
  const packed = Uint8Array.from(packedModel());
  const hash = await crypto.subtle.digest("SHA-256", packed);
  assertEquals(blocks("sha256"), [new Uint8Array(hash).toHex()]);
});

const EXAMPLES = blocks("example");

Deno.test("docs/text_code.md has two worked examples", () => {
  assertEquals(EXAMPLES.length, 2);
});

for (const example of EXAMPLES) {
  const text: string = JSON.parse(/^text +(.*)$/m.exec(example)![1]!);
  const bytes = /^bytes +(.*)$/m.exec(example)![1]!;
  Deno.test(`docs/text_code.md has the bytes of ${JSON.stringify(text)}`, () => {
    assertEquals(compressText(text)!.toHex(), bytes);
    const coded = Uint8Array.fromHex(bytes);
    assertEquals(expandText(coded, WIRE_LIMITS.textBytes), text);
  });

  Deno.test(`docs/text_code.md has the choices of ${JSON.stringify(text)}`, () => {
    const encoder = new RangeEncoder();
    let rows = 0;
    for (const row of example.matchAll(/ (\d+) +(\d+) +(\d+)$/gm)) {
      encoder.encode(Number(row[1]), Number(row[2]), Number(row[3]));
      rows++;
    }
    assert(rows > 2);
    assertEquals(encoder.finish().toHex(), bytes);
  });
}
