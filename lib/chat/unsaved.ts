/**
 * Changes that nobody waits for and that could not be written, since the disk
 * was full, say: they are tried again until they are.
 *
 * - What was written later MUST NOT be undone: a change is tried again when no
 *   save is on its way, and not when a later one of the same thing was written.
 * - There is one change at most of each thing that the store has, or is to have.
 *
 * @module
 */

import type { Change } from "./state.ts";

/** How long after a failure it is tried again, ms. */
const PAUSE = 10_000;

/** All of them. */
export class Unsaved {
  /** By what they change, in their order. */
  readonly #changes = new Map<string, Change>();
  /** Saves on their way: they settle in their order. */
  #underWay = 0;
  #due = Infinity;

  /** A save is on its way, which ends with `written` or `refused`. */
  begin(): void {
    this.#underWay++;
  }

  /** It was written: what was to be written of these things before is void. */
  written(changes: readonly Change[]): void {
    this.#underWay--;
    if (this.#changes.size === 0) return;
    for (const change of changes) this.#changes.delete(keyOf(change));
    if (this.#changes.size === 0) this.#due = Infinity;
  }

  /** It was not. */
  refused(): void {
    this.#underWay--;
  }

  /** These are to be tried again. `now`: ms. */
  keep(changes: readonly Change[], now: number): void {
    for (const change of changes) {
      const key = keyOf(change);
      // The last one of a thing is behind those that it may rest on.
      this.#changes.delete(key);
      this.#changes.set(key, change);
    }
    this.#due = now + PAUSE;
  }

  /** They are due at once. */
  hurry(): void {
    if (this.#changes.size > 0) this.#due = -Infinity;
  }

  /** When to ask again for what is due, ms; Infinity: a save ends before. */
  get next(): number {
    return this.#underWay > 0 ? Infinity : this.#due;
  }

  /** What is to be tried now, all of it or nothing. `now`: ms. */
  take(now: number): readonly Change[] {
    if (now < this.next) return [];
    this.#due = Infinity;
    return [...this.#changes.values()];
  }
}

/** What a change is of: of two with one key the later one counts. */
function keyOf(change: Change): string {
  switch (change.type) {
    case "put_person":
      return `person ${change.person.handle}`;
    case "remove_person":
      return `person ${change.handle}`;
    case "put_key":
      return `key ${change.key.person}`;
    case "put_room":
      return `room ${change.room.handle}`;
    case "remove_room":
      return `room ${change.handle}`;
    case "put_member":
      return `member ${change.member.room} ${change.member.person}`;
    case "remove_member":
      return `member ${change.room} ${change.person}`;
    case "move_cursor":
      return `cursor ${change.member.room} ${change.member.person}`;
    case "put_session":
      return `session ${change.session.handle}`;
    case "remove_session":
      return `session ${change.handle}`;
    case "put_rejection":
      return `rejection ${change.rejection.session} ${change.rejection.ref}`;
  }
}
