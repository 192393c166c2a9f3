/**
 * One question for all who ask for news at about the same time.
 *
 * - Whoever asks gets an answer that was found after it asked: while one is
 *   being found, all that ask wait for the next one together.
 * - What is news is told once: to the first of them, before the others hear that
 *   there is nothing new. When it can't be found, all of them are told.
 *
 * @module
 */

/** Asks, and shares the answers. */
export class SharedNews<News> {
  readonly #find: () => Promise<News | undefined>;
  /** What is being found, and what will be found after that. */
  #current: Promise<News | undefined> | undefined;
  #next: Promise<News | undefined> | undefined;

  /** `find`: asks, at once. */
  constructor(find: () => Promise<News | undefined>) {
    this.#find = find;
  }

  /** What is new; rejects as `find` does. */
  ask(): Promise<News | undefined> {
    if (this.#current === undefined) return this.#begin();
    if (this.#next !== undefined) return this.#next.then(() => undefined);
    const begin = () => this.#begin();
    return this.#next = this.#current.then(begin, begin);
  }

  #begin(): Promise<News | undefined> {
    this.#next = undefined;
    const current = this.#current = this.#find();
    const end = () => {
      if (this.#next === undefined) this.#current = undefined;
    };
    current.then(end, end);
    return current;
  }
}
