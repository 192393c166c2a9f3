/**
 * A process that searches a log, and so has its words indexed, until it is
 * killed:
 *
 *   deno run searcher.ts FOLDER
 *
 * It prints a line before it begins.
 *
 * @module
 */

import { openStore } from "../../lib/store/mod.ts";

const [folder = ""] = Deno.args;
const log = await openStore({ folder });
console.log("open");
for (;;) await log.search(["#general"], "needle", { limit: 1 });
