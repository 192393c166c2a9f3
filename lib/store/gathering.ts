/**
 * Whether a transaction is put off so that more share it. A sync of the disk,
 * and a write to every reader, cost the same for two messages as for one.
 *
 * - It is put off while another message is expected before the oldest has waited
 *   {@link LONGEST_WAIT}, and until as many wait as could have come again.
 * - Who waits for each answer before it goes on MUST NOT be slowed down for
 *   good: where waiting brings nothing it is given up, for longer each time.
 *
 * Pure.
 *
 * @module
 */

/** How long the oldest message waits for others, ms. */
const LONGEST_WAIT = 2.5;

/** The longest interval between messages that is told from a longer one, ms. */
const LONGEST_INTERVAL = 4 * LONGEST_WAIT;

/** What the last interval is of the mean. */
const WEIGHT = 1 / 8;

/** What a wait that brought something makes up for, at most: waits in vain. */
const MOST_CREDIT = 8;

/** Transactions that are not put off after one that was in vain. */
const FEWEST_AT_ONCE = 32;
const MOST_AT_ONCE = 1_024;

/** What was learnt of how messages come. */
export class Gathering {
  /** Between messages, ms: a mean that follows them. */
  #interval = LONGEST_INTERVAL;
  #last = -Infinity;
  /** When the oldest that waits came. */
  #oldest = 0;
  /** How many may come again, for those that were answered, and wait. */
  #again = 0;
  /** How often it may be in vain yet. */
  #credit = 0;
  /** Transactions that are still not put off, and how many after the next. */
  #atOnce = 0;
  #rest = FEWEST_AT_ONCE;

  /** So many messages came, to so many that wait; `now`: ms. */
  came(messages: number, waiting: number, now: number): void {
    if (waiting === 0) this.#oldest = now;
    const interval = Math.min((now - this.#last) / messages, LONGEST_INTERVAL);
    this.#interval += (interval - this.#interval) * WEIGHT;
    this.#last = now;
  }

  /** So many messages were answered when others waited already. */
  answered(messages: number, waiting: number): void {
    this.#again = messages + waiting;
  }

  /** How long the oldest may still wait, ms. */
  left(now: number): number {
    return Math.max(0, this.#oldest + LONGEST_WAIT - now);
  }

  /**
   * As many as the next transaction waits for: no more than wait already, to wait
   * for none. Asked once a transaction.
   */
  wanted(waiting: number, now: number): number {
    const left = this.left(now);
    if (left === 0) return waiting;
    const expected = Math.floor(left / this.#interval);
    const wanted = Math.min(waiting + expected, Math.max(this.#again, 2));
    if (wanted <= waiting || this.#atOnce === 0) return wanted;
    this.#atOnce--;
    return waiting;
  }

  /** As many came while they were waited for. */
  gained(messages: number): void {
    if (messages > 0) {
      this.#credit = Math.min(this.#credit + 1, MOST_CREDIT);
      this.#rest = FEWEST_AT_ONCE;
    } else if (this.#credit > 0) {
      this.#credit--;
    } else {
      this.#atOnce = this.#rest;
      this.#rest = Math.min(this.#rest * 2, MOST_AT_ONCE);
    }
  }
}
