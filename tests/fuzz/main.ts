/**
 * `deno task fuzz [--minutes N] [--seed N] [--only TARGET,…]` (docs/fuzz.md):
 * every target in turn until the time is over, then the figures; exit status 1
 * when anything was found.
 *
 * @module
 */

import { Fuzzer, PATIENCE } from "./fuzzer.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";
import { keepVector } from "./vectors.ts";
import { taskOptions } from "../task_options.ts";

/** ms that a target has before it is the next one's turn. */
const TURN = 50;
/** ms between two reports. */
const REPORT = 10_000;
/** Bytes of a failing input that are printed. */
const SHOWN_BYTES = 512;

function fail(text: string): never {
  console.error(text);
  Deno.exit(2);
}

/** A number of the command line. */
function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (value >= least && value < Infinity) return value;
  return fail(`--${name} is a number from ${least}, not ${text}`);
}

function chosen(only: string | undefined): readonly Target[] {
  if (only === undefined) return TARGETS;
  return only.split(",").map((name) =>
    TARGETS.find((target) => target.name === name) ??
      fail(
        `There is no target ${name}: ${
          TARGETS.map((target) => target.name).join(", ")
        }`,
      )
  );
}

/** The figures of all targets, one a line. */
function report(fuzzers: readonly Fuzzer[]): string {
  const rows = fuzzers.map((
    { target, runs, time, corpus, behaviours, failures },
  ) => [
    target.name,
    runs.toLocaleString("en"),
    Math.round(runs / Math.max(time, 1) * 1_000).toLocaleString("en"),
    String(corpus),
    String(behaviours),
    String(failures),
  ]);
  const table = [
    ["target", "runs", "runs/s", "corpus", "behaviours", "failures"],
    ...rows,
  ];
  const widths =
    table[0]?.map((_, column) =>
      Math.max(...table.map((row) => row[column]?.length ?? 0))
    ) ?? [];
  return table.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ")
  ).join("\n");
}

const values = taskOptions(
  "deno task fuzz [--minutes N] [--seed N] [--only TARGET,...]\n" +
    "Feeds everything that reads what others made, for a minute or N; the " +
    `targets:\n${TARGETS.map(({ name }) => `  ${name}`).join("\n")}`,
  {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
  },
);
const seed = number("seed", values.seed, 0);
const minutes = number("minutes", values.minutes, 0.001);
const fuzzers = chosen(values.only).map((target) =>
  new Fuzzer(target, seed, PATIENCE)
);
console.log(`seed ${seed}`);

const end = performance.now() + minutes * 60_000;
let reported = performance.now();

/** Keeps and prints what a target has failed with since the last call. */
async function tell(fuzzer: Fuzzer): Promise<void> {
  for (const failure of fuzzer.takeFailures()) {
    const { target, message, stack, input } = failure;
    const hex = input.subarray(0, SHOWN_BYTES).toHex();
    const more = input.length > SHOWN_BYTES ? "…" : "";
    console.log(
      `\n${target} failed, seed ${seed}, ${input.length} bytes, ` +
        `kept as ${await keepVector(failure)}\n` +
        `${stack || message}\n${hex}${more}\n`,
    );
  }
}

for (const fuzzer of fuzzers) await fuzzer.start();
while (performance.now() < end) {
  for (const fuzzer of fuzzers) {
    const until = fuzzer.time + TURN;
    while (fuzzer.time < until && performance.now() < end) await fuzzer.step();
    await tell(fuzzer);
  }
  if (performance.now() - reported < REPORT) continue;
  reported = performance.now();
  console.log(`\n${report(fuzzers)}`);
}
console.log(`\n${report(fuzzers)}`);
Deno.exitCode = fuzzers.some(({ failures }) => failures > 0) ? 1 : 0;
