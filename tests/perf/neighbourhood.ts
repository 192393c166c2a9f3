/**
 * People who talk in a room, now beside a bad neighbour and now without, in
 * turns: what else the machine does meets both.
 *
 * @module
 */

import {
  type Load,
  LOAD_WIRES,
  type LoadMeasurement,
  LoadPlan,
  runLoad,
} from "../../lib/bench/load/mod.ts";
import type { StreamVariant } from "../../lib/bench/mod.ts";

/** How it is compared. */
export interface Neighbourhood {
  readonly port: number;
  readonly load: Load;
  /** What the others speak, by its name in `chatp bench load`. */
  readonly wire: string;
  /** Pairs of a round without and a round with. */
  readonly rounds: number;
  /** Has the neighbour in that room for as long as `round` lasts. */
  readonly beside: (
    room: string,
    bad: boolean,
    round: () => Promise<void>,
  ) => Promise<void>;
}

/** Percentiles of a round, or the medians of several, ms. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** What those who talk noticed. */
export interface Comparison {
  readonly without: Latency;
  readonly beside: Latency;
  /** Of the rounds beside it: deliveries that were due, and what went wrong. */
  readonly due: number;
  readonly lost: number;
  readonly doubled: number;
  readonly refused: number;
  readonly cutOff: number;
}

/** The middle one, or the lower of two. */
export function median(numbers: readonly number[]): number {
  const ascending = numbers.toSorted((a, b) => a - b);
  return ascending[Math.floor((ascending.length - 1) / 2)] ?? NaN;
}

function medians(rounds: readonly LoadMeasurement[]): Latency {
  const of = (percent: number) =>
    median(rounds.map(({ delivery }) => delivery.percentile(percent) ?? NaN));
  return { p50: of(50), p99: of(99) };
}

/** Compares; in each pair the one that is first is last in the next. */
export async function compare(
  { port, load, wire, rounds, beside }: Neighbourhood,
): Promise<Comparison> {
  const variant = LOAD_WIRES.find((each) => each.wire === wire);
  if (variant === undefined) throw new Error(`There is no wire ${wire}`);
  const measured: Record<"good" | "bad", LoadMeasurement[]> = {
    good: [],
    bad: [],
  };
  const measure = async (pair: number, bad: boolean) => {
    const prefix = `n${pair}${bad ? "bad" : "good"}`;
    await beside(`${prefix}-room0`, bad, async () => {
      const found = await talk(port, load, variant, prefix);
      measured[bad ? "bad" : "good"].push(found);
    });
  };
  // Everything is compiled, and the log has its files.
  await talk(port, load, variant, "warmup");
  for (let pair = 0; pair < rounds; pair++) {
    const order = pair % 2 === 0 ? [false, true] : [true, false];
    for (const bad of order) await measure(pair, bad);
  }
  const tallies = measured.bad.map(({ tally }) => tally);
  const sum = (of: (tally: LoadMeasurement["tally"]) => number) =>
    tallies.reduce((all, tally) => all + of(tally), 0);
  return {
    without: medians(measured.good),
    beside: medians(measured.bad),
    due: sum(({ due }) => due),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    refused: sum(({ sent, acknowledged }) => sent - acknowledged),
    cutOff: sum(({ cutOff }) => cutOff),
  };
}

function talk(
  port: number,
  load: Load,
  variant: StreamVariant,
  prefix: string,
): Promise<LoadMeasurement> {
  return runLoad({
    server: {
      address: { host: "127.0.0.1", port },
      dial: { timeout: 20_000, insecure: true },
    },
    variant,
    plan: new LoadPlan(load),
    prefix,
  });
}
