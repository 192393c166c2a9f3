/**
 * How a message's text is read from the database.
 *
 * @module
 */

/**
 * The text of `message m`: `node:sqlite` of Deno reads a text up to its first
 * NUL, but a blob whole.
 */
export const WHOLE_TEXT =
  "iif(instr(m.text, char(0)) > 0, CAST(m.text AS BLOB), m.text) AS text";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What {@link WHOLE_TEXT} gave for a text. */
export function wholeText(stored: string | Uint8Array): string {
  return typeof stored === "string" ? stored : decoder.decode(stored);
}
