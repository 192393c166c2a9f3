/**
 * The nearest known word to a mistyped one.
 *
 * @module
 */

/** The most slips after which a word is still taken for another. */
const MOST_SLIPS = 2;

/**
 * How many slips turn `a` into `b`: a letter left out, put in, changed, or
 * swapped with its neighbour (Damerau-Levenshtein, optimal string alignment).
 */
export function slips(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  let before: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of left.entries()) {
    const row = [i + 1];
    for (const [j, other] of right.entries()) {
      const change = (last[j] ?? 0) + (letter === other ? 0 : 1);
      let least = Math.min(change, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1);
      if (letter === right[j - 1] && left[i - 1] === other) {
        least = Math.min(least, (before[j - 1] ?? 0) + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last.at(-1) ?? 0;
}

/**
 * The word of `known` that `word` was probably meant to be: at most two slips
 * away and fewer than either has letters, the first of the nearest.
 */
export function nearest(
  word: string,
  known: Iterable<string>,
): string | undefined {
  let found: string | undefined;
  let least = Math.min(MOST_SLIPS + 1, [...word].length);
  for (const candidate of known) {
    const distance = slips(word, candidate);
    if (distance >= Math.min(least, [...candidate].length)) continue;
    least = distance;
    found = candidate;
  }
  return found;
}
