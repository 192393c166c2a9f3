/**
 * How what `node:sqlite` can't read as it is comes out of the database.
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

/**
 * The ref in a column. There are files with one above all that are numbers here,
 * which nobody can ask for: read as it is, it would fail all that is read by it.
 */
export function readableRef(column: string): string {
  return `min(${column}, ${Number.MAX_SAFE_INTEGER})`;
}

/** The text of `message m`. */
export const WHOLE_TEXT = `${whole("m.text")} AS text`;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What {@link whole} gave for a text. */
export function wholeText(stored: string | Uint8Array): string {
  return typeof stored === "string" ? stored : decoder.decode(stored);
}
