/**
 * How fast a server is, end to end: messages a second that are accepted, made
 * durable (`full`) and acknowledged over real sockets, and the time from
 * sending to acknowledgement.
 *
 *   deno task perf [--seconds N]
 *
 * Client and server share the machine; so do the figures.
 *
 * @module
 */

import { Folder, startServer } from "../commands/chatp_process.ts";
import { catchUp } from "./catch_up.ts";
import { COUNTED, countEncodings } from "./encodings.ts";
import { Sender, Tally } from "./sender.ts";
import { taskOptions } from "../task_options.ts";

/** One way of sending. */
interface Mode {
  readonly senders: number;
  readonly rooms: "one" | "own";
  /** Messages that each has on their way; or all of them together, a second. */
  readonly pace: { readonly inFlight: number } | { readonly perSecond: number };
}

const PACED = { perSecond: 1_000 };

const MODES: readonly Mode[] = [
  { senders: 1, rooms: "one", pace: { inFlight: 500 } },
  { senders: 10, rooms: "own", pace: { inFlight: 200 } },
  { senders: 10, rooms: "one", pace: { inFlight: 200 } },
  { senders: 100, rooms: "own", pace: { inFlight: 50 } },
  { senders: 100, rooms: "one", pace: { inFlight: 50 } },
  { senders: 1, rooms: "one", pace: PACED },
  { senders: 10, rooms: "own", pace: PACED },
  { senders: 10, rooms: "one", pace: PACED },
  { senders: 100, rooms: "own", pace: PACED },
  { senders: 100, rooms: "one", pace: PACED },
];

const COLUMNS = [
  "senders",
  "rooms",
  "in flight each",
  "messages/s",
  "deliveries/s",
  "p50 ms",
  "p99 ms",
];

/** Each keeps as many on their way as it may; answers how to stop. */
function rush(senders: readonly Sender[], inFlight: number): () => void {
  for (const sender of senders) {
    sender.onAcknowledged = () => {
      // Half a window at once: a message a write would measure the client.
      const free = inFlight - sender.unanswered;
      if (free >= inFlight / 2) sender.send(free);
    };
    sender.send(inFlight);
  }
  return () => senders.forEach((sender) => sender.onAcknowledged = () => {});
}

/** Together they send so many a second, in turn; answers how to stop. */
function stroll(senders: readonly Sender[], perSecond: number): () => void {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - start) * perSecond / 1000;
    for (; sent < due; sent++) senders[sent % senders.length]?.send(1);
  }, 1);
  return () => clearInterval(timer);
}

async function measure(mode: Mode, seconds: number): Promise<string[]> {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path, "--no-rate-limits");
  await using _ = server;
  const tally = new Tally();
  const senders: Sender[] = [];
  for (let index = 0; index < mode.senders; index++) {
    const room = mode.rooms === "own" ? `room ${index}` : undefined;
    senders.push(await Sender.enter(port, `sender${index}`, room, tally));
  }
  const stop = "inFlight" in mode.pace
    ? rush(senders, mode.pace.inFlight)
    : stroll(senders, mode.pace.perSecond);
  // Everything is compiled and the log has its files.
  await rest(seconds / 3);
  const { acknowledged, delivered } = tally;
  tally.latencies.length = 0;
  const start = performance.now();
  await rest(seconds);
  const took = (performance.now() - start) / 1000;
  const row = [
    (tally.acknowledged - acknowledged) / took,
    (tally.delivered - delivered) / took,
  ].map((rate) => Math.round(rate).toLocaleString("en"));
  const latencies = tally.latencies.slice().sort((a, b) => a - b);
  stop();
  for (const sender of senders) await sender.leave();
  return [
    String(mode.senders),
    mode.rooms,
    "inFlight" in mode.pace ? String(mode.pace.inFlight) : "paced",
    ...row,
    ...[0.5, 0.99].map((share) => quantile(latencies, share).toFixed(2)),
  ];
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.floor((ascending.length - 1) * share)] ?? NaN;
}

function rest(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function line(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart(COLUMNS[index]!.length))
    .join("  ");
}

const values = taskOptions(
  "deno task perf [--seconds N]\n" +
    "Measures a whole server for 3 s or N in each mode",
  { seconds: { type: "string", default: "3" } },
);
const seconds = Number(values.seconds);
if (!(seconds > 0 && seconds < Infinity)) {
  console.error(`--seconds is a number above 0, not ${values.seconds}`);
  Deno.exit(2);
}
console.log(line(COLUMNS));
for (const mode of MODES) console.log(line(await measure(mode, seconds)));
await using data = await Folder.make();
const READERS = 100;
const MESSAGES = 500;
const { deliveries, encodings } = await countEncodings({
  folder: data.path,
  wires: COUNTED,
  readers: READERS,
  messages: MESSAGES,
  author: "chatp1",
});
const sum = [...encodings.values()].reduce((sum, each) => sum + each, 0);
console.log(
  `\n${MESSAGES} messages to a room of ${READERS} who read on ` +
    `${COUNTED.length} wires: ${deliveries.toLocaleString("en")} deliveries, ` +
    `${(deliveries / sum).toFixed(1)} of each encoding. Encoded:`,
);
for (const [wire, times] of encodings) {
  console.log(`${wire.padEnd(8)}${times.toLocaleString("en").padStart(7)}`);
}

const MISSED = 10_000;
console.log(
  `\nAn account that missed ${MISSED.toLocaleString("en")} messages has all ` +
    "of them, after its login was answered:",
);
for (const { wire, secure, login, rest } of await catchUp(MISSED)) {
  console.log(
    `${wire}${secure ? " in TLS" : ""}`.padEnd(14) +
      `${rest.toFixed(0).padStart(5)} ms (the login: ${login.toFixed(0)} ms)`,
  );
}
