/**
 * The conversation's clock, as a server sees it: it stands still while a step
 * is played, and jumps to the next one. So what a server does by the time (what
 * it tells once a second, the seconds between two messages) comes to as much as
 * in life, however fast the conversation is played.
 *
 * @module
 */

/** When conversations begin, ms since 1970: a time of day like any other. */
export const BENCH_BEGIN = Date.UTC(2026, 0, 1, 12);

interface Alarm {
  readonly time: number;
  readonly then: () => void;
}

/** The clock. A server takes it in the place of the computer's. */
export class ConversationClock {
  readonly #alarms = new Set<Alarm>();
  #now = BENCH_BEGIN;

  /** ms since 1970. */
  now(): number {
    return this.#now;
  }

  /** Calls `then` at that time or later, once; answers what calls it off. */
  at(time: number, then: () => void): () => void {
    const alarm = { time, then };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** ms on the conversation's own clock. */
  get elapsed(): number {
    return this.#now - BENCH_BEGIN;
  }

  /** Goes on to a time on the conversation's own clock, ms. */
  advance(elapsed: number): void {
    this.#now = Math.max(this.#now, BENCH_BEGIN + elapsed);
    for (const alarm of [...this.#alarms]) {
      if (alarm.time > this.#now || !this.#alarms.delete(alarm)) continue;
      alarm.then();
    }
  }
}
