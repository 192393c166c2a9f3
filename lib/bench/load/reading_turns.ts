/**
 * The generator's time, shared between reading and everything else.
 *
 * A socket that always has more to read is read again before any timer has its
 * turn. A generator with too much to read would so send nothing, and not even
 * hear Ctrl+C. Here reading MUST stop when it took {@link TURN} ms, until the
 * next turn begins; then those that had to wait go first.
 *
 * @module
 */

/** For how long is read in one turn, ms. */
const TURN = 5;

/** Somebody who had to wait. */
interface Waiting {
  /** Since when, ms. */
  readonly since: number;
  /** Reads what waits. */
  readonly read: () => void;
}

/** Says who may read now. */
export class ReadingTurns {
  readonly #now: () => number;
  #begin = Infinity;
  #waiting: Waiting[] = [];
  #longest = 0;

  /** `now`: a clock, ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The longest that anything had to wait so far, ms. */
  get longest(): number {
    return this.#longest;
  }

  /** Whether nothing may be read any more in this turn. */
  get isOver(): boolean {
    return this.#now() - this.#begin > TURN;
  }

  /** Has something read in a later turn that is there since `since`, ms. */
  postpone(since: number, read: () => void): void {
    this.#waiting.push({ since, read });
  }

  /** Begins a turn. Before the first one everybody may read. */
  next(): void {
    this.#begin = this.#now();
    this.#readWaiting();
  }

  /** Lets everybody read from now on, and those who wait at once. */
  end(): void {
    this.#begin = Infinity;
    this.#readWaiting();
  }

  #readWaiting(): void {
    const waiting = this.#waiting;
    let done = 0;
    for (const { since, read } of waiting) {
      if (this.isOver) break;
      done++;
      this.#longest = Math.max(this.#longest, this.#now() - since);
      read();
    }
    // Whoever came meanwhile is behind them.
    waiting.splice(0, done);
  }
}
