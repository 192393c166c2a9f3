import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RemoteProtocolError } from "../../lib/wire/errors.ts";
import {
  MOST_TOTAL,
  RangeDecoder,
  RangeEncoder,
} from "../../lib/wire/text_code/range_coder.ts";

/** Start, size and total of each choice. */
type Choice = readonly [start: number, size: number, total: number];

function encode(choices: readonly Choice[]): Uint8Array {
  const encoder = new RangeEncoder();
  for (const choice of choices) encoder.encode(...choice);
  return encoder.finish();
}

/** Worked out by hand: the unit of the first choice is (2^32 - 1) div total. */
const GOLDEN:
  readonly (readonly [choices: readonly Choice[], bytes: string])[] = [
    [[], ""],
    [[[0, 1, 2]], ""], // [0, 7fffffff): nothing but zeros will do
    [[[1, 1, 2]], "80"], // [7fffffff, fffffffe) holds 80
    [[[3, 1, 4]], "c0"], // [bffffffd, fffffffc) holds c0
    [[[255, 1, 256]], "ff"], // [feffff01, ffffff00) holds ff
    [[[0, 1, 2], [1, 1, 2]], "40"], // [3fffffff, 7ffffffe) holds 40
    [[[1, 1, 65_536]], "0001"], // [0000ffff, 0001fffe) holds 0001
  ];

Deno.test("range coder writes the fewest bytes within the last range", () => {
  for (const [choices, bytes] of GOLDEN) {
    assertEquals(encode(choices).toHex(), bytes);
  }
});

const choice = fc.record({
  total: fc.integer({ min: 2, max: MOST_TOTAL }),
  at: fc.nat(),
  size: fc.nat(),
}).map(({ total, at, size }): Choice => {
  const start = at % total;
  return [start, 1 + size % (total - start), total];
});

Deno.test("range coder reads back whatever it wrote", () => {
  fc.assert(
    fc.property(fc.array(choice, { maxLength: 200 }), (choices) => {
      const decoder = new RangeDecoder(encode(choices));
      for (const [start, size, total] of choices) {
        const at = decoder.peek(total);
        assertEquals(at >= start && at < start + size, true);
        decoder.take(start, size);
      }
      assertEquals(decoder.hasRest, false);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("range coder carries through a row of full bytes", () => {
  const choices: Choice[] = [[0, 1, 3], ...Array(60).fill([2, 1, 3])];
  const decoder = new RangeDecoder(encode(choices));
  for (const [start, size, total] of choices) {
    assertEquals(decoder.peek(total), start);
    decoder.take(start, size);
  }
});

Deno.test("range decoder refuses what no encoder writes", () => {
  const decoder = new RangeDecoder(new Uint8Array([255, 255, 255, 255]));
  const error = assertThrows(
    () => decoder.peek(3 * 1_000),
    RemoteProtocolError,
  );
  assertEquals(error.code, 400);
});
