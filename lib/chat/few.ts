/**
 * Sets that have one thing in them, mostly.
 *
 * @module
 */

/**
 * A set of few: with one thing in it 40 bytes, where a `Set` is 150, and there
 * are thousands of them. Whoever iterates over it while it changes may miss
 * what is added.
 */
export class Few<Thing extends object> implements Iterable<Thing> {
  /** What is in it, until there is more. */
  #only: Thing | undefined;
  #all: Set<Thing> | undefined;

  get size(): number {
    return this.#all?.size ?? (this.#only === undefined ? 0 : 1);
  }

  add(thing: Thing): void {
    if (this.#all !== undefined) this.#all.add(thing);
    else if ((this.#only ??= thing) !== thing) {
      this.#all = new Set([this.#only, thing]);
      this.#only = undefined;
    }
  }

  /** Whether it was in it. */
  delete(thing: Thing): boolean {
    if (this.#all !== undefined) return this.#all.delete(thing);
    const found = this.#only === thing;
    if (found) this.#only = undefined;
    return found;
  }

  [Symbol.iterator](): Iterator<Thing> {
    const all = this.#all ?? (this.#only === undefined ? [] : [this.#only]);
    return all[Symbol.iterator]();
  }
}
