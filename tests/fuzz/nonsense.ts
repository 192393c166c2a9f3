/**
 * Values that programs trip over: numbers at edges, texts that are none.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";

/** Where numbers change their size, their sign or their meaning. */
export const NUMBERS = [
  0,
  1,
  2,
  7,
  63,
  64,
  127,
  128,
  255,
  256,
  1_023,
  1_024,
  1_025,
  8_191,
  8_192,
  8_193,
  65_535,
  65_536,
  65_537,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  2 ** 62,
] as const;

/** Texts that are names, or nearly, or anything but. */
const TEXTS = [
  "",
  " ",
  "alice",
  "Alice",
  "ALİCE",
  "bob",
  "general",
  "#general",
  "General Chat Room",
  "@bob",
  "tea",
  "secret",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "NaN",
  "-0",
  "1e999",
  "null",
  "\0",
  "\r\n",
  "a\u0000b",
  "\u001b[31m\u0007",
  "\u202eevil\u202c",
  "\ufeffbom",
  "\u200b\u200d",
  "e\u0301\u0301\u0301",
  "ﬁ Ⅷ K Å",
  "\u{1f469}\u200d\u{1f4bb}",
  "\u{10ffff}",
  "\ud800",
  "\udc00\ud800",
  "%s%n%x",
  "../../etc/passwd",
  "9".repeat(20),
  "x".repeat(21),
  "👋".repeat(33),
] as const;

/** A number, mostly one at an edge. */
export function number(random: SeededRandom): number {
  if (random.chance(0.4)) return random.integer(10);
  const edge = random.pick(NUMBERS);
  return random.chance(0.8) ? edge : Math.max(0, edge - 2 + random.integer(5));
}

/** A text, now and then a long one. */
export function text(random: SeededRandom): string {
  if (random.chance(0.7)) return random.pick(TEXTS);
  const length = random.chance(0.05)
    ? 8_000 + random.integer(400)
    : random.integer(24);
  const planes = [0x7f, 0x7ff, 0xffff, 0x10ffff];
  const most = random.pick(planes);
  return Array.from(
    { length },
    () => String.fromCodePoint(random.integer(most + 1)),
  ).join("");
}

/** Bytes of any length up to `most`. */
export function bytes(random: SeededRandom, most: number): Uint8Array {
  return Uint8Array.from(
    { length: random.integer(most + 1) },
    () => random.integer(256),
  );
}

/** A JSON value, some of them nested deeply. */
export function json(random: SeededRandom, depth = 0): unknown {
  const kind = random.integer(depth > 3 ? 5 : 8);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.chance(0.3) ? -number(random) / 2 : number(random);
    case 3:
    case 4:
      return text(random);
    case 5:
    case 6:
      return Array.from(
        { length: random.integer(4) },
        () => json(random, depth + 1),
      );
    default:
      return Object.fromEntries(
        Array.from(
          { length: random.integer(4) },
          () => [text(random), json(random, depth + 1)],
        ),
      );
  }
}

/** Brackets within brackets, closed or not. */
export function bomb(random: SeededRandom): string {
  const depth = random.pick([31, 32, 33, 1_000, 20_000]);
  const [open, close] = random.pick([["[", "]"], ['{"a":', "}"]] as const);
  const inside = random.pick(["", "1", "null"]);
  return open.repeat(depth) + inside +
    (random.chance(0.7) ? close.repeat(depth) : "");
}
