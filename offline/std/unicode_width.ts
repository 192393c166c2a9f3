/**
 * Stand-in for `@std/cli/unicode-width`. As in the package, a text is as wide
 * as the sum of its code points: a joined emoji counts each of its parts.
 */
import { eastAsianWidth } from "get-east-asian-width";

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\u{1160}-\u{11ff}]$/u;
const SOFT_HYPHEN = "\u{ad}";

function characterWidth(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0;
  if (codePoint < 0x7f || character === SOFT_HYPHEN) return 1;
  return zeroWidth.test(character) ? 0 : eastAsianWidth(codePoint);
}

/** How many terminal columns a text takes; control characters take none. */
export function unicodeWidth(str: string): number {
  let width = 0;
  for (const character of str) width += characterWidth(character);
  return width;
}
