/** Exactly once, whenever the server dies; `deno task torture` has more. */

import { assert } from "@std/assert";
import { playRestarts } from "./restarts.ts";

Deno.test({
  name:
    "everybody has every text once, in one order, whenever the server is killed and started again",
  // Signals end a process there without a word.
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { said, resumed } = await playRestarts({
      seed: 1,
      kills: 10,
      mostShown: 400,
    });
    assert(said > 0 && resumed >= 20, `${said} said, ${resumed} resumed`);
  },
});
