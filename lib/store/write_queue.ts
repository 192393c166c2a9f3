/**
 * What waits to be written. While a transaction runs, appends and saves
 * collect; then they are one transaction and one sync of the disk. They take
 * effect, and settle, in the order of the calls.
 *
 * - Where they come thick, each transaction is put off a little, so that more
 *   of them share it (`gathering.ts`).
 * - Once enough for a transaction wait, the thread has the next one beforehand,
 *   so that it need not wait while the last one is shown. Of a great many that
 *   is half.
 *
 * @module
 */

import type { Draft, Stored } from "../chat/log.ts";
import type { Change } from "../chat/state.ts";
import { Gathering } from "./gathering.ts";
import type { Outcome, Save } from "./protocol.ts";
import { StoreError } from "./store_error.ts";
import { type Thread, WRITES_AHEAD } from "./thread.ts";

/** An append or a save that waits for its transaction. */
interface Write {
  /** None when this is a save. */
  readonly drafts: readonly Draft[];
  /** How long their texts are, in units of a string or bytes. */
  readonly length: number;
  readonly changes: readonly Change[] | undefined;
  resolve(stored: readonly Stored[]): void;
  reject(error: StoreError): void;
}

/** Drafts that are enough for a transaction: no more is waited for. */
const ENOUGH = 128;

/** Text that is enough for a transaction, which both threads hold in memory. */
const ENOUGH_TEXT = 1024 * 1024;

/** Has something done after a time, ms; answers what calls it off. */
export type Later = (work: () => void, pause: number) => () => void;

function afterPause(work: () => void, pause: number): () => void {
  const timer = setTimeout(work, pause);
  return () => clearTimeout(timer);
}

/** The appends and saves of one store. */
export class WriteQueue {
  readonly #thread: Pick<Thread, "write">;
  readonly #later: Later;
  readonly #now: () => number;
  #waiting: Write[] = [];
  /** Drafts in these. */
  #drafts = 0;
  /** Transactions that the thread has. */
  #running = 0;
  /** Another is about to begin. */
  #due = false;
  readonly #gathering = new Gathering();
  /** Ends the time in which more is gathered; undefined when it is none. */
  #callOff: (() => void) | undefined;
  /** As many drafts are gathered, and were there when that began. */
  #wanted = 0;
  #before = 0;
  #idle: (() => void) | undefined;

  /** `now`: ms since any moment. */
  constructor(
    thread: Pick<Thread, "write">,
    later: Later = afterPause,
    now = () => performance.now(),
  ) {
    this.#thread = thread;
    this.#later = later;
    this.#now = now;
  }

  /** As `MessageLog.append`. */
  append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly Stored[]
    >();
    const own = drafts.map(ownDraft);
    const length = own.reduce((sum, { text }) => sum + text.length, 0);
    this.#add({ drafts: own, length, changes: undefined, resolve, reject });
    return promise;
  }

  /** As `StateStore.save`. */
  save(changes: readonly Change[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own = changes.map(ownChange);
    this.#add({
      drafts: [],
      length: 0,
      changes: own,
      resolve: () => resolve(),
      reject,
    });
    return promise;
  }

  /** Settles when everything has been written. */
  async idle(): Promise<void> {
    if (this.#resting) return;
    await new Promise<void>((resolve) => this.#idle = resolve);
  }

  get #resting(): boolean {
    return this.#waiting.length === 0 && this.#running === 0 &&
      this.#callOff === undefined;
  }

  #add(write: Write): void {
    const drafts = write.drafts.length;
    this.#waiting.push(write);
    if (drafts > 0) this.#gathering.came(drafts, this.#drafts, this.#now());
    this.#drafts += drafts;
    if (this.#callOff !== undefined) {
      if (this.#drafts >= this.#wanted) this.#gathered();
      return;
    }
    if (this.#due || (this.#running > 0 && !this.#mayGoAhead)) return;
    this.#due = true;
    // Everybody whom the last transaction woke up gets to say something.
    queueMicrotask(() => {
      this.#due = false;
      this.#begin();
    });
  }

  get #mayGoAhead(): boolean {
    return this.#drafts >= ENOUGH && this.#running < WRITES_AHEAD;
  }

  /** Begins a transaction with what waits, or gathers more for it. */
  #begin(): void {
    if (this.#waiting.length === 0) return this.#rest();
    if (this.#running > 0 || this.#drafts === 0) return this.#write();
    const now = this.#now();
    const wanted = Math.min(ENOUGH, this.#gathering.wanted(this.#drafts, now));
    if (this.#drafts >= wanted) return this.#write();
    this.#wanted = wanted;
    this.#before = this.#drafts;
    this.#callOff = this.#later(
      () => this.#gathered(),
      Math.ceil(this.#gathering.left(now)),
    );
  }

  #gathered(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#gathering.gained(this.#drafts - this.#before);
    this.#write();
  }

  #write(): void {
    const group = this.#take();
    const drafts = group.reduce((sum, { drafts }) => sum + drafts.length, 0);
    this.#drafts -= drafts;
    this.#running++;
    const batches = group.map(({ drafts }) => drafts);
    const saves: Save[] = [];
    group.forEach(({ changes }, at) => {
      if (changes !== undefined) saves.push({ at, changes });
    });
    this.#thread.write({ batches, saves }).then(
      (outcomes) => {
        this.#goOn(drafts);
        settle(group, outcomes);
      },
      (error) => {
        this.#goOn(drafts);
        for (const { reject } of group) reject(error as StoreError);
      },
    );
  }

  #take(): Write[] {
    let [count, drafts, length] = [0, 0, 0];
    const most = Math.max(ENOUGH, this.#drafts / 2);
    for (const write of this.#waiting) {
      drafts += write.drafts.length;
      length += write.length;
      if (count > 0 && (drafts > most || length > ENOUGH_TEXT)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** A transaction is done: another begins, at once or a little later. */
  #goOn(answered: number): void {
    this.#running--;
    this.#gathering.answered(answered, this.#drafts);
    if (this.#due) return;
    if (this.#running === 0) this.#begin();
    else if (this.#mayGoAhead) this.#write();
  }

  #rest(): void {
    if (this.#resting) this.#idle?.();
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
