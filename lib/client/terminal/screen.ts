/**
 * The part of a terminal that is ours: lines that scroll up, and below them
 * what is being typed. Pure: each method gives what is to be written.
 *
 * What it guarantees:
 *
 * - A new line MUST NOT tear what is being typed: the input is erased with all
 *   its rows, the line is printed, and the input is drawn again below it.
 * - A mark is changed in its place only while that place is on the screen.
 * - However much is typed at once, between `hold` and `release` the input MUST
 *   NOT be drawn; and a line that is printed MUST NOT lay it out again. Each
 *   time costs as much as it is long.
 * - No row reaches the last column, so that no terminal wraps one by itself.
 *
 * Lines are counted from the input upwards. That holds wherever on the screen
 * we began, because all rows between are ours. After a change of size nobody
 * knows how a terminal has arranged them: then all that fits is drawn anew.
 *
 * @module
 */

import {
  type Cursor,
  type Input,
  type InputLayout,
  layOutInput,
  type Piece,
  wrap,
} from "./layout.ts";
import { styled, STYLES } from "./styles.ts";

/** What became of a message of one's own; each is at most two columns wide. */
export const MARKS = {
  none: { sign: " ", style: undefined, help: "" },
  pending: {
    sign: "⧗",
    style: STYLES.faint,
    help: "on its way, not acknowledged yet",
  },
  acknowledged: {
    sign: "✓",
    style: STYLES.good,
    help: "on the server's disk",
  },
  received: {
    sign: "✓✓",
    style: STYLES.good,
    help: "everybody who is to have it has it, where the wire tells",
  },
  unconfirmed: {
    sign: "?",
    style: STYLES.doubtful,
    help: "sent, but the connection broke before it was acknowledged",
  },
  failed: { sign: "✗", style: STYLES.bad, help: "not sent, or refused" },
} as const;

/** The name of a row of {@link MARKS}. */
export type Mark = keyof typeof MARKS;

/** A line of the chat. */
export interface Line {
  /** `HH:MM`. */
  readonly time: string;
  readonly mark: Mark;
  readonly pieces: readonly Piece[];
  /** Told to `mark` later on. */
  readonly id?: number | undefined;
}

/** How large a terminal is, and whether it has colours. */
export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colours: boolean;
}

/** Lines that are remembered, to be drawn anew and to have marks changed. */
const MOST_LINES = 300;

/** Below this many columns there is no room for times. */
const NARROW = 30;

const CSI = "\x1b[";

const up = (rows: number) => rows > 0 ? `${CSI}${rows}A` : "";
const down = (rows: number) => rows > 0 ? `${CSI}${rows}B` : "";
const right = (columns: number) => columns > 0 ? `${CSI}${columns}C` : "";
/** From the start of its row to the cursor. */
const along = ({ column, before }: Cursor) => before ?? right(column);

/**
 * Clears the screen, and is at its start. Not by erasing all from there: some
 * terminals, tmux among them, then keep a copy of it all above.
 */
const CLEARED = `${CSI}2H${CSI}J${CSI}H${CSI}K`;

interface Shown {
  line: Line;
  rows: number;
}

/** A terminal's content. */
export class Screen {
  #columns: number;
  #rows: number;
  readonly #colours: boolean;
  readonly #shown: Shown[] = [];
  #input: Input = { prompt: [], text: "", cursor: 0 };
  /** How it is laid out, once it is. */
  #layout: InputLayout | undefined;
  #cursor: Cursor = { row: 0, column: 0 };
  /**
   * How many rows above the input are on the screen for certain: as many as
   * there would be had we begun in its first row.
   */
  #above = 0;
  /** Whether the input is not to be drawn yet. */
  #held = false;
  /** Whether it would have been drawn. */
  #stale = false;

  constructor({ columns, rows, colours }: ScreenOptions) {
    this.#columns = columns;
    this.#rows = rows;
    this.#colours = colours;
  }

