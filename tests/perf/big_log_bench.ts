/**
 * What reading, searching, copying and opening a big log costs.
 *
 *   deno task perf-big-log [--messages N]
 *
 * @module
 */

import { join } from "node:path";
import { openStore } from "../../lib/store/mod.ts";
import { taskOptions } from "../task_options.ts";

const ROOMS = 50;

async function timed(what: string, work: () => Promise<unknown>) {
  const start = performance.now();
  await work();
  const ms = (performance.now() - start).toFixed(1);
  console.log(`${what.padEnd(36)}${ms.padStart(10)} ms`);
}

async function measure(folder: string, count: number): Promise<void> {
  let log = await openStore({ folder, durability: "none" });
  for (let first = 0; first < count; first += 1_000) {
    await log.append(Array.from({ length: 1_000 }, (_, index) => ({
      room: `#room ${index % ROOMS}`,
      sender: "ada",
      text: `Has anybody seen the numbers of run ${first + index} yet?`,
      time: first + index,
      session: `session ${index % 100}`,
      ref: first + index,
    })));
  }
  await log.append([{
    room: "#rare",
    sender: "ada",
    text: "yet",
    time: count,
  }]);
  const rooms = ["#room 1"];
  await timed(
    "the last 20 messages of a room",
    () => log.page("#room 1", { limit: 20 }),
  );
  await timed(
    "10,000 messages of a room",
    () => log.page("#room 1", { after: 0, limit: 10_000 }),
  );
  await timed(
    "search: a word of every message",
    () => log.search(rooms, "numbers yet", { limit: 20 }),
  );
  await timed(
    "search: the same in a rare room",
    () => log.search(["#rare"], "numbers yet", { limit: 20 }),
  );
  await timed(
    "search: the beginning of many",
    () => log.search(rooms, "1", { limit: 20 }),
  );
  await timed("backup", () => log.backup(join(folder, "copy")));
  await log.close();
  const { size } = await Deno.stat(join(folder, "log.db"));
  console.log(`${(size / 1e6).toFixed(0)} MB`);
  await timed("open", async () => log = await openStore({ folder }));
  await timed("remove a tenth", () => log.prune(count / 10));
  await log.close();
}

if (import.meta.main) {
  const values = taskOptions(
    "deno task perf-big-log [--messages N]\n" +
      "Measures what reading, searching and copying a log of a million " +
      "messages or N costs",
    { messages: { type: "string", default: "1000000" } },
  );
  const messages = Number(values.messages);
  if (!(Number.isInteger(messages) && messages > 0)) {
    console.error(
      `--messages is a whole number above 0, not ${values.messages}`,
    );
    Deno.exit(2);
  }
  const folder = await Deno.makeTempDir();
  try {
    await measure(folder, messages);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
