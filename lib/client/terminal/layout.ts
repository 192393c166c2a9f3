/**
 * Text into rows of a terminal, by display width. Pure.
 *
 * What a reader sees as one character (a grapheme cluster: a letter with its
 * accents, an emoji with its joiners) is never cut in two.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { printable } from "../../wire/mod.ts";
import { styled } from "./styles.ts";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Where each character stands alone; most of what is typed is that. */
const PLAIN = /^[ -~]*$/u;

/** The grapheme clusters of a text. */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Part of a line, in one style. */
export interface Piece {
  /** Safe to show: what came from outside has gone through `printable`. */
  readonly text: string;
  readonly style?: string | undefined;
}

/** One cluster in its place. */
interface Cell {
  readonly text: string;
  readonly width: number;
  readonly style: string | undefined;
}

function cellOf(cluster: string, style?: string): Cell {
  return { text: cluster, width: unicodeWidth(cluster), style };
}

function cellsOf(pieces: readonly Piece[]): Cell[] {
  return pieces.flatMap(({ text, style }) =>
    graphemes(text).map((each) => cellOf(each, style))
  );
}

/** Cells as text, neighbours of the same style together. */
function join(cells: readonly Cell[], colours: boolean): string {
  let row = "";
  for (let start = 0; start < cells.length;) {
    const style = cells[start]?.style;
    let end = start;
    while (end < cells.length && cells[end]?.style === style) end++;
    const text = cells.slice(start, end).map((cell) => cell.text).join("");
    row += styled(text, colours ? style : undefined);
    start = end;
  }
  return row;
}

/** A fingerprint as far as it goes: a byte is begun behind its last colon. */
const BYTES = /[0-9A-F]{2}:([0-9A-F]{0,2})$/u;

/** Where a row without a space ends: of a fingerprint, between its bytes. */
function endOfWord(row: readonly Cell[]): number {
  const [, begun = ""] = BYTES.exec(row.map(({ text }) => text).join("")) ?? [];
  return row.length - begun.length;
}

/**
 * Breaks a line into rows of at most `width` columns: at spaces where it can,
 * within words where it must. There is always at least one row.
 */
export function wrap(
  pieces: readonly Piece[],
  width: number,
  colours: boolean,
): string[] {
  const rows: string[] = [];
  let row: Cell[] = [];
  let used = 0;
  for (const cell of cellsOf(pieces)) {
    if (used + cell.width > width && row.length > 0) {
      if (cell.text === " ") {
        rows.push(join(row, colours));
        [row, used] = [[], 0];
        continue;
      }
      const space = row.findLastIndex(({ text }) => text === " ");
      const end = space < 0 ? endOfWord(row) : space;
      const rest = row.slice(space < 0 ? end : end + 1);
      rows.push(join(row.slice(0, end), colours));
      row = rest;
      used = rest.reduce((sum, each) => sum + each.width, 0);
    }
    row.push(cell);
    used += cell.width;
  }
  rows.push(join(row, colours));
  return rows;
}

/**
 * Breaks the lines of a text as {@link wrap} does. What goes on in another row
 * is indented as its line is.
 */
export function wrapLines(text: string, width: number): string {
  return text.split("\n").flatMap((line) => {
    const words = line.trimStart();
    const indent = line.slice(0, line.length - words.length);
    const left = Math.max(1, width - indent.length);
    return wrap([{ text: words }], left, false).map((row) => indent + row);
  }).join("\n");
}

/** What is being typed, behind its prompt, as rows. */
export interface InputLayout {
  readonly rows: readonly string[];
  /** Where the cursor is, from 0; `row` counts among `rows`. */
  readonly cursor: { readonly row: number; readonly column: number };
}

/** What there is to lay out as input. */
export interface Input {
  readonly prompt: readonly Piece[];
  readonly text: string;
  /** Where the cursor is in `text`, in UTF-16 units. */
  readonly cursor: number;
}

/**
 * Lays prompt and text out in rows of at most `width` columns, cut anywhere.
 * Each line of the text begins a row.
 * Of more than `most` rows those around the cursor are shown.
 */
export function layOutInput(
  { prompt, text, cursor }: Input,
  { width, most, colours }: {
    readonly width: number;
    readonly most: number;
    readonly colours: boolean;
  },
): InputLayout {
  const rows: Cell[][] = [[]];
  let used = 0;
  const breakRow = () => {
    rows.push([]);
    used = 0;
  };
  const put = (cell: Cell) => {
    if (used + cell.width > width) breakRow();
    rows.at(-1)?.push(cell);
    used += cell.width;
  };
  const place = () => ({ row: rows.length - 1, column: used });
  cellsOf(prompt).forEach(put);
  let at = place();
  let offset = 0;
  for (const cluster of graphemes(text)) {
    // A control character that was typed is shown as everybody will see it.
    const shown = printable(cluster);
    if (cluster === "\n") breakRow();
    else if (shown === cluster) put(cellOf(cluster));
    else cellsOf([{ text: shown }]).forEach(put);
    offset += cluster.length;
    if (offset <= cursor) at = place();
  }
  // The cursor needs a column of its own; at the end of a row it has none.
  if (at.column >= width) {
    at = { row: at.row + 1, column: 0 };
    if (rows.length === at.row) rows.push([]);
  }
  const start = Math.min(at.row, Math.max(0, rows.length - most));
  return {
    rows: rows.slice(start, start + most).map((row) => join(row, colours)),
    cursor: { row: at.row - start, column: at.column },
  };
}
