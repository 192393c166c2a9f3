/**
 * What time it is for a server. Time is passed in everywhere else; this is
 * where it comes from.
 *
 * @module
 */

import { MOST_DELAY } from "../net/mod.ts";

/** Tells the time, and when it is time. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Calls `then` at that time or later, once; answers what calls it off. */
  at(time: number, then: () => void): () => void;
}

/** Where a {@link SteadyClock} has its time from. */
export interface TimeSource {
  /** What the computer says, ms since 1970: it is set now and then. */
  set(): number;
  /** ms since any moment, whatever is set. */
  passed(): number;
}

const COMPUTER: TimeSource = {
  set: () => Date.now(),
  passed: () => performance.now(),
};

/**
 * A clock that MUST NOT go back: deadlines that were set before would be as far
 * away as it went. When the computer's is set back, it goes on at half speed
 * until that has caught up.
 */
export class SteadyClock implements Clock {
  readonly #source: TimeSource;
  #now = -Infinity;
  /** What had passed by `#now`; undefined as long as it is what is set. */
  #ahead: number | undefined;

  constructor(source = COMPUTER) {
    this.#source = source;
  }

  now(): number {
    const set = this.#source.set();
    if (set >= this.#now) {
      this.#now = set;
      this.#ahead = undefined;
      return set;
    }
    const passed = this.#source.passed();
    this.#now += (passed - (this.#ahead ?? passed)) / 2;
    this.#ahead = passed;
    return Math.floor(this.#now);
  }

  at(time: number, then: () => void): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      const left = time - this.now();
      const delay = Math.min(Math.max(0, left), MOST_DELAY);
      timer = setTimeout(() => this.now() < time ? wait() : then(), delay);
    };
    wait();
    return () => clearTimeout(timer);
  }
}

/** The computer's. */
export const SYSTEM_CLOCK: Clock = new SteadyClock();
