/**
 * Latencies in bounded memory, whatever comes: a log-linear histogram, as
 * HdrHistogram keeps them.
 *
 * Times are counted in whole microseconds. Below {@link EXACT} each has a
 * counter of its own; above, each power of two is cut into {@link PARTS} equal
 * parts. So a percentile is never below the true one, and MUST be less than
 * 1/128 (0.8 %) or a microsecond above it; the largest is exact to the
 * microsecond.
 *
 * @module
 */

/** Parts of each power of two. */
const PARTS = 128;
/** Below so many microseconds every value has a counter. */
const EXACT = 2 * PARTS;
/** The longest time that is told apart, µs: 71 minutes. */
const MOST = 2 ** 32 - 1;
/** Powers of two from `EXACT` to `MOST`. */
const POWERS = 24;

/** The counter of a value. */
function indexOf(value: number): number {
  if (value < EXACT) return value;
  const shift = 31 - Math.clz32(value) - Math.log2(PARTS);
  return EXACT + (shift - 1) * PARTS + ((value >>> shift) - PARTS);
}

/** The largest value of a counter. */
function upperBound(index: number): number {
  if (index < EXACT) return index;
  const shift = Math.floor((index - EXACT) / PARTS) + 1;
  const part = (index - EXACT) % PARTS + PARTS;
  return (part + 1) * 2 ** shift - 1;
}

/** Counts times and tells their percentiles. */
export class LatencyHistogram {
  readonly #counters = new Float64Array(EXACT + POWERS * PARTS);
  #count = 0;
  #most = 0;

  /** Times recorded. */
  get count(): number {
    return this.#count;
  }

  /** The longest, ms; undefined before there is one. */
  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#most / 1000;
  }

  /** Records a time, ms; one below 0 counts as 0. */
  record(time: number): void {
    const value = Math.min(MOST, Math.max(0, Math.round(time * 1000)));
    this.#counters[indexOf(value)]! += 1;
    this.#count++;
    this.#most = Math.max(this.#most, value);
  }

  /**
   * The time, ms, that `percent` of all are not above; undefined before there
   * is one.
   */
  percentile(percent: number): number | undefined {
    if (this.#count === 0) return undefined;
    // What a hundredth can't say exactly must not ask for one more.
    const wanted = Math.ceil(percent * this.#count / 100 - 1e-9);
    let seen = 0;
    for (let index = 0; index < this.#counters.length; index++) {
      seen += this.#counters[index]!;
      if (seen > 0 && seen >= wanted) {
        return Math.min(upperBound(index), this.#most) / 1000;
      }
    }
    return this.max;
  }
}
