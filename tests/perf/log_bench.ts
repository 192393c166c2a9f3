/**
 * How fast the log on disk is: messages made durable a second, and the time
 * from append to durable, for each level of durability.
 *
 *   deno task perf-log [--seconds N] [--folder PATH]
 *
 * @module
 */

import { join } from "node:path";
import {
  DURABILITIES,
  type Durability,
  openStore,
  type SqliteStore,
} from "../../lib/store/mod.ts";
import { taskOptions } from "../task_options.ts";

/** One way of sending. */
interface Mode {
  readonly title: string;
  /** Senders at the same time; each waits for its acknowledgement. */
  readonly senders: number;
  /** Messages in one append. */
  readonly batch: number;
}

const MODES: readonly Mode[] = [
  { title: "1 sender", senders: 1, batch: 1 },
  { title: "10 senders", senders: 10, batch: 1 },
  { title: "100 senders", senders: 100, batch: 1 },
  // A sender that has 1,000 messages on their way at any time.
  { title: "1 sender, 1,000 in flight", senders: 1_000, batch: 1 },
  { title: "4 ticks of 250 in flight", senders: 4, batch: 250 },
];

interface Figures {
  readonly messages: number;
  readonly seconds: number;
  /** ms, ascending. */
  readonly latencies: readonly number[];
}

async function measure(
  log: SqliteStore,
  { senders, batch }: Mode,
  seconds: number,
): Promise<Figures> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  let messages = 0;
  const send = async (sender: number): Promise<void> => {
    const name = `sender${sender}`;
    for (let ref = 0; performance.now() < end; ref += batch) {
      const begin = performance.now();
      await log.append(Array.from({ length: batch }, (_, index) => ({
        room: "#general",
        sender: name,
        text: `Has anybody seen the numbers of run ${ref + index} yet?`,
        time: Date.now(),
        session: `${start}-${sender}`,
        ref: ref + index,
      })));
      latencies.push(performance.now() - begin);
      messages += batch;
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, index) => send(index)));
  latencies.sort((a, b) => a - b);
  return { messages, seconds: (performance.now() - start) / 1000, latencies };
}

function row(durability: Durability, { title }: Mode, figures: Figures) {
  const { messages, seconds, latencies } = figures;
  const at = (share: number) =>
    (latencies[Math.floor((latencies.length - 1) * share)] ?? 0).toFixed(2);
  return [
    durability.padEnd(8),
    title.padEnd(26),
    Math.round(messages / seconds).toLocaleString("en").padStart(9),
    at(0.5).padStart(9),
    at(0.99).padStart(9),
  ].join("  ");
}

if (import.meta.main) {
  const values = taskOptions(
    "deno task perf-log [--seconds N] [--folder PATH]\n" +
      "Measures the log on disk for 3 s or N in each mode, in a folder of its " +
      "own in PATH",
    {
      seconds: { type: "string", default: "3" },
      folder: { type: "string" },
    },
  );
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds < Infinity)) {
    console.error(`--seconds is a number above 0, not ${values.seconds}`);
    Deno.exit(2);
  }
  const root = await Deno.makeTempDir(
    values.folder === undefined ? {} : { dir: values.folder },
  );
  try {
    console.log(
      "level     mode                        messages/s   p50 ms     p99 ms",
    );
    for (const durability of DURABILITIES) {
      const log = await openStore({
        folder: join(root, durability),
        durability,
      });
      await measure(log, MODES[1] as Mode, 0.5);
      for (const mode of MODES) {
        const figures = await measure(log, mode, seconds);
        console.log(row(durability, mode, figures));
      }
      await log.close();
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
