/**
 * What waits to be written. While a transaction runs, appends and saves
 * collect; then they are one question to the thread, one transaction and one
 * sync of the disk. They take effect, and settle, in the order of the calls.
 *
 * - Where they come thick, each transaction is put off a little, so that more
 *   of them share it: until as many wait as could have come again, two
 *   milliseconds at most. Who waits for each answer before it goes on MUST NOT
 *   wait for that.
 * - Of a great many the next half is written while the first is shown.
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

/** Drafts that are enough for a transaction: no more is waited for. */
const ENOUGH = 128;

/** How long a transaction is put off for more, ms. */
const GATHERING = 2;

/** What is left of {@link WriteQueue.#haste} from one transaction to the next. */
const DECAY = 0.7;

/** From here on writes come thick. */
const THICK = 2;

/** Has something done after a time, ms; answers what calls it off. */
export type Later = (work: () => void, pause: number) => () => void;

function afterPause(work: () => void, pause: number): () => void {
  const timer = setTimeout(work, pause);
  return () => clearTimeout(timer);
}

/** The appends and saves of one store. */
export class WriteQueue {
  readonly #thread: Pick<Thread, "ask">;
  readonly #later: Later;
  #waiting: Write[] = [];
  /** Drafts in these. */
  #drafts = 0;
  /** A transaction runs, or is about to. */
  #busy = false;
  /** How many drafts come during a transaction: over the last few, a sum. */
  #haste = 0;
  /** Ends the time in which more is gathered; undefined when it is none. */
  #callOff: (() => void) | undefined;
  /** As many drafts are gathered. */
  #wanted = 0;
  #idle: (() => void) | undefined;

  constructor(thread: Pick<Thread, "ask">, later: Later = afterPause) {
    this.#thread = thread;
    this.#later = later;
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
    this.#drafts += write.drafts.length;
    if (this.#callOff !== undefined) {
      if (this.#drafts >= this.#wanted) this.#write();
      return;
    }
    if (this.#busy) return;
    this.#busy = true;
    // Everybody whom the last transaction woke up gets to say something.
    queueMicrotask(() => this.#write());
  }

  /** Begins a transaction with what waits. */
  #write(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#waiting.length === 0) return this.#rest();
    const group = this.#take();
    const batches = group.map(({ drafts }) => drafts);
    const saves: Save[] = [];
    group.forEach(({ changes }, at) => {
      if (changes !== undefined) saves.push({ at, changes });
    });
    this.#thread.ask({ type: "write", batches, saves }).then(
      (outcomes) => {
        this.#goOn(group);
        settle(group, outcomes);
      },
      (error) => {
        this.#goOn(group);
        for (const { reject } of group) reject(error as StoreError);
      },
    );
  }

  #take(): Write[] {
    let count = 0;
    let drafts = 0;
    const most = Math.max(ENOUGH, this.#drafts / 2);
    for (const write of this.#waiting) {
      if (count > 0 && drafts + write.drafts.length > most) break;
      drafts += write.drafts.length;
      count++;
    }
    this.#drafts -= drafts;
    return this.#waiting.splice(0, count);
  }

  /** A transaction is done: the next begins, at once or a little later. */
  #goOn(done: readonly Write[]): void {
    this.#haste = this.#haste * DECAY + this.#drafts;
    const answered = done.reduce((sum, { drafts }) => sum + drafts.length, 0);
    this.#wanted = Math.min(ENOUGH, this.#drafts + answered);
    if (this.#haste >= THICK && this.#drafts < this.#wanted) {
      this.#callOff = this.#later(() => this.#write(), GATHERING);
    } else if (this.#waiting.length > 0) this.#write();
    else this.#rest();
  }

  #rest(): void {
    this.#busy = false;
    this.#idle?.();
  }
}

function settle(group: readonly Write[], outcomes: readonly Outcome[]): void {
  group.forEach(({ resolve, reject }, index) => {
    const outcome = outcomes[index] as Outcome;
    if ("stored" in outcome) resolve(outcome.stored);
    else reject(StoreError.of(outcome.error));
  });
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
