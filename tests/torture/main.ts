/**
 * `deno task torture [--minutes N] [--seed N]` (docs/torture.md): rounds until
 * the time is over, then the figures; exit status 1 when anything was wrong.
 *
 * @module
 */

import { formatFigures, noFigures } from "./figures.ts";
import { playRound } from "./round.ts";
import { taskOptions } from "../task_options.ts";

const KILLS_A_ROUND = 25;
/** Four accounts have six clients, one more is made while a server runs. */
const CAST = {
  guests: 6,
  accounts: 4,
  followers: 2,
  staying: 1,
  fetchers: 2,
  rest: 6_000,
};
/** Most lives last no longer than their server took to start. */
const MOST_EVENTS = 8_000;

/** A number of the command line, above 0. */
function number(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  console.error(`--${name} is a number above 0, not ${text}`);
  Deno.exit(2);
}

const values = taskOptions(
  "deno task torture [--minutes N] [--seed N]\n" +
    "Kills servers under load and looks for anything lost, for a minute or N",
  {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
);
const seed = number("seed", values.seed);
const end = performance.now() + number("minutes", values.minutes) * 60_000;
const enough = () => performance.now() > end;
const figures = noFigures();
console.log(`seed ${seed}`);
for (let round = 0; !enough() && figures.faults.length === 0; round++) {
  await playRound({
    seed: seed + round,
    ...CAST,
    kills: KILLS_A_ROUND,
    mostEvents: MOST_EVENTS,
    enough,
  }, figures);
  const { kills, acknowledged, faults } = figures;
  console.log(
    `round ${round + 1}: ${kills} kills, ` +
      `${acknowledged.toLocaleString("en")} acknowledged, ` +
      `${faults.length} faults`,
  );
}
console.log(`\n${formatFigures(figures)}`);
// A player that is stuck may have left something open.
Deno.exit(figures.faults.length === 0 ? 0 : 1);
