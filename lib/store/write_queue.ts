/**
 * What waits to be written. While a transaction runs, appends and saves
 * collect; then they are one transaction and one sync of the disk. They take
 * effect, and settle, in the order of the calls.
 *
 * - Where they come thick, each transaction is put off a little, so that more
 *   of them share it: until as many wait as could have come again, two
 *   milliseconds at most. Who waits for each answer before it goes on MUST NOT
 *   wait for that.
 * - Once enough for a transaction wait, the thread has the next one beforehand,
 *   so that it need not wait while the last one is shown. Of a great many that
 *   is half.
 *
 * @module
 */

import type { Draft, Stored } from "../chat/log.ts";
import type { Change } from "../chat/state.ts";
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
  readonly #thread: Pick<Thread, "write">;
  readonly #later: Later;
  #waiting: Write[] = [];
  /** Drafts in these. */
  #drafts = 0;
  /** Transactions that the thread has. */
  #running = 0;
  /** Drafts in these. */
  #sent = 0;
  /** Another is about to begin. */
  #due = false;
  /** How many drafts come during a transaction: over the last few, a sum. */
  #haste = 0;
  /** Ends the time in which more is gathered; undefined when it is none. */
  #callOff: (() => void) | undefined;
  /** As many drafts are gathered. */
  #wanted = 0;
  #idle: (() => void) | undefined;

  constructor(thread: Pick<Thread, "write">, later: Later = afterPause) {
    this.#thread = thread;
    this.#later = later;
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
    this.#waiting.push(write);
    this.#drafts += write.drafts.length;
    if (this.#callOff !== undefined) {
      if (this.#drafts >= this.#wanted) this.#write();
      return;
    }
    if (this.#due || (this.#running > 0 && !this.#mayGoAhead)) return;
    this.#due = true;
    // Everybody whom the last transaction woke up gets to say something.
    queueMicrotask(() => this.#write());
  }

  get #mayGoAhead(): boolean {
    return this.#drafts >= ENOUGH && this.#running < WRITES_AHEAD;
  }

  /** Begins a transaction with what waits. */
  #write(): void {
    this.#due = false;
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#waiting.length === 0) return this.#rest();
    const group = this.#take();
    const drafts = group.reduce((sum, { drafts }) => sum + drafts.length, 0);
    this.#drafts -= drafts;
    this.#sent += drafts;
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
    this.#sent -= answered;
    this.#haste = this.#haste * DECAY + this.#drafts + this.#sent;
    if (this.#due) return;
    if (this.#running > 0) {
      if (this.#mayGoAhead) this.#write();
      return;
    }
    this.#wanted = Math.min(ENOUGH, this.#drafts + answered);
    if (this.#haste >= THICK && this.#drafts < this.#wanted) {
      this.#callOff = this.#later(() => this.#write(), GATHERING);
    } else if (this.#waiting.length > 0) this.#write();
    else this.#rest();
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
