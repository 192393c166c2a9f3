/**
 * How long to wait before a connection is tried again.
 *
 * @module
 */

/** The first pause, ms. */
export const FIRST_PAUSE = 500;

/** The longest pause, ms. */
export const LONGEST_PAUSE = 30_000;

/** How much of a pause chance may take off, so that not all come back at once. */
const JITTER = 0.25;

/**
 * The pause before try `attempt` (0, 1, 2 …), ms: it doubles up to the longest
 * one, less up to a quarter. `random` is from 0 to 1.
 */
export function pauseBefore(attempt: number, random: number): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
  return Math.round(pause * (1 - JITTER * random));
}
