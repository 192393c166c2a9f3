/**
 * What is fuzzed: a table of targets, each with what holds whatever comes.
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";

/** One thing that takes what others made. */
export interface Target {
  /** In lower case with hyphens: names vectors. */
  readonly name: string;
  /** What holds whatever comes, in one sentence. */
  readonly invariant: string;
  /** What the corpus begins with: real traffic, captures, golden vectors. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Makes an input out of one of the corpus; `others` is the whole of it. */
  make(
    random: SeededRandom,
    seed: Uint8Array,
    others: readonly Uint8Array[],
  ): Uint8Array;
  /**
   * Runs an input, which alone decides what happens. Answers names of what was
   * seen (types, error codes, states): who shows a new one stays in the corpus.
   *
   * @throws whatever, when the invariant is broken.
   */
  run(input: Uint8Array): Seen | Promise<Seen>;
}

/** Names of what a run came to. */
export type Seen = ReadonlySet<string>;

/** Bytes as a number of 32 bits (FNV-1a): names an input, and seeds its cuts. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Chance that an input alone decides. */
export function chanceOf(input: Uint8Array): SeededRandom {
  return new SeededRandom(hashOf(input));
}

/** A stream in up to ten pieces, none of which shares its memory. */
export function cutUp(
  stream: Uint8Array,
  random: SeededRandom,
): Uint8Array<ArrayBuffer>[] {
  const cuts = Array.from(
    { length: random.integer(10) },
    () => random.integer(stream.length + 1),
  ).sort((one, other) => one - other);
  return [0, ...cuts].map((start, index) =>
    Uint8Array.from(stream.subarray(start, cuts[index] ?? stream.length))
  );
}

/** A value as text, bytes in hex: the same text is the same value. */
export function written(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) => each instanceof Uint8Array ? `hex ${each.toHex()}` : each,
  );
}
