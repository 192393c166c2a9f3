/**
 * The names that were seen, for Tab. Pure.
 *
 * @module
 */

import { foldName, printable } from "../../wire/mod.ts";

/** Names that are remembered, of each sort. */
const MOST_NAMES = 1_000;

/** The latest names, each once. */
export class SeenNames {
  readonly #names = new Map<string, string>();

  /** Remembers one; of too many the one forgotten is the one not seen longest. */
  add(name: string): void {
    const key = foldName(name);
    this.#names.delete(key);
    this.#names.set(key, printable(name));
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST_NAMES && oldest !== undefined) {
      this.#names.delete(oldest);
    }
  }

  /** Sorted. */
  get all(): string[] {
    return [...this.#names.values()].sort();
  }
}
