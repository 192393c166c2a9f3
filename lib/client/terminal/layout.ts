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

/** Asks for the emoji where a character has another look too. */
const AS_EMOJI = "\ufe0f";

/**
 * The most columns that a cluster takes in any terminal: one that joins several
 * emoji (U+200D) takes two in some, and as many as all of them in others.
 */
function mostColumns(cluster: string): number {
  return Math.max(
    unicodeWidth(cluster),
    cluster.includes(AS_EMOJI) ? 2 : 0,
  );
}

function cellOf(cluster: string, style?: string): Cell {
  return { text: cluster, width: mostColumns(cluster), style };
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

/** Where a row ends, and the next begins: a space between them is dropped. */
interface Break {
  readonly end: number;
  readonly next: number;
}

/** What nobody wants at the beginning of a row, and at its end. */
const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}ー]/u;
const OPENING = /^[\p{Ps}\p{Pi}]/u;

/**
 * Whether a row may end in front of `at`: behind a space, or at a wide character
 * (of a script that has no spaces, or an emoji).
 */
function mayBreak(cells: readonly Cell[], at: number): boolean {
  const [before, after] = [cells[at - 1], cells[at]];
  if (before === undefined || after === undefined) return true;
  if (before.text === " ") return true;
  const isWide = before.width > 1 || after.width > 1;
  return isWide && !OPENING.test(before.text) && !CLOSING.test(after.text);
}

/** A fingerprint as far as it goes: a byte is begun behind its last colon. */
const BYTES = /[0-9A-F]{2}:([0-9A-F]{0,2})$/u;

/** Where a row ends within a word: of a fingerprint, between its bytes. */
function breakWord(cells: readonly Cell[], start: number, end: number): Break {
  const row = cells.slice(start, end).map(({ text }) => text).join("");
  const [, begun = ""] = BYTES.exec(row) ?? [];
  return { end: end - begun.length, next: end - begun.length };
}

/** Whether what can't be broken from `start` on fits a row. */
function fits(cells: readonly Cell[], start: number, width: number): boolean {
  let used = 0;
  for (let at = start; at < cells.length && used <= width; at++) {
    const isOver = cells[at]?.text === " " || at > start && mayBreak(cells, at);
    if (isOver) return true;
    used += cells[at]?.width ?? 0;
  }
  return used <= width;
}

/** Where the row from `start` on ends, of which all up to `end` fits. */
function breakOf(
  cells: readonly Cell[],
  start: number,
  end: number,
  width: number,
): Break {
  if (cells[end]?.text === " ") return { end, next: end + 1 };
  let at = end;
  while (at > start && !mayBreak(cells, at)) at--;
  const isSpace = cells[at - 1]?.text === " ";
  const isUseful = at > start + Number(isSpace) && fits(cells, at, width);
  if (!isUseful) return breakWord(cells, start, end);
  return { end: isSpace ? at - 1 : at, next: at };
}

/**
 * Breaks a line into rows of at most `width` columns: between words where it
 * can, within a word where that fits no row. There is always at least one row.
 */
export function wrap(
  pieces: readonly Piece[],
  width: number,
  colours: boolean,
): string[] {
  const cells = cellsOf(pieces);
  const rows: string[] = [];
  for (let start = 0;;) {
    let end = start;
    let used = cells[end]?.width ?? 0;
    while (end < cells.length && (used <= width || end === start)) {
      used += cells[++end]?.width ?? 0;
    }
    const row = end < cells.length
      ? breakOf(cells, start, end, width)
      : { end, next: end };
    rows.push(join(cells.slice(start, row.end), colours));
    if (end >= cells.length) return rows;
    start = row.next;
  }
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

/** Where a cursor is, from 0. */
export interface Cursor {
  readonly row: number;
  readonly column: number;
  /**
   * What stands to the left of it, where terminals differ in how many columns
   * that takes; `column` is the most then.
   */
  readonly before?: string;
}

/** What is being typed, behind its prompt, as rows. */
export interface InputLayout {
  readonly rows: readonly string[];
  /** `row` counts among `rows`. */
  readonly cursor: Cursor;
}

/** Whether terminals differ in how many columns it takes. */
function isDoubtful({ text }: Cell): boolean {
  return [...text].length > 1;
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
  const place = () => ({
    row: rows.length - 1,
    column: used,
    cells: rows.at(-1)?.length ?? 0,
  });
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
    at = { row: at.row + 1, column: 0, cells: 0 };
    if (rows.length === at.row) rows.push([]);
  }
  const left = rows[at.row]?.slice(0, at.cells) ?? [];
  const start = Math.min(at.row, Math.max(0, rows.length - most));
  return {
    rows: rows.slice(start, start + most).map((row) => join(row, colours)),
    cursor: {
      row: at.row - start,
      column: at.column,
      ...left.some(isDoubtful) && { before: join(left, colours) },
    },
  };
}
