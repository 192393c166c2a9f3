/** A few kills; `deno task torture` has more (docs/torture.md). */

import { assert, assertEquals } from "@std/assert";
import { noFigures } from "./figures.ts";
import { playRound } from "./round.ts";

Deno.test({
  name:
    "a server killed again and again loses, doubles and reorders nothing that it acknowledged",
  // Signals end a process there without a word.
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const figures = noFigures();
    await playRound(
      {
        seed: 1,
        guests: 3,
        accounts: 1,
        followers: 2,
        staying: 1,
        fetchers: 2,
        rest: 1_500,
        kills: 5,
        mostEvents: 2_000,
      },
      figures,
    );
    assertEquals(figures.faults, []);
    assertEquals(figures.kills, 5);
    assert(figures.acknowledged > 0 && figures.kept >= figures.acknowledged);
  },
});
