/**
 * How a text is read from the database.
 *
 * @module
 */

/**
 * The text in a column, for {@link wholeText}: `node:sqlite` of Deno reads a
 * text up to its first NUL, but a blob whole.
 */
export function whole(column: string): string {
  return `iif(instr(${column}, char(0)) > 0, ` +
    `CAST(${column} AS BLOB), ${column})`;
}

/** The text of `message m`. */
export const WHOLE_TEXT = `${whole("m.text")} AS text`;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What {@link whole} gave for a text. */
export function wholeText(stored: string | Uint8Array): string {
  return typeof stored === "string" ? stored : decoder.decode(stored);
}
