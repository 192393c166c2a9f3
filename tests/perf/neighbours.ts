/**
 * How bad neighbours are borne: a hundred people talk in a room, with each of
 * `bad_neighbours.ts` beside them and without, in turns; on a server in a
 * process of its own, with its limits and full durability.
 *
 *   deno task neighbours [--only NAME,...] [--rounds N] [--seconds N]
 *
 * Everybody shares the machine, and so do the figures: what a neighbour uses of
 * it to be bad is in them.
 *
 * @module
 */

import { chatp, Folder, startServer } from "../commands/chatp_process.ts";
import {
  BAD_NEIGHBOURS,
  type BadNeighbour,
  type NeighbourName,
  type Outcome,
} from "./bad_neighbours.ts";
import type { FromWorker, ToWorker } from "./neighbour_worker.ts";
import { compare, type Comparison } from "./neighbourhood.ts";
import { taskOptions } from "../task_options.ts";

const values = taskOptions(
  "deno task neighbours [--only NAME,...] [--rounds N] [--seconds N]\n" +
    "Measures how bad neighbours are borne, in 5 rounds of 5 s; the names:\n" +
    Object.keys(BAD_NEIGHBOURS).map((name) => `  ${name}`).join("\n"),
  {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
  },
);
const [rounds, duration] = [Number(values.rounds), Number(values.seconds)];
/** Messages a second, of all who talk. */
const RATE = 200;

const names = Object.keys(BAD_NEIGHBOURS) as NeighbourName[];
const chosen = values.only?.split(",") ?? names;
const unknown = chosen.find((name) => !names.some((each) => each === name));
const wrong = unknown !== undefined ||
  ![rounds, duration].every((number) => number > 0 && number < 1_000);
if (wrong) {
  console.error(
    `--only takes some of ${names.join(",")}, --rounds and --seconds numbers`,
  );
  Deno.exit(2);
}

/** A thread with a neighbour in it. */
class Thread {
  readonly #worker = new Worker(
    new URL("./neighbour_worker.ts", import.meta.url),
    { type: "module" },
  );

  #said(type: FromWorker["type"]): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === type) resolve(data);
      };
    });
  }

  async start(start: ToWorker): Promise<void> {
    const started = this.#said("started");
    this.#worker.postMessage(start);
    await started;
  }

  async stop(): Promise<Outcome> {
    const stopped = this.#said("stopped");
    this.#worker.postMessage({ type: "stop" } satisfies ToWorker);
    const message = await stopped;
    return message.type === "stopped" ? message.outcome : {};
  }
}

/** Makes a new certificate in the place of the one that is served. */
async function newCertificate(folder: string): Promise<string[]> {
  const files = ["--cert", `${folder}/c.crt`, "--key", `${folder}/c.key`];
  await chatp(["cert", "--force", ...files], { data: folder });
  return files;
}

function show(
  { what }: BadNeighbour,
  { without, beside, due, lost, doubled, refused, cutOff }: Comparison,
  outcomes: readonly Outcome[],
): string {
  const treated = Object.keys(outcomes[0] ?? {}).map((word) => {
    const times = outcomes.map((outcome) => outcome[word] ?? 0);
    const [least, most] = [Math.min(...times), Math.max(...times)];
    const number = (each: number) => each.toLocaleString("en");
    return `${word} ${number(least)}${least < most ? `–${number(most)}` : ""}`;
  });
  return `| ${
    [
      what,
      without.p50.toFixed(1),
      without.p99.toFixed(1),
      beside.p50.toFixed(1),
      beside.p99.toFixed(1),
      (beside.p99 / without.p99).toFixed(2),
      `${lost + doubled + refused + cutOff} of ${due.toLocaleString("en")}`,
      treated.join(", "),
    ].join(" | ")
  } |`;
}

async function measure(name: NeighbourName): Promise<string> {
  const neighbour: BadNeighbour = BAD_NEIGHBOURS[name];
  await using data = await Folder.make();
  const files = neighbour.reloads ? await newCertificate(data.path) : [];
  const { server, port } = await startServer(
    data.path,
    ...files,
    ...neighbour.serve ?? [],
  );
  await using _ = server;
  const outcomes: Outcome[] = [];
  const comparison = await compare({
    port,
    load: { clients: 100, rate: RATE, duration, rooms: 1 },
    wire: neighbour.reloads ? "chatp2+tls" : "chatp2",
    rounds,
    beside: async (room, bad, round) => {
      const thread = new Thread();
      if (bad && neighbour.reloads) {
        const lines = server.out.all.length;
        await newCertificate(data.path);
        server.signal("SIGHUP");
        await server.out.find(/fingerprint/, lines);
      }
      await thread.start({ type: "start", name, target: { port, room, bad } });
      const reload = bad && neighbour.reloads
        ? setInterval(() => server.signal("SIGHUP"), 100)
        : undefined;
      await round();
      clearInterval(reload);
      const outcome = await thread.stop();
      if (bad) outcomes.push(outcome);
    },
  });
  return show(neighbour, comparison, outcomes);
}

const COLUMNS = [
  "bad neighbour",
  "p50 without",
  "p99 without",
  "p50 beside",
  "p99 beside",
  "p99 ratio",
  "lost",
  "what became of it",
];
console.log(`| ${COLUMNS.join(" | ")} |`);
console.log(`| ${COLUMNS.map(() => "---").join(" | ")} |`);
for (const name of chosen) console.log(await measure(name as NeighbourName));
