/**
 * The nearest known word to a mistyped one.
 *
 * @module
 */

/** Of so many letters one may be wrong in a word that is taken for another. */
const LETTERS_A_SLIP = 3;

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

/** The fewest letters that stand for a word which begins with them. */
const BEGINNING = 3;

/** Whether `word` may have been meant to be `known`, so many slips away. */
function isNear(word: string, known: string, distance: number): boolean {
  const [typed, letters] = [[...word].length, [...known].length];
  return distance <= Math.max(typed, letters) / LETTERS_A_SLIP ||
    typed >= BEGINNING && known.startsWith(word);
}

/**
 * The word of `known` that `word` was probably meant to be: of those that begin
 * with it, or have a slip at most for each three letters of the longer word, the
 * nearest, and the first of these.
 */
export function nearest(
  word: string,
  known: Iterable<string>,
): string | undefined {
  let found: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = slips(word, candidate);
    if (distance >= least || !isNear(word, candidate, distance)) continue;
    least = distance;
    found = candidate;
  }
  return found;
}
