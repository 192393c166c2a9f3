/**
 * How long timers can wait.
 *
 * @module
 */

/** The longest that `setTimeout` waits, ms: given more, it does not wait. */
export const MOST_DELAY = 2 ** 31 - 1;
