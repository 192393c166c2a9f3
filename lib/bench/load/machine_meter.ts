/**
 * How much of a machine was in use.
 *
 * @module
 */

import { cpus } from "node:os";

/** Of all cores together since the machine started, ms. */
export interface MachineTimes {
  readonly idle: number;
  readonly all: number;
}

/** What the cores have done so far. */
export function machineTimes(): MachineTimes {
  const times = cpus().map((core) => core.times);
  const sum = (each: readonly number[]) => each.reduce((a, b) => a + b, 0);
  return {
    idle: sum(times.map(({ idle }) => idle)),
    all: sum(times.flatMap((each) => Object.values(each))),
  };
}

/** The share of time that no program had use for; undefined if not known. */
export function idleShare(
  before: MachineTimes,
  after: MachineTimes,
): number | undefined {
  const all = after.all - before.all;
  return all > 0 ? (after.idle - before.idle) / all : undefined;
}
