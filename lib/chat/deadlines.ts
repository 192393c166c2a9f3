/**
 * Who has to do something by when.
 *
 * @module
 */

/** Deadlines that all lie the same time ahead, so that the first is the next. */
export class Deadlines<Key> {
  readonly #after: number;
  readonly #starts = new Map<Key, number>();

  /** `after`: ms from the start to the deadline; Infinity is never. */
  constructor(after: number) {
    this.#after = after;
  }

  /** Starts, or starts anew. `now` must never go back. */
  start(key: Key, now: number): void {
    this.#starts.delete(key);
    this.#starts.set(key, now);
  }

  /** Takes a deadline back. */
  stop(key: Key): void {
    this.#starts.delete(key);
  }

  /** How many there are. */
  get size(): number {
    return this.#starts.size;
  }

  /** Whose deadline is the next. */
  get first(): Key | undefined {
    return this.#starts.keys().next().value;
  }

  /** When the next deadline is, ms, or Infinity. */
  get next(): number {
    const { value, done } = this.#starts.values().next();
    return done ? Infinity : value + this.#after;
  }

  /** Takes and answers all whose deadline has come. */
  expire(now: number): Key[] {
    const expired: Key[] = [];
    for (const [key, start] of this.#starts) {
      if (start + this.#after > now) break;
      this.#starts.delete(key);
      expired.push(key);
    }
    return expired;
  }
}
