/**
 * The columns of the report of a load. Every format is made from this table,
 * and docs/bench.md defines each of them.
 *
 * @module
 */

import type { Figure } from "../layout.ts";
import { refusals, unanswered } from "./account.ts";
import type { LoadBound } from "./plan.ts";
import type { LoadMeasurement } from "./run.ts";

/** The tables of the report, and what stands over each. */
export const LOAD_TABLES = {
  throughput: "Throughput",
  delivery: "From when a message was due to its delivery, in ms",
  acknowledgement: "From when a message was due to its sender's receipt, in ms",
  arrivals: "What arrived",
  server: "What it took of the server",
  generator: "What it took of the generator, which is this process",
} as const;

/** One column. */
export interface LoadColumn extends Figure<LoadMeasurement> {
  /** Which of the tables has it. */
  readonly table: keyof typeof LOAD_TABLES;
}

type Table = LoadColumn["table"];
type Value = LoadColumn["value"];

const MEGABYTE = 1e6;

function counted(
  table: Table,
  name: string,
  title: string,
  meaning: string,
  value: Value,
): LoadColumn {
  return { name, title, meaning, table, kind: "count", value };
}

function measured(
  table: Table,
  name: string,
  title: string,
  meaning: string,
  value: Value,
  kind: "figure" | "rate" = "figure",
): LoadColumn {
  return { name, title, meaning, table, kind, value };
}

function asked(
  name: LoadBound,
  title: string,
  kind: LoadColumn["kind"],
  meaning: string,
): LoadColumn {
  const value: Value = ({ plan }) => plan.load[name];
  return { name, title, meaning, table: "throughput", kind, value };
}

/** So many a second; nothing of a run without a load. */
function perSecond(
  number: number,
  { tally, seconds }: LoadMeasurement,
): number | undefined {
  return tally.sent > 0 ? number / seconds : undefined;
}

/** CPU time by the time that passed, percent; nothing of a run without a load. */
function coreShare(
  cpu: number,
  { tally, elapsed }: LoadMeasurement,
): number | undefined {
  return tally.sent > 0 ? cpu / elapsed * 100 : undefined;
}

/** The percentiles that are told. */
const PERCENTILES = [50, 90, 99, 99.9] as const;

/** The columns of one histogram. */
function latencies(
  table: "delivery" | "acknowledgement",
  what: string,
): readonly LoadColumn[] {
  const column = (name: string, title: string, meaning: string, value: Value) =>
    measured(table, `${table}${name}`, title, meaning, value, "rate");
  return [
    ...PERCENTILES.map((percent) =>
      column(
        `P${String(percent).replace(".", "_")}`,
        `p${percent}`,
        `${percent} % of ${what} took no longer, ms`,
        (measurement) => measurement[table].percentile(percent),
      )
    ),
    column(
      "Max",
      "max",
      `The longest of ${what}, ms`,
      (measurement) => measurement[table].max,
    ),
  ];
}

const THROUGHPUT: readonly LoadColumn[] = [
  asked("clients", "clients", "count", "Clients, each with a connection"),
  asked("rooms", "rooms", "count", "Rooms that they are spread over"),
  asked("rate", "asked/s", "figure", "Messages a second that were asked for"),
  measured(
    "throughput",
    "messagesPerSecond",
    "messages/s",
    "Messages acknowledged, by `seconds`",
    (measurement) => perSecond(measurement.tally.acknowledged, measurement),
  ),
  measured(
    "throughput",
    "deliveriesPerSecond",
    "deliveries/s",
    "Deliveries, by `seconds`",
    (measurement) => perSecond(measurement.tally.delivered, measurement),
  ),
  measured(
    "throughput",
    "seconds",
    "in s",
    "From when the first message was due to the last arrival, or to when one " +
      "more would have been due, whichever is later",
    ({ tally, seconds }) => tally.sent > 0 ? seconds : undefined,
    "rate",
  ),
];

