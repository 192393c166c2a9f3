/**
 * What was submitted and is still to be sent: for the first time, or again. Pure.
 *
 * What it guarantees:
 *
 * - Requests are sent in the order in which they were submitted.
 * - A message MUST NOT be sent a second time unless the server said that it
 *   did not act on the first (429, 503), or knows it by its number in a session
 *   that is kept, or by its key. There each message is said once, however often
 *   it is sent.
 *
 * @module
 */

import { type Entry, hasKey, isRepeatable } from "./entries.ts";

/** The requests of a session that wait, across its connections. */
export class Backlog {
  #queue: Entry[] = [];
  /** Refused for being too fast, or because the server goes down. */
  #deferred: Entry[] = [];
  /** The one deferred by the very last event, which may have been last words. */
  #doubtful: Entry | undefined;
  /**
   * Sent over an earlier connection of a session that goes on, in order, and
   * before what is in the queue.
   */
  #again: Entry[] = [];
  /** The number of the next message of a kept session. */
  #nextNumber = 0;

  /** How many there are. */
  get size(): number {
    return this.#queue.length + this.#deferred.length + this.#again.length;
  }

  /** The first that was never sent. */
  get first(): Entry | undefined {
    return this.#queue[0];
  }

  /** Whether some were refused that are to rest. */
  get hasDeferred(): boolean {
    return this.#deferred.length > 0;
  }

  /** Whether some were sent that are to be sent again. */
  get hasRepeats(): boolean {
    return this.#again.length > 0;
  }

  /** The number of the first message that the next connection will send. */
  get firstNumber(): number {
    return this.#again.find(({ number }) => number !== undefined)?.number ??
      this.#nextNumber;
  }

  /** Behind all others. */
  add(entry: Entry): void {
    this.#queue.push(entry);
  }

  /** Before all that were never sent. */
  addFirst(entry: Entry): void {
    this.#queue.unshift(entry);
  }

  /** Takes the first that was never sent. */
  takeFirst(): void {
    this.#queue.shift();
  }

  /** Takes the next that is to be sent again. */
  takeRepeat(): Entry | undefined {
    return this.#again.shift();
  }

  /** Puts others into the place of one; false when it does not wait any more. */
  replace(entry: Entry, others: readonly Entry[]): boolean {
    const index = this.#queue.indexOf(entry);
    if (index < 0) return false;
    this.#queue.splice(index, 1, ...others);
    return true;
  }

  /** Gives a message its number, unless it has one. */
  number(entry: Entry): void {
    entry.number ??= this.#nextNumber++;
  }

  /**
   * It was refused and is made up for later. `isDoubtful`: the refusal may turn
   * out to be last words, which answer nothing.
   */
  defer(entry: Entry, isDoubtful: boolean): void {
    this.#deferred.push(entry);
    entry.untaken = true;
    if (isDoubtful) this.#doubtful = entry;
  }

  /** Something else came: what was refused before was. */
  undoubted(): void {
    this.#doubtful = undefined;
  }

  /**
   * A second has passed: what was deferred may be sent again. A message is
   * another one by its number then, as the numbers of a connection only rise.
   */
  rested(): void {
    for (const entry of this.#deferred) delete entry.number;
    this.#requeue(this.#deferred);
    this.#deferred = [];
    this.#doubtful = undefined;
  }

  /**
   * The connection is gone over which these were sent. What can be asked twice
   * waits for the next one; gives the rest, which nobody can know about.
   */
  broken(outstanding: readonly Entry[]): readonly Entry[] {
    const sent = [...outstanding, ...this.#again];
    this.#again = [];
    // A 429 as the very last word may have been for a reader that fell behind;
    // then it answered nothing, and the message may be on disk.
    const doubtful = this.#deferred.filter((entry) => entry === this.#doubtful);
    const deferred = this.#deferred.filter((entry) => entry !== this.#doubtful);
    this.#deferred = [];
    return this.#giveUp(deferred, [...doubtful, ...sent]);
  }

  /**
   * The session that was kept is over, and the next login begins another. Gives
   * what was sent in it, and nobody can know about.
   */
  renewed(): readonly Entry[] {
    const again = this.#again;
    this.#again = [];
    this.#nextNumber = 0;
    return this.#giveUp(
      again.filter(({ untaken }) => untaken),
      again.filter(({ untaken }) => !untaken),
    );
  }

  /** Queues again what can be; gives the rest of what was sent. */
  #giveUp(
    deferred: readonly Entry[],
    sent: readonly Entry[],
  ): readonly Entry[] {
    for (const entry of [...deferred, ...sent]) delete entry.number;
    this.#requeue([...deferred, ...sent.filter(isRepeatable)]);
    return sent.filter((entry) => !isRepeatable(entry));
  }

  /**
   * The connection is gone, and the session goes on: kept, or by keys (`keyed`).
   * What was sent is sent again, in its order, and with it what was deferred and
   * submitted before: under its own number, which the server left free. Gives
   * the rest of what was sent.
   */
  repeat(outstanding: readonly Entry[], keyed: boolean): readonly Entry[] {
    const open = [...outstanding, ...this.#again];
    const first = this.#firstRepeated([...this.#deferred, ...open]);
    const isNumbered = ({ number }: Entry) =>
      number !== undefined && number >= first;
    const goesOn = (entry: Entry) =>
      entry.untaken || isNumbered(entry) || isRepeatable(entry) ||
      keyed && hasKey(entry.request);
    const going = open.filter(goesOn);
    const last = Math.max(
      ...[...going, ...this.#deferred.filter(isNumbered)].map(({ ref }) => ref),
    );
    const goesAlong = (entry: Entry) =>
      entry.ref <= last &&
      (keyed || entry.number === undefined || isNumbered(entry));
    const queued = this.#deferred.filter((entry) => !goesAlong(entry));
    this.#again = inOrder([...this.#deferred.filter(goesAlong), ...going]);
    for (const entry of this.#again) entry.again = true;
    for (const entry of queued) delete entry.number;
    this.#deferred = [];
    this.#doubtful = undefined;
    this.#requeue(queued);
    return open.filter((entry) => !goesOn(entry));
  }

  /**
   * The number with which the next connection can begin. It numbers by counting,
   * so from there on there must be a message for each.
   */
  #firstRepeated(entries: readonly Entry[]): number {
    const numbers = new Set(entries.map(({ number }) => number));
    let first = this.#nextNumber;
    while (numbers.has(first - 1)) first--;
    return first;
  }

  /** The session has ended: gives what was never sent. */
  abandoned(): readonly Entry[] {
    const queue = this.#queue;
    this.#queue = [];
    return queue;
  }

  #requeue(entries: readonly Entry[]): void {
    this.#queue = inOrder([...entries, ...this.#queue]);
  }
}

/** In the order in which they were submitted; parts of one text stay in theirs. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => a.ref - b.ref);
}
