/**
 * Runs one target again and again, keeps what shows something new, and makes
 * what fails as short as it can.
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";
import { spliced } from "./mutate.ts";
import { hashOf, type Seen, type Target } from "./target.ts";

/** Inputs that are kept for having shown something new. */
const MOST_KEPT = 1_000;

/** Runs that making an input shorter may take. */
const MOST_SHORTER = 3_000;

/** ms that one run may take: nobody must be able to keep a server busy. */
export const PATIENCE = 2_000;

/** An input that broke its target's invariant. */
export interface Failure {
  readonly target: string;
  /** How it failed: its first line, but for numbers, tells failures apart. */
  readonly message: string;
  readonly stack: string;
  readonly input: Uint8Array;
}

/** Runs an input; answers how it failed, if it did. */
export async function failureOf(
  target: Target,
  input: Uint8Array,
  seen: (seen: Seen) => void = () => {},
): Promise<Failure | undefined> {
  try {
    seen(await target.run(input));
    return undefined;
  } catch (error) {
    const { message, stack = "" } = error instanceof Error
      ? error
      : new Error(String(error));
    return { target: target.name, message, stack, input };
  }
}

const headline = ({ message }: Failure) =>
  (message.split("\n", 1)[0] ?? "").replaceAll(/\d+/g, "…");

/** The same failure of a shorter input: pieces are left out while it fails. */
export async function shortened(
  target: Target,
  failure: Failure,
): Promise<Failure> {
  let found = failure;
  let runs = 0;
  const nothing = new Uint8Array(0);
  for (let size = found.input.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < found.input.length && runs < MOST_SHORTER; runs++) {
      const shorter = spliced(found.input, at, at + size, nothing);
      const again = await failureOf(target, shorter);
      if (again !== undefined && headline(again) === headline(failure)) {
        found = again;
      } else at += size;
    }
  }
  return found;
}

/** One target's corpus and figures. */
export class Fuzzer {
  readonly target: Target;
  runs = 0;
  /** ms that its runs took. */
  time = 0;
  #corpus: Uint8Array[] = [];
  #seeds = 0;
  readonly #seen = new Set<string>();
  /** The first lines of failures, and those that nobody has taken. */
  readonly #failed = new Set<string>();
  #failures: Failure[] = [];
  readonly #random: SeededRandom;

  readonly #patience: number;

  /** `patience`: ms that a run may take; without, it may take any time. */
  constructor(target: Target, seed: number, patience = Infinity) {
    this.target = target;
    this.#patience = patience;
    this.#random = new SeededRandom(
      seed ^ hashOf(new TextEncoder().encode(target.name)),
    );
  }

  /** Inputs that it changes. */
  get corpus(): number {
    return this.#corpus.length;
  }

  /** Different things that were seen. */
  get behaviours(): number {
    return this.#seen.size;
  }

  /** Failures that differ. */
  get failures(): number {
    return this.#failed.size;
  }

  /** Takes those that are new. */
  takeFailures(): Failure[] {
    return this.#failures.splice(0);
  }

  /** Runs what the corpus begins with, as it is. */
  async start(): Promise<void> {
    this.#corpus = [...await this.target.seeds()];
    this.#seeds = this.#corpus.length;
    for (const seed of this.#corpus) await this.#run(seed, false);
  }

  /** Makes an input and runs it. */
  async step(): Promise<void> {
    const random = this.#random;
    // Half of them are near what is right, however much was found.
    const first = random.chance(0.5) ? this.#seeds : this.#corpus.length;
    const seed = this.#corpus[random.integer(first)] as Uint8Array;
    await this.#run(this.target.make(random, seed, this.#corpus), true);
  }

  async #run(input: Uint8Array, keeps: boolean): Promise<void> {
    this.runs++;
    const begin = performance.now();
    let failure = await failureOf(this.target, input, (seen) => {
      const isNew = [...seen].filter((each) => !this.#seen.has(each));
      for (const each of isNew) this.#seen.add(each);
      if (isNew.length > 0 && keeps) this.#keep(input);
    });
    const took = performance.now() - begin;
    this.time += took;
    if (failure === undefined && took > this.#patience) {
      const message = `slow: more than ${this.#patience} ms`;
      failure = { target: this.target.name, message, stack: "", input };
    }
    if (failure === undefined || this.#failed.has(headline(failure))) return;
    this.#failed.add(headline(failure));
    this.#failures.push(await shortened(this.target, failure));
  }

  /** The newest take the place of others that were kept, never of a seed. */
  #keep(input: Uint8Array): void {
    if (this.#corpus.length < this.#seeds + MOST_KEPT) {
      this.#corpus.push(input);
    } else {
      const place = this.#seeds + this.#random.integer(MOST_KEPT);
      this.#corpus[place] = input;
    }
  }
}
