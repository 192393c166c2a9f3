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

/** The computer's. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  at: (time, then) => {
    const delay = Math.min(Math.max(0, time - Date.now()), MOST_DELAY);
    const timer = setTimeout(then, delay);
    return () => clearTimeout(timer);
  },
};
