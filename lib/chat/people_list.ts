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
  /** Who came from where, and where each guest last did. */
  readonly #byNetwork = new Map<string, Set<Person<Peer>>>();
  readonly #networks = new Map<Person<Peer>, string>();
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
    this.#displace(person);
  }

  /** A guest came from there; undefined: from where many come. */
  place(person: Person<Peer>, network: string | undefined): void {
    this.#displace(person);
    if (network === undefined || person.account) return;
    const others = this.#byNetwork.get(network) ?? new Set();
    this.#byNetwork.set(network, others.add(person));
    this.#networks.set(person, network);
  }

  #displace(person: Person<Peer>): void {
    const network = this.#networks.get(person);
    if (network === undefined) return;
    this.#networks.delete(person);
    const others = this.#byNetwork.get(network);
    if (others?.delete(person) && others.size === 0) {
      this.#byNetwork.delete(network);
    }
  }

  /** How many guests last came from a network. */
  guestsFrom(network: string): number {
    let guests = 0;
    for (const { account } of this.#byNetwork.get(network) ?? []) {
      if (!account) guests++;
    }
    return guests;
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
