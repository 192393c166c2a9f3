/**
 * For how long a server had nothing to say though something was due, and what
 * CPU it used meanwhile: whoever uses none waits for something itself.
 *
 * @module
 */

/** A time in which nothing came though something was due. */
export interface Standstill {
  /** ms. */
  readonly time: number;
  /** Of one core, what the server used of it; absent if not known. */
  readonly cpu?: number | undefined;
  /** The share of it for which the server waited for a core; as well. */
  readonly queued?: number | undefined;
}

/** From when on, and how often, what it uses is looked at, ms. */
const SAMPLE = 50;

/** What a process has used of the cores, and waited for one, s. */
export interface CoreUse {
  readonly cpu?: number | undefined;
  readonly queued?: number | undefined;
}

/** The same until some time, ms. */
interface Sample extends CoreUse {
  readonly at: number;
}

/** What came to something from one sample to another, by the time; if known. */
function share(
  name: keyof CoreUse,
  first: Sample,
  last: Sample,
): number | undefined {
  const [before, after] = [first[name], last[name]];
  return before === undefined || after === undefined || last.at <= first.at
    ? undefined
    : (after - before) * 1000 / (last.at - first.at);
}

/**
 * Finds the longest standstill. Times are ms.
 *
 * Who looks may have stood still too, and what came meanwhile is read behind
 * the next look. So nothing is known to have come until the last look but one.
 */
export class Standstills {
  readonly #use: () => CoreUse;
  #longest: Standstill = { time: 0 };
  #since = 0;
  /** When it was looked last, and before that. */
  #looks: readonly [number, number] = [0, 0];
  #arrival = 0;
  #first: Sample | undefined;
  #last: Sample | undefined;

  /** `use`: what the server has used so far. */
  constructor(use: () => CoreUse) {
    this.#use = use;
  }

  /** The longest so far. */
  get longest(): Standstill {
    return this.#longest;
  }

  /** Looks at whether something is due, and when anything came last. */
  look(now: number, isDue: boolean, lastArrival: number): void {
    const [last, known] = this.#looks;
    this.#looks = [now, last];
    if (!isDue || lastArrival !== this.#arrival) {
      this.#arrival = lastArrival;
      this.#since = now;
      this.#first = this.#last = undefined;
      return;
    }
    if (now - (this.#last?.at ?? this.#since) >= SAMPLE) {
      this.#sample(now, known - this.#since);
    }
  }

  #sample(at: number, time: number): void {
    const last = this.#last = { at, ...this.#use() };
    const first = this.#first ??= last;
    if (time <= this.#longest.time) return;
    this.#longest = {
      time,
      cpu: share("cpu", first, last),
      queued: share("queued", first, last),
    };
  }
}
