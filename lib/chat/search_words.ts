/**
 * What a search compares: a text as a sequence of folded words. Every log folds
 * with this, the text when it is written and the query when it is asked, so
 * that all of them find the same.
 *
 * - A word is a run of letters, digits and their marks, in capitals (so `ß`
 *   meets `SS` and `ς` meets `Σ`) and without accents, compatibility forms as
 *   their plain ones (NFKD).
 * - Scripts that are written without spaces (Han, Kana, Thai, Lao, Khmer,
 *   Myanmar) and emoji give a word for each character.
 * - What stands in a query without a space is looked for as one phrase:
 *   `e-mail`, `你好`. The last word of a query may be the beginning of one.
 *
 * Pure, and linear in the length of the text.
 *
 * @module
 */

/** Marks that don't tell letters apart: accents, points, variations. */
const MARKS = /[[\p{Script=Inherited}&&\p{Mn}]--[\u3099\u309A]]+/gv;
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]\p{M}*|[[\p{L}\p{N}\p{M}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]]+/gv;
const PLAIN_WORD = /[A-Z0-9]+/g;
// deno-lint-ignore no-control-regex
const PLAIN = /^[\x00-\x7f]*$/;

/** UTF-16 units of a word that are compared; what is behind them is not. */
const WORD_UNITS = 64;

/** Different phrases of a query that are looked at; more are passed over. */
const QUERY_PHRASES = 32;

/** Marks in a row after which `normalize` gets to see a text in pieces. */
const PIECE = 64;

/** NFKD in pieces: its time grows with the square of a run of marks. */
function decomposed(text: string): string {
  let result = "";
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + PIECE, text.length);
    // Not between the halves of a surrogate pair.
    if (to < text.length && text.codePointAt(to - 1)! > 0xffff) to++;
    result += text.slice(from, to).normalize("NFKD").replace(MARKS, "");
    from = to;
  }
  return result;
}

/** The folded words of a text, in order. */
export function foldedWords(text: string): string[] {
  const words = PLAIN.test(text)
    ? text.toUpperCase().match(PLAIN_WORD)
    : decomposed(text).toUpperCase().match(WORD);
  if (words === null) return [];
  return words.map((word) =>
    word.length > WORD_UNITS ? word.slice(0, WORD_UNITS) : word
  );
}

/** Words that must follow each other. */
export interface Phrase {
  /** Folded; at least one. */
  readonly words: readonly string[];
  /** Whether the last of them may be the beginning of a word. */
  readonly prefix: boolean;
}

/** What a query asks for: all of these phrases; none asks for nothing. */
export function parseQuery(query: string): Phrase[] {
  const pieces = query.split(/\s+/u).map(foldedWords)
    .filter((words) => words.length > 0);
  const phrases = new Map<string, Phrase>();
  pieces.forEach((words, index) => {
    const prefix = index === pieces.length - 1;
    phrases.set(`${words.join(" ")}${prefix ? "*" : ""}`, { words, prefix });
  });
  return [...phrases.values()].slice(-QUERY_PHRASES);
}

/** Whether folded words hold a phrase. */
export function holds(text: readonly string[], phrase: Phrase): boolean {
  const { words, prefix } = phrase;
  const end = words.length - 1;
  for (let start = 0; start + end < text.length; start++) {
    const fits = words.every((word, index) =>
      prefix && index === end
        ? text[start + index]!.startsWith(word)
        : text[start + index] === word
    );
    if (fits) return true;
  }
  return false;
}
