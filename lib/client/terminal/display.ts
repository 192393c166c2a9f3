/**
 * What is written to a terminal, from the first line on.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Input, Piece } from "./layout.ts";
import { type Mark, Screen } from "./screen.ts";
import { clockTime, dayOf, notice } from "./transcript.ts";
import type { OpenTty, Tty, TtyHandlers } from "./tty.ts";

/** How a display is made. */
export interface DisplayOptions {
  readonly tty: Tty;
  readonly colours: boolean;
  /** When it is. */
  readonly now: () => Date;
  readonly handlers: TtyHandlers;
}

/** A terminal that is touched when there is something to show. */
export class Display {
  readonly #options: DisplayOptions;
  #screen: Screen | undefined;
  #tty: OpenTty | undefined;
  /** The day of the last line. */
  #day: string | undefined;
  /** The last line. */
  #last: readonly Piece[] = [];

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  #open(): Screen {
    const { tty, colours, handlers } = this.#options;
    this.#tty = tty.open(handlers);
    const { columns, rows } = tty;
    return this.#screen = new Screen({ columns, rows, colours });
  }

  #write(text: string | undefined): void {
    if (text !== undefined) this.#options.tty.write(text);
  }

  /** Prints a line; `id` is told to `mark` later on. */
  print(pieces: readonly Piece[], mark: Mark = "none", id?: number): void {
    const screen = this.#screen ?? this.#open();
    const now = this.#options.now();
    const time = clockTime(now);
    const day = dayOf(now);
    // A line has but the time of its day.
    if (this.#day !== undefined && this.#day !== day) {
      const pieces = notice(`It is ${day} now`);
      this.#write(screen.print({ time, mark: "none", pieces }));
    }
    this.#day = day;
    this.#last = pieces;
    this.#write(screen.print({ time, mark, pieces, id }));
  }

  /** Prints a line, unless it stands right above the input already. */
  printOnce(pieces: readonly Piece[]): void {
    if (!isDeepStrictEqual(pieces, this.#last)) this.print(pieces);
  }

  /** Prints what was said at a time of before, which not every wire tells. */
  printEarlier(pieces: readonly Piece[], said: Date | undefined): void {
    const screen = this.#screen ?? this.#open();
    const time = said ? clockTime(said) : " ".repeat("00:00".length);
    this.#last = pieces;
    this.#write(screen.print({ time, mark: "none", pieces }));
  }

  /** Changes the mark of a line. */
  mark(id: number, mark: Mark): void {
    this.#write(this.#screen?.mark(id, mark));
  }

  /** Draws what is being typed. */
  setInput(input: Input): void {
    this.#write(this.#screen?.setInput(input));
  }

  /** Does something that may change the input often, and draws it once. */
  drawOnce(action: () => void): void {
    const screen = this.#screen;
    screen?.hold();
    action();
    this.#write(screen?.release());
  }

  /** Draws all anew. */
  redraw(): void {
    const { columns, rows } = this.#options.tty;
    this.#write(this.#screen?.resize(columns, rows));
  }

  /** Stops, until the shell goes on with us. */
  suspend(): void {
    this.#tty?.suspend(() => this.#screen?.leave() ?? "");
  }

  /** Lets go of the terminal. */
  stop(): void {
    this.#write(this.#screen?.stop());
    this.#tty?.close();
  }
}
