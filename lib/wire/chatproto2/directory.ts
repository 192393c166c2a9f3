/**
 * What a client knows of handles, and what it has to ask (docs/chatproto2.md,
 * "Handles").
 *
 * @module
 */

import type { HandleName } from "../events.ts";
import { foldName } from "../names.ts";

/** Names that are kept; the oldest go first, and are asked for again. */
const MOST_NAMES = 65_536;

/** Handles in one question: a server need not look at more. */
const ASKED_AT_ONCE = 64;

/** The names of people and rooms. */
export class Directory {
  readonly #names = new Map<number, HandleName>();
  /** Asked for, or about to be. */
  readonly #missing = new Set<number>();
  #wanted: number[] = [];

  /** What a handle stands for, if it is known. */
  get(handle: number): HandleName | undefined {
    return this.#names.get(handle);
  }

  /** Somebody or some room is told. */
  learn(handle: number, kind: HandleName["kind"], name: string): void {
    this.#missing.delete(handle);
    const known = this.#names.get(handle);
    if (known?.name === name && known.kind === kind) return;
    this.#names.set(handle, { handle, kind, name });
    if (this.#names.size <= MOST_NAMES) return;
    for (const oldest of this.#names.keys()) {
      this.#names.delete(oldest);
      break;
    }
  }

  /** Wants to know a handle. */
  want(handle: number): void {
    if (this.#names.has(handle) || this.#missing.has(handle)) return;
    this.#missing.add(handle);
    this.#wanted.push(handle);
  }

  /** Takes what is to be asked now, if anything. */
  takeWanted(): readonly number[] {
    return this.#wanted.splice(0, ASKED_AT_ONCE);
  }

  /** Nobody will say what these stand for: they go by their numbers. */
  giveUp(handles: Iterable<number> = [...this.#missing]): void {
    for (const handle of handles) {
      if (!this.#missing.has(handle)) continue;
      this.learn(handle, "user", `#${handle}`);
    }
    this.#wanted = this.#wanted.filter((handle) => this.#missing.has(handle));
  }

  /** The room of a name; of a direct one with `@` before it. */
  room(reference: string): number | undefined {
    const direct = reference.startsWith("@");
    const key = foldName(direct ? reference.slice(1) : reference);
    for (const { handle, kind, name } of this.#names.values()) {
      if (kind === "user" || (kind === "direct") !== direct) continue;
      if (foldName(name) === key) return handle;
    }
    return undefined;
  }
}