const ARRIVALS: readonly LoadColumn[] = [
  counted(
    "arrivals",
    "sent",
    "sent",
    "Messages sent",
    ({ tally }) => tally.sent,
  ),
  counted(
    "arrivals",
    "acknowledged",
    "receipts",
    "Messages whose sender got the receipt",
    ({ tally }) => tally.acknowledged,
  ),
  counted(
    "arrivals",
    "refused",
    "refused",
    "Messages that the server refused, such as those that came too fast (429)",
    ({ tally }) => refusals(tally),
  ),
  counted(
    "arrivals",
    "unanswered",
    "neither",
    "Messages that got neither",
    ({ tally }) => unanswered(tally),
  ),
  counted(
    "arrivals",
    "due",
    "due",
    "Deliveries due: one for each message that was not refused and each " +
      "client of its room but its sender",
    ({ tally }) => tally.due,
  ),
  counted(
    "arrivals",
    "lost",
    "lost",
    "Deliveries that did not come",
    ({ tally }) => tally.lost,
  ),
  counted(
    "arrivals",
    "doubled",
    "doubled",
    "Deliveries that came once more",
    ({ tally }) => tally.doubled,
  ),
  counted(
    "arrivals",
    "outOfOrder",
    "reordered",
    "Deliveries that came after a later message of the same sender",
    ({ tally }) => tally.outOfOrder,
  ),
  counted(
    "arrivals",
    "unexpected",
    "unexpected",
    "What nobody was due: another text, sender, room or reply",
    ({ tally }) => tally.unexpected,
  ),
  counted(
    "arrivals",
    "cutOff",
    "cut off",
    "Connections that the server ended",
    ({ tally }) => tally.cutOff,
  ),
];

const SERVER: readonly LoadColumn[] = [
  measured(
    "server",
    "serverCpu",
    "CPU s",
    "User and system time of the server's process",
    ({ server }) => server?.cpu,
    "rate",
  ),
  measured(
    "server",
    "serverCpuShare",
    "% of a core",
    "The same by the time that passed, percent",
    (measurement) =>
      measurement.server && coreShare(measurement.server.cpu, measurement),
  ),
  measured(
    "server",
    "serverCpuPerDelivery",
    "µs a delivery",
    "The same by deliveries, in microseconds",
    ({ server, tally }) =>
      server && tally.delivered > 0
        ? server.cpu * 1e6 / tally.delivered
        : undefined,
  ),
  measured(
    "server",
    "serverMemory",
    "resident MB",
    "Resident memory of the server at the end, in 1,000,000 bytes",
    ({ server }) => server && server.memory / MEGABYTE,
  ),
  measured(
    "server",
    "serverMemoryPeak",
    "at most",
    "The most that it ever was",
    ({ server }) => server && server.peak / MEGABYTE,
  ),
];

const GENERATOR: readonly LoadColumn[] = [
  measured(
    "generator",
    "generatorCpu",
    "CPU s",
    "User and system time of this process",
    ({ generatorCpu }) => generatorCpu,
    "rate",
  ),
  measured(
    "generator",
    "generatorCpuShare",
    "% of a core",
    "The same by the time that passed, percent",
    (measurement) => coreShare(measurement.generatorCpu, measurement),
  ),
  measured(
    "generator",
    "lateness",
    "sent late ms",
    "How long after it was due 99 % of the messages were written at most, ms",
    ({ lateness }) => lateness.percentile(99),
    "rate",
  ),
  measured(
    "generator",
    "lag",
    "loop lag ms",
    "How late 99 % of the generator's timers of 1 ms were at most, ms",
    ({ lag }) => lag.percentile(99),
    "rate",
  ),
  {
    name: "bottleneck",
    title: "bottleneck",
    meaning:
      "Which side could not keep up: `neither`, `generator`, `server`, " +
      "`machine` (all that runs on it together) or `unknown`",
    table: "generator",
    kind: "name",
    value: ({ verdict }) => verdict.side,
  },
];

const WIRE: LoadColumn = {
  name: "wire",
  title: "wire",
  meaning: "The wire, as `--wires` calls it",
  table: "throughput",
  kind: "name",
  value: ({ variant }) => variant.wire,
};

/** All columns, in the order of JSON and CSV. */
export const LOAD_COLUMNS: readonly LoadColumn[] = [
  WIRE,
  ...THROUGHPUT,
  ...latencies("delivery", "deliveries"),
  ...latencies("acknowledgement", "receipts"),
  ...ARRIVALS,
  ...SERVER,
  ...GENERATOR,
];

/** The columns of one table, the wire's name first. */
export function loadColumnsOf(table: Table): readonly LoadColumn[] {
  return [
    WIRE,
    ...LOAD_COLUMNS.filter((each) => each !== WIRE && each.table === table),
  ];
}
