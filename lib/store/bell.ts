/**
 * What wakes the log's thread: counters in memory that both threads see. To be
 * woken by them costs the threads about half of what a posted message does.
 *
 * @module
 */

/** What the thread is rung for, each with a counter of its own. */
const PLACES = {
  /** Writes are in its memory. */
  write: 1,
  /** A question was posted. */
  post: 2,
  /** It is to end. */
  end: 3,
} as const;

/** Counts how often it was rung, whatever for. */
const RINGS = 0;

/** One thread's hold on the bell. */
export class Bell {
  readonly #counters: Int32Array;

  /** @param shared the other thread's {@link Bell.shared} */
  constructor(readonly shared = new SharedArrayBuffer(16)) {
    this.#counters = new Int32Array(shared);
  }

  /** Wakes the thread. */
  ring(what: keyof typeof PLACES): void {
    Atomics.add(this.#counters, PLACES[what], 1);
    Atomics.add(this.#counters, RINGS, 1);
    Atomics.notify(this.#counters, RINGS);
  }

  /** How often it was rung in all: what {@link sleep} wants to know. */
  rings(): number {
    return Atomics.load(this.#counters, RINGS);
  }

  /** How often it was rung for this; 32 bits, as `count + 1 | 0` goes on. */
  rungFor(what: keyof typeof PLACES): number {
    return Atomics.load(this.#counters, PLACES[what]);
  }

  /**
   * Sleeps until it has been rung more often than that, `patience` ms at most;
   * answers whether it was. Blocks the thread, its events as well.
   */
  sleep(rings: number, patience: number): boolean {
    return Atomics.wait(this.#counters, RINGS, rings, patience) !== "timed-out";
  }
}
