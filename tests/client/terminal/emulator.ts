/**
 * A terminal of the smallest kind: enough of ECMA-48 to see what a person
 * would see. It throws at anything that it does not know, so that nothing else
 * can reach a real one unnoticed.
 *
 * @module
 */

import { graphemes } from "../../../lib/client/mod.ts";
import { unicodeWidth } from "@std/cli/unicode-width";

// deno-lint-ignore no-control-regex -- that is what a terminal reads
const SEQUENCE = /\x1b\[(\d*)([ABCHJKm])|\r|\n|[^\x00-\x1f\x7f-\x9f]+/gy;

/** A screen of `columns` by `rows`. */
export class Emulator {
  columns: number;
  rows: number;
  /** Cells by row; a wide character is followed by an empty cell. */
  #cells: string[][] = [[]];
  /** What one can scroll back to; as in tmux, also what is cleared from the start. */
  readonly kept: string[] = [];
  row = 0;
  column = 0;

  /** `widthOf`: how many columns it shows a character in. */
  constructor(
    columns: number,
    rows: number,
    readonly widthOf = unicodeWidth,
  ) {
    this.columns = columns;
    this.rows = rows;
  }

  /** What can be seen, without empty rows at the end. */
  get lines(): string[] {
    const lines = this.#cells.map((cells) =>
      Array.from(cells, (cell) => cell ?? " ").join("").trimEnd()
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** Takes what is written to it. */
  write(text: string): void {
    SEQUENCE.lastIndex = 0;
    while (SEQUENCE.lastIndex < text.length) {
      const at = SEQUENCE.lastIndex;
      const match = SEQUENCE.exec(text);
      if (match === null) {
        throw new Error(
          `Unknown to a terminal: ${JSON.stringify(text.slice(at))}`,
        );
      }
      const [all, number, final] = match;
      if (final !== undefined) this.#control(final, Number(number || 1));
      else if (all === "\r") this.column = 0;
      else if (all === "\n") this.#lineFeed();
      else this.#put(all);
    }
  }

  #control(final: string, count: number): void {
    switch (final) {
      case "A":
        this.row = Math.max(0, this.row - count);
        break;
      case "B":
        this.row = Math.min(this.rows - 1, this.row + count);
        break;
      case "C":
        this.column = Math.min(this.columns - 1, this.column + count);
        break;
      case "H":
        [this.row, this.column] = [Math.min(this.rows, count) - 1, 0];
        break;
      case "K":
        this.#line.length = Math.min(this.#line.length, this.column);
        break;
      case "J":
        if (this.row === 0 && this.column === 0) this.kept.push(...this.lines);
        this.#line.length = Math.min(this.#line.length, this.column);
        this.#cells.length = this.row + 1;
        break;
    }
  }

  get #line(): string[] {
    while (this.#cells.length <= this.row) this.#cells.push([]);
    return this.#cells[this.row] as string[];
  }

  #lineFeed(): void {
    if (this.row < this.rows - 1) this.row++;
    else {
      while (this.#cells.length < this.rows) this.#cells.push([]);
      this.kept.push(this.lines[0] ?? "");
      this.#cells.shift();
    }
  }

  #put(text: string): void {
    for (const cluster of graphemes(text)) {
      const width = this.widthOf(cluster);
      if (this.column + width >= this.columns) {
        throw new Error(`"${cluster}" reaches the last column`);
      }
      const line = this.#line;
      while (line.length < this.column) line.push(" ");
      line[this.column] = cluster;
      for (let more = 1; more < width; more++) line[this.column + more] = "";
      this.column += width;
    }
  }
}
