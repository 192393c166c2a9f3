/**
 * Colours, as the parameters of SGR control sequences (ECMA-48, 8.3.117).
 *
 * @module
 */

import { foldName } from "../../wire/mod.ts";

/** What each kind of text looks like. */
export const STYLES = {
  faint: "2",
  bold: "1",
  reverse: "7",
  good: "32",
  doubtful: "33",
  bad: "31",
} as const;

/** The colours of names; red is for what went wrong. */
const NAME_STYLES = ["32", "33", "34", "35", "36", "92", "94", "95", "96"];

/** The same style for a name wherever and whenever it appears (FNV-1a). */
export function nameStyle(name: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(foldName(name))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return NAME_STYLES[hash % NAME_STYLES.length] ?? "";
}

/** `text` in a style; as it is without one. */
export function styled(text: string, style: string | undefined): string {
  return style === undefined || text === ""
    ? text
    : `\x1b[${style}m${text}\x1b[0m`;
}
