/**
 * A clock that stands still until it is told to go on.
 *
 * @module
 */

import type { Clock } from "../../lib/server/clock.ts";

/** A server's time, made up. */
export class StillClock implements Clock {
  #now = 1_000;
  readonly #alarms = new Map<() => void, number>();
  #set: () => void = () => {};

  now(): number {
    return this.#now;
  }

  at(time: number, then: () => void): () => void {
    this.#alarms.set(then, time);
    this.#set();
    return () => this.#alarms.delete(then);
  }

  /** Goes on so many ms, and calls whoever is due. */
  pass(ms: number): void {
    this.#now += ms;
    for (const [then, at] of [...this.#alarms]) {
      if (at <= this.#now && this.#alarms.delete(then)) then();
    }
  }

  /** Waits until somebody wants to be called in so many ms, then goes on. */
  async passes(ms: number): Promise<void> {
    const time = this.#now + ms;
    while (![...this.#alarms.values()].includes(time)) {
      await new Promise<void>((resolve) => this.#set = resolve);
    }
    this.pass(ms);
  }
}
