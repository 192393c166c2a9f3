/**
 * One question for all who ask it at about the same time.
 *
 * - Whoever asks gets an answer that was found after it asked: while one is
 *   being found, all that ask wait for the next one together.
 * - When that fails, all of them are told.
 *
 * @module
 */

/** Asks, and shares the answers. */
export class SharedAnswer<Answer> {
  readonly #find: () => Promise<Answer>;
  /** What is being found, and what will be found after that. */
  #current: Promise<Answer> | undefined;
  #next: Promise<Answer> | undefined;

  /** `find`: asks, at once. */
  constructor(find: () => Promise<Answer>) {
    this.#find = find;
  }

  /** An answer; rejects as `find` does. */
  ask(): Promise<Answer> {
    if (this.#current === undefined) return this.#begin();
    const begin = () => this.#begin();
    return this.#next ??= this.#current.then(begin, begin);
  }

  #begin(): Promise<Answer> {
    this.#next = undefined;
    const current = this.#current = this.#find();
    const end = () => {
      if (this.#current === current && this.#next === undefined) {
        this.#current = undefined;
      }
    };
    current.then(end, end);
    return current;
  }
}
