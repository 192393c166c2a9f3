/**
 * What happens one after the other, as bytes: a step is a byte that says what,
 * two that say how much follows, and that. Any bytes are a script.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";
import { joined } from "../wire/golden.ts";
import { mutated } from "./mutate.ts";

/** One thing that happens. */
export interface Step {
  /** 0 to 255; a target takes it modulo the number of things it knows. */
  readonly does: number;
  readonly bytes: Uint8Array;
}

/** No script has more steps. */
const MOST_STEPS = 300;

/** A step as bytes; what is longer than 65,535 bytes is cut. */
export function writeStep({ does, bytes }: Step): Uint8Array {
  const kept = bytes.subarray(0, 0xffff);
  return joined(
    Uint8Array.of(does & 0xff, kept.length >> 8, kept.length & 0xff),
    kept,
  );
}

/** Steps as bytes. */
export function writeScript(steps: readonly Step[]): Uint8Array {
  return joined(...steps.map(writeStep));
}

/** The steps of any bytes. */
export function readScript(bytes: Uint8Array): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length && steps.length < MOST_STEPS;) {
    const length = (bytes[at + 1] ?? 0) * 0x100 + (bytes[at + 2] ?? 0);
    const start = at + 3;
    steps.push({
      does: bytes[at] as number,
      // A copy, as what comes from a socket is nobody else's.
      bytes: Uint8Array.from(bytes.subarray(start, start + length)),
    });
    at = start + length;
  }
  return steps;
}

/** Makes scripts: steps are changed, repeated, left out, swapped and added. */
export function scriptMaker(
  invent: (random: SeededRandom) => Step,
): (
  random: SeededRandom,
  seed: Uint8Array,
  others: readonly Uint8Array[],
) => Uint8Array {
  return (random, seed, others) => {
    if (random.chance(0.05)) return mutated(random, seed, others);
    const steps = readScript(seed);
    for (let left = 1 + random.integer(6); left > 0; left--) {
      change(random, steps, invent, others);
    }
    return writeScript(steps.slice(0, MOST_STEPS));
  };
}

function change(
  random: SeededRandom,
  steps: Step[],
  invent: (random: SeededRandom) => Step,
  others: readonly Uint8Array[],
): void {
  const at = random.integer(steps.length + 1);
  const step = steps[at];
  const kind = random.integer(8);
  if (step === undefined || kind < 3) steps.splice(at, 0, invent(random));
  else if (kind === 3) steps.splice(at, 1);
  else if (kind === 4) steps.splice(at, 0, step);
  else if (kind === 5) {
    const other = random.integer(steps.length);
    steps.splice(other, 0, ...steps.splice(at, 1));
  } else if (kind === 6) {
    const bytes = mutated(random, step.bytes, [step.bytes]);
    steps[at] = { ...step, bytes };
  } else {
    const other = readScript(random.pick(others));
    const from = random.integer(other.length + 1);
    steps.splice(at, 0, ...other.slice(from, from + 1 + random.integer(10)));
  }
}
