/**
 * Texts that are too long for one message (docs/end_to_end.md, "The envelope").
 * Pure.
 *
 * @module
 */

import { textBytes } from "../wire/mod.ts";

/**
 * Cuts a text into parts of at most `most` bytes of UTF-8, which together are
 * the text again: between characters, behind white space where there is any in
 * the last quarter of a part.
 */
export function cutText(text: string, most: number): string[] {
  const parts: string[] = [];
  let rest = text;
  // A text of n units has at least n bytes: what is long is not counted whole.
  while (rest.length > most || textBytes(rest) > most) {
    const fitting = beginning(rest, most);
    const space = /^.*\s/su.exec(fitting)?.[0] ?? "";
    const part = textBytes(space) * 4 >= most * 3 ? space : fitting;
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return rest === "" ? parts : [...parts, rest];
}

/** As many whole characters as fit. */
function beginning(text: string, most: number): string {
  let end = 0;
  let bytes = 0;
  // What begins within a part and ends behind the second fits nowhere.
  const near = text.slice(0, 2 * most);
  for (const { segment } of new Intl.Segmenter().segment(near)) {
    bytes += textBytes(segment);
    if (bytes > most) break;
    end += segment.length;
  }
  // A character of thousands of marks fits nowhere: it is cut between them.
  return end > 0 ? text.slice(0, end) : codePoints(text, most);
}

function codePoints(text: string, most: number): string {
  let end = 0;
  let bytes = 0;
  for (const point of text) {
    bytes += textBytes(point);
    if (bytes > most) break;
    end += point.length;
  }
  return text.slice(0, end);
}
