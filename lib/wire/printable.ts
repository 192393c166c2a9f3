/**
 * Makes untrusted text safe to show: on a terminal, in a log, in a pipe.
 *
 * @module
 */

/**
 * What must never reach a terminal: control characters (C0, DEL, C1), line
 * and paragraph separators, bidirectional marks, embeddings, overrides and
 * isolates, invisible operators, the byte order mark, interlinear marks and
 * lone surrogates. Joiners stay: emoji and several scripts need them.
 */
const UNSAFE =
  /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * The same text in one line with every unsafe character made visible:
 * `\n`, `\x1b`, `\u202e`.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { printable } from "./printable.ts";
 *
 * assertEquals(printable("red \x1b[31m\n"), "red \\x1b[31m\\n");
 * ```
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    const hex = (character.codePointAt(0) as number).toString(16);
    return hex.length <= 2
      ? `\\x${hex.padStart(2, "0")}`
      : `\\u${hex.padStart(4, "0")}`;
  });
}
