/**
 * Training text: files of lines, one message a line, as symbols in a row.
 *
 * @module
 */

import {
  END,
  IS_CAPITAL,
  PAST,
  symbolOf,
} from "../../lib/wire/text_code/alphabet.ts";

/** All training lines, one behind the other, each closed by END. */
export interface TrainingText {
  /** The symbol at each place. */
  readonly symbols: Uint8Array;
  /** What that symbol counts as for those behind it. */
  readonly past: Uint8Array;
  /** How much the symbol at each place counts. */
  readonly weights: Float32Array;
}

/** Lines of one origin. */
export interface Source {
  readonly lines: readonly string[];
  readonly weight: number;
}

/** The non-empty lines of a file. */
export function linesOf(path: string | URL): string[] {
  return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
}

/** The lines' symbols in a row. */
export function trainingText(sources: readonly Source[]): TrainingText {
  let most = 0;
  for (const { lines } of sources) {
    for (const line of lines) most += line.length + 1;
  }
  const symbols = new Uint8Array(most);
  const past = new Uint8Array(most);
  const weights = new Float32Array(most);
  let at = 0;
  for (const { lines, weight } of sources) {
    for (const line of lines) {
      let afterCapital = 0;
      const row = [...line].map((c) => symbolOf(c.codePointAt(0)!));
      for (const symbol of [...row, END]) {
        const capital = IS_CAPITAL[symbol]!;
        symbols[at] = symbol;
        past[at] = capital & afterCapital ? symbol : PAST[symbol]!;
        weights[at++] = weight;
        afterCapital = capital;
      }
    }
  }
  return {
    symbols: symbols.subarray(0, at),
    past: past.subarray(0, at),
    weights: weights.subarray(0, at),
  };
}
