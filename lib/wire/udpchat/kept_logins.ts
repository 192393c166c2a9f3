/**
 * The logins of all addresses, by token: somebody who comes back from another
 * address goes on where they were.
 *
 * @module
 */

import { foldName } from "../names.ts";
import type { Position } from "../requests.ts";
import type { FollowedRoom } from "./followed_room.ts";
import { LONGEST_NAME } from "./group_names.ts";

/** Somebody who logged in, and how far they have their rooms. */
export class KeptLogin {
  readonly username: string;
  /** Secret. */
  readonly token: string;
  /** By handle. */
  readonly rooms = new Map<number, FollowedRoom>();
  /** Since when its address can't be reached, ms; undefined while it can. */
  lostAt: number | undefined;

  constructor(username: string, token: string) {
    this.username = username;
    this.token = token;
  }

  /** What has arrived of each room. */
  get positions(): Position[] {
    return [...this.rooms].flatMap(([room, { received }]) =>
      received === undefined ? [] : [{ room, sequence: received }]
    );
  }

  /** Nothing is on its way any more. */
  lose(now: number): void {
    this.lostAt = now;
    for (const room of this.rooms.values()) room.lose();
  }
}

/** Compares two secrets in a time that tells nothing but their length. */
function sameSecret(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index++) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}

/** All that are known; each belongs to one address at a time. */
export class KeptLogins {
  readonly #owners = new Map<KeptLogin, unknown>();
  /** By the user's name as it is compared. */
  readonly #named = new Map<string, Set<KeptLogin>>();

  /** How many there are. */
  get size(): number {
    return this.#owners.size;
  }

  /** A login is this address's from now on. */
  give(login: KeptLogin, owner: unknown): void {
    this.#owners.set(login, owner);
    const key = foldName(login.username);
    this.#named.set(key, (this.#named.get(key) ?? new Set()).add(login));
  }

  /** Whether a login is still this address's. */
  belongs(login: KeptLogin, owner: unknown): boolean {
    return this.#owners.get(login) === owner;
  }

  /** An address lets go of a login, if it still has it. */
  drop(login: KeptLogin, owner: unknown): void {
    if (!this.belongs(login, owner)) return;
    this.#owners.delete(login);
    const key = foldName(login.username);
    const named = this.#named.get(key);
    named?.delete(login);
    if (named?.size === 0) this.#named.delete(key);
  }

  /** The login of a user that has this token. */
  find(username: string, token: string): KeptLogin | undefined {
    if (username.length > LONGEST_NAME) return undefined;
    const named = this.#named.get(foldName(username)) ?? [];
    for (const login of named) {
      if (sameSecret(login.token, token)) return login;
    }
    return undefined;
  }
}
