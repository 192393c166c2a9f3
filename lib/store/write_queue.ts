/**
 * What waits to be written. While a transaction runs, appends and saves
 * collect; then all of them are one question to the thread, one transaction and
 * one sync of the disk. They take effect, and settle, in the order of the
 * calls.
 *
 * @module
 */

import type { Draft, Stored } from "../chat/log.ts";
import type { Change } from "../chat/state.ts";
import type { Outcome, Save } from "./protocol.ts";
import { StoreError } from "./store_error.ts";
import type { Thread } from "./thread.ts";

/** An append or a save that waits for its transaction. */
interface Write {
  /** None when this is a save. */
  readonly drafts: readonly Draft[];
  readonly changes: readonly Change[] | undefined;
  resolve(stored: readonly Stored[]): void;
  reject(error: StoreError): void;
}

/** The appends and saves of one store. */
export class WriteQueue {
  readonly #thread: Thread;
  #waiting: Write[] = [];
  /** A transaction runs, or is about to. */
  #busy = false;
  #idle: (() => void) | undefined;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  /** As `MessageLog.append`. */
  append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly Stored[]
    >();
    const own = drafts.map(ownDraft);
    this.#add({ drafts: own, changes: undefined, resolve, reject });
    return promise;
  }

  /** As `StateStore.save`. */
  save(changes: readonly Change[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own = changes.map(ownChange);
    this.#add({ drafts: [], changes: own, resolve: () => resolve(), reject });
    return promise;
  }

  /** Settles when everything has been written. */
  async idle(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#idle = resolve);
  }

  #add(write: Write): void {
    this.#waiting.push(write);
    if (this.#busy) return;
    this.#busy = true;
    // Everybody whom the last transaction woke up gets to say something.
    queueMicrotask(() => void this.#write());
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#writeGroup(group);
    }
    this.#busy = false;
    this.#idle?.();
  }

  async #writeGroup(group: readonly Write[]): Promise<void> {
    const batches = group.map(({ drafts }) => drafts);
    const saves: Save[] = [];
    group.forEach(({ changes }, at) => {
      if (changes !== undefined) saves.push({ at, changes });
    });
    let outcomes: readonly Outcome[];
    try {
      outcomes = await this.#thread.ask({ type: "write", batches, saves });
    } catch (error) {
      for (const { reject } of group) reject(error as StoreError);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index] as Outcome;
      if ("stored" in outcome) resolve(outcome.stored);
      else reject(StoreError.of(outcome.error));
    });
  }
}

/**
 * A draft that nobody changes while it waits. A part of a larger buffer is
 * copied besides, or the whole of it would cross to the thread.
 */
function ownDraft(draft: Draft): Draft {
  return typeof draft.text === "string"
    ? draft
    : { ...draft, text: Uint8Array.from(draft.text) };
}

/** The same of a change. */
function ownChange(change: Change): Change {
  if (change.type === "put_key") {
    const { person, key } = change.key;
    return { ...change, key: { person, key: Uint8Array.from(key) } };
  }
  if (change.type !== "put_person" || change.person.verifier === undefined) {
    return change;
  }
  const { rounds, salt, hash } = change.person.verifier;
  const verifier = {
    rounds,
    salt: Uint8Array.from(salt),
    hash: Uint8Array.from(hash),
  };
  return { ...change, person: { ...change.person, verifier } };
}