  /** Prints a line above the input. */
  print(line: Line): string {
    const rows = this.#layOut(line);
    this.#shown.push({ line, rows: rows.length });
    if (this.#shown.length > MOST_LINES) this.#shown.shift();
    this.#above = Math.min(this.#above + rows.length, this.#rows - 1);
    return this.#erase() + rows.map((row) => `${row}\r\n`).join("") +
      this.#draw();
  }

  /** Draws the input. */
  setInput(input: Input): string {
    this.#input = input;
    this.#layout = undefined;
    return this.#held ? this.#draw() : this.#erase() + this.#draw();
  }

  /** Until `release`, nothing draws the input, however often it changes. */
  hold(): void {
    this.#held = true;
  }

  /** Draws the input, if something would have drawn it since `hold`. */
  release(): string {
    this.#held = false;
    if (!this.#stale) return "";
    this.#stale = false;
    return this.#erase() + this.#draw();
  }

  /** Changes the mark of the line with this id. */
  mark(id: number, mark: Mark): string {
    let above = 0;
    for (let index = this.#shown.length - 1; index >= 0; index--) {
      const shown = this.#shown[index] as Shown;
      above += shown.rows;
      if (shown.line.id !== id) continue;
      shown.line = { ...shown.line, mark };
      if (above > this.#above) return "";
      const distance = above + this.#cursor.row;
      const column = Math.max(0, this.#markColumn - 1);
      return `\r${up(distance)}${right(column)}${this.#sign(mark)}` +
        `\r${down(distance)}${along(this.#cursor)}`;
    }
    return "";
  }

  /**
   * Draws all that fits anew, in a size that may be another; of the topmost
   * line its last rows. What does not fit is remembered for a larger one.
   */
  resize(columns: number, rows: number): string {
    this.#columns = columns;
    this.#rows = rows;
    this.#layout = undefined;
    const input = this.#layOutInput();
    let room = Math.max(0, rows - input.rows.length);
    const drawn: string[] = [];
    for (let index = this.#shown.length - 1; index >= 0; index--) {
      const shown = this.#shown[index] as Shown;
      const lines = this.#layOut(shown.line);
      shown.rows = lines.length;
      drawn.unshift(...lines.slice(Math.max(0, lines.length - room)));
      if (lines.length > room) break;
      room -= lines.length;
    }
    this.#above = drawn.length;
    this.#cursor = { row: 0, column: 0 };
    return CLEARED + drawn.map((row) => `${row}\r\n`).join("") +
      this.#draw();
  }

  /**
   * Leaves the input as it is, for a row of its own below it. `resize` draws all
   * when one is back.
   */
  leave(): string {
    const drawn = this.release();
    const below = this.#layOutInput().rows.length - 1 - this.#cursor.row;
    this.#cursor = { row: 0, column: 0 };
    return `${drawn}${down(below)}\r\n`;
  }

  /** Erases the input, for good. */
  stop(): string {
    return this.#erase();
  }

  get #width(): number {
    return Math.max(2, this.#columns - 1);
  }

  get #narrow(): boolean {
    return this.#columns < NARROW;
  }

  get #markColumn(): number {
    return this.#narrow ? 0 : "00:00 ".length;
  }

  #sign(mark: Mark): string {
    const { sign, style } = MARKS[mark];
    const shown = styled(sign, this.#colours ? style : undefined);
    const gap = sign.length === 1 ? " " : "";
    // The second column is that of a gap: left of the sign, where there is one.
    return this.#narrow ? shown + gap : gap + shown;
  }

  #layOut({ time, mark, pieces }: Line): string[] {
    const indent = this.#markColumn + 2;
    const width = Math.max(1, this.#width - indent);
    const stamp = this.#narrow
      ? ""
      : styled(time, this.#colours ? STYLES.faint : undefined);
    const gap = this.#narrow ? "" : " ";
    return wrap(pieces, width, this.#colours).map((row, index) =>
      index === 0
        ? `${stamp}${this.#sign(mark)}${gap}${row}`
        : " ".repeat(indent) + row
    );
  }

  #layOutInput(): InputLayout {
    return this.#layout ??= layOutInput(this.#input, {
      width: this.#width,
      most: Math.max(1, Math.floor(this.#rows / 2)),
      colours: this.#colours,
    });
  }

  #erase(): string {
    const text = `\r${up(this.#cursor.row)}${CSI}J`;
    this.#cursor = { row: 0, column: 0 };
    return text;
  }

  #draw(): string {
    if (this.#held) {
      this.#stale = true;
      return "";
    }
    const { rows, cursor } = this.#layOutInput();
    this.#cursor = cursor;
    // What the input has no room for below, it pushes off above, for good.
    this.#above = Math.min(this.#above, this.#rows - rows.length);
    return `${rows.join("\r\n")}\r${up(rows.length - 1 - cursor.row)}${
      along(cursor)
    }`;
  }
}
