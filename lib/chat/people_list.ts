/**
 * Everybody there is: accounts, here or not, and the guests who are here.
 *
 * @module
 */

import type { Person } from "./people.ts";

/** All people of a hub. No two of them have the same name. */
export class People<Peer> {
  readonly #byKey = new Map<string, Person<Peer>>();
  readonly #byHandle = new Map<number, Person<Peer>>();
  #here = 0;

  get all(): Iterable<Person<Peer>> {
    return this.#byKey.values();
  }

  /** Who has that name, by its key. */
  find(key: string): Person<Peer> | undefined {
    return this.#byKey.get(key);
  }

  byHandle(handle: number): Person<Peer> | undefined {
    return this.#byHandle.get(handle);
  }

  add(person: Person<Peer>): void {
    this.#byKey.set(person.name.key, person);
    this.#byHandle.set(person.handle, person);
  }

  remove(person: Person<Peer>): void {
    if (this.#byKey.get(person.name.key) === person) {
      this.#byKey.delete(person.name.key);
    }
    this.#byHandle.delete(person.handle);
  }

  /** How many are logged in. */
  get here(): number {
    return this.#here;
  }

  /** Somebody's first session began, or the last one ended. */
  count(change: 1 | -1): void {
    this.#here += change;
  }
}
