/**
 * Changes to bytes that know nothing of what the bytes mean.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";
import { joined } from "../wire/golden.ts";
import { bytes, NUMBERS, text } from "./nonsense.ts";

/** No input is longer, bytes. */
export const MOST_BYTES = 200_000;

type Change = (
  random: SeededRandom,
  input: Uint8Array,
  others: readonly Uint8Array[],
) => Uint8Array;

const encoder = new TextEncoder();

function span(random: SeededRandom, { length }: Uint8Array): [number, number] {
  const start = random.integer(length + 1);
  const most = random.chance(0.8)
    ? Math.min(16, length - start)
    : length - start;
  return [start, start + random.integer(most + 1)];
}

/** Puts bytes in the place of `start` to `end`. */
export function spliced(
  input: Uint8Array,
  start: number,
  end: number,
  piece: Uint8Array,
): Uint8Array {
  return joined(input.subarray(0, start), piece, input.subarray(end));
}

/** A number in one of the forms in which wires write it. */
function numberBytes(random: SeededRandom): Uint8Array {
  const number = random.pick(NUMBERS);
  const view = new DataView(new ArrayBuffer(8));
  switch (random.integer(6)) {
    case 0:
      return Uint8Array.of(number & 0xff);
    case 1:
      view.setUint16(0, number % 0x10000, random.chance(0.3));
      return new Uint8Array(view.buffer, 0, 2);
    case 2:
      view.setUint32(0, number % 2 ** 32, random.chance(0.3));
      return new Uint8Array(view.buffer, 0, 4);
    case 3:
      return encoder.encode(String(number));
    default:
      return varint(number);
  }
}

/** LEB128, of any number below 2⁶³. */
export function varint(number: number): Uint8Array {
  const found: number[] = [];
  for (; number > 0x7f; number = Math.floor(number / 0x80)) {
    found.push(number % 0x80 | 0x80);
  }
  return Uint8Array.of(...found, number);
}

const CHANGES: readonly Change[] = [
  function flip(random, input) {
    const changed = Uint8Array.from(input);
    const at = random.integer(input.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(8));
    return changed;
  },
  function replace(random, input) {
    const changed = Uint8Array.from(input);
    changed[random.integer(input.length)] = random.integer(256);
    return changed;
  },
  function nudge(random, input) {
    const changed = Uint8Array.from(input);
    const at = random.integer(input.length);
    changed[at] = (changed[at] ?? 0) + random.pick([-1, 1]);
    return changed;
  },
  function cut(random, input) {
    return input.slice(0, random.integer(input.length + 1));
  },
  function remove(random, input) {
    return spliced(input, ...span(random, input), new Uint8Array(0));
  },
  function repeat(random, input) {
    const [start, end] = span(random, input);
    const piece = input.subarray(start, end);
    const times = random.chance(0.1) ? 100 : 1;
    return spliced(
      input,
      end,
      end,
      joined(...Array.from({ length: times }, () => piece)),
    );
  },
  function insert(random, input) {
    const at = random.integer(input.length + 1);
    return spliced(input, at, at, bytes(random, 12));
  },
  function write(random, input) {
    const [start, end] = span(random, input);
    return spliced(input, start, end, encoder.encode(text(random)));
  },
  function count(random, input) {
    const number = numberBytes(random);
    const at = random.integer(input.length + 1);
    const over = random.chance(0.7) ? number.length : random.integer(2);
    return spliced(input, at, Math.min(input.length, at + over), number);
  },
  function splice(random, input, others) {
    const other = random.pick(others);
    const [start, end] = [
      random.integer(other.length + 1),
      random.integer(other.length + 1),
    ].sort((one, two) => one - two) as [number, number];
    return spliced(
      input,
      ...span(random, input),
      other.subarray(start, end),
    );
  },
  function swap(random, input) {
    const at = random.integer(input.length + 1);
    return joined(input.subarray(at), input.subarray(0, at));
  },
];

/** The same bytes with one to six changes. `others` are not none. */
export function mutated(
  random: SeededRandom,
  input: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  let changed = input;
  for (let left = 1 + random.integer(6); left > 0; left--) {
    changed = random.pick(CHANGES)(random, changed, others);
  }
  return changed.subarray(0, MOST_BYTES);
}
