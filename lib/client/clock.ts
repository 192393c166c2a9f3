/**
 * Time, from outside.
 *
 * @module
 */

/** The time, and a way to be called later. */
export interface Clock {
  /** ms. */
  now(): number;
  /** Calls `run` after `delay` ms, unless the function it gives is called. */
  after(delay: number, run: () => void): () => void;
}
