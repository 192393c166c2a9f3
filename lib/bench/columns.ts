/**
 * The columns of the report. Every format is made from this table, and
 * docs/bench.md defines each of them.
 *
 * @module
 */

import { against, type Row } from "./comparison.ts";
import type { DatagramCounts } from "./datagram_meter.ts";
import type { Figure } from "./layout.ts";
import { recordOverhead, total } from "./measurement.ts";
import { DURATION } from "./workload.ts";

/** One column. */
export interface Column extends Figure<Row> {
  /** Which of the tables has it. */
  readonly table: "traffic" | "parts" | "datagrams" | "deliveries";
}

const TRAFFIC: readonly Column[] = [
  {
    name: "total",
    title: "bytes",
    meaning: "Payload, both directions, handshakes and repeats included",
    table: "traffic",
    kind: "count",
    value: ({ measurement }) => total(measurement),
  },
  {
    name: "publishedTotal",
    title: "EE586",
    meaning: "TCP payload of the published capture",
    table: "traffic",
    kind: "count",
    value: ({ measurement }) => measurement.variant.published?.total,
  },
  {
    name: "bytesPerMessage",
    title: "a message",
    meaning: "`total` by room and private messages sent",
    table: "traffic",
    kind: "figure",
    value: ({ measurement }) => total(measurement) / measurement.tally.messages,
  },
  {
    name: "kbitPerSecond",
    title: "kbit/s",
    meaning: "`total` over the conversation's 163 s, in 1,000 bits",
    table: "traffic",
    kind: "rate",
    value: ({ measurement }) => total(measurement) * 8 / DURATION,
  },
  {
    name: "publishedKbitPerSecond",
    title: "EE586",
    meaning: "kbit/s of the published capture, over its own time",
    table: "traffic",
    kind: "rate",
    value: ({ measurement }) => measurement.variant.published?.kbitPerSecond,
  },
  {
    name: "vsJson",
    title: "vs json",
    meaning: "`total` against that of `json`, percent",
    table: "traffic",
    kind: "percent",
    value: ({ measurement, json }) => against(measurement, json),
  },
  {
    name: "publishedVsJson",
    title: "EE586",
    meaning: "The published share against JSON, percent",
    table: "traffic",
    kind: "percent",
    value: ({ measurement }) => measurement.variant.published?.vsJson,
  },
  {
    name: "vsJsonTls",
    title: "vs json+tls",
    meaning: "`total` against that of `json+tls`, percent",
    table: "traffic",
    kind: "percent",
    value: ({ measurement, jsonTls }) => against(measurement, jsonTls),
  },
  {
    name: "publishedVsJsonTls",
    title: "EE586",
    meaning: "The published share against JSON in TLS, percent",
    table: "traffic",
    kind: "percent",
    value: ({ measurement }) => measurement.variant.published?.vsJsonTls,
  },
];

const PARTS: readonly Column[] = [
  {
    name: "up",
    title: "up",
    meaning: "Of `total`, from clients to server",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => measurement.up,
  },
  {
    name: "down",
    title: "down",
    meaning: "Of `total`, from server to clients",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => measurement.down,
  },
  {
    name: "application",
    title: "messages",
    meaning: "Of `total`, what the codecs wrote",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => measurement.application,
  },
  {
    name: "handshake",
    title: "handshake",
    meaning: "Of `total`, TLS's handshake messages, change-cipher-spec " +
      "and session tickets",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => measurement.handshake,
  },
  {
    name: "recordOverhead",
    title: "records",
    meaning: "Of `total`, what TLS put around the messages",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => recordOverhead(measurement),
  },
  {
    name: "closing",
    title: "closing",
    meaning: "Of `total`, TLS's closing alerts",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => measurement.closing,
  },
  {
    name: "records",
    title: "record count",
    meaning: "TLS records of application data, both directions",
    table: "parts",
    kind: "count",
    value: ({ measurement }) => measurement.records,
  },
  {
    name: "seconds",
    title: "played in s",
    meaning: "How long the run took, without the waiting",
    table: "parts",
    kind: "figure",
    value: ({ measurement }) => measurement.seconds,
  },
];

/** A column of the datagrams. */
function datagrams(
  name: keyof DatagramCounts,
  title: string,
  meaning: string,
): Column {
  return {
    name,
    title,
    meaning,
    table: "datagrams",
    kind: "count",
    value: ({ measurement }) => measurement.datagrams?.[name],
  };
}

const DATAGRAMS: readonly Column[] = [
  datagrams("datagrams", "datagrams", "UDP datagrams, both directions"),
  datagrams("repeats", "sent again", "Of `datagrams`, those sent once more"),
  datagrams(
    "repeatedBytes",
    "in bytes",
    "Of `total`, datagrams sent once more",
  ),
];

/** A column of the tally. */
function counted(
  name: keyof Row["measurement"]["tally"],
  title: string,
  meaning: string,
): Column {
  return {
    name,
    title,
    meaning,
    table: "deliveries",
    kind: "count",
    value: ({ measurement }) => measurement.tally[name],
  };
}

const DELIVERIES: readonly Column[] = [
  counted("messages", "messages", "Room and private messages sent"),
  counted(
    "acknowledged",
    "acknowledged",
    "Messages whose author got the receipt",
  ),
  counted(
    "due",
    "due",
    "Deliveries due: one for each message and receiver but its author",
  ),
  counted("lost", "lost", "Deliveries that did not come in time"),
  counted(
    "doubled",
    "doubled",
    "Deliveries and receipts that came once more",
  ),
  counted(
    "outOfOrder",
    "out of order",
    "Deliveries that came after one which was sent later",
  ),
  counted(
    "notices",
    "notices",
    "Other replies and announcements due",
  ),
  counted("noticesLost", "lost", "Of those, what did not come in time"),
  counted(
    "unexpected",
    "unexpected",
    "Events that nobody was due, with another content, or too late",
  ),
];

const ALL: readonly Column[] = [
  {
    name: "wire",
    title: "wire",
    meaning: "The variant, as `--wires` calls it",
    table: "traffic",
    kind: "name",
    value: ({ measurement }) => measurement.variant.wire,
  },
  ...TRAFFIC,
  ...PARTS,
  ...DATAGRAMS,
  ...DELIVERIES,
];

/** What scripts look for stands first in JSON and CSV. */
const FIRST: readonly string[] = [
  "wire",
  "total",
  "up",
  "down",
  "handshake",
  "messages",
  "due",
  "lost",
  "doubled",
  "outOfOrder",
];

/** All columns, in the order of JSON and CSV. */
export const COLUMNS: readonly Column[] = [
  ...FIRST.flatMap((name) => ALL.filter((column) => column.name === name)),
  ...ALL.filter(({ name }) => !FIRST.includes(name)),
];

/** The rows of one table: those that have something to say in it. */
export function rowsOf(
  table: Column["table"],
  rows: readonly Row[],
): readonly Row[] {
  const columns = ALL.filter((column) => column.table === table);
  return rows.filter((row) =>
    columns.some(({ value, kind }) =>
      kind !== "name" && value(row) !== undefined
    )
  );
}

/** The columns of one table, the wire's name first. */
export function columnsOf(table: Column["table"]): readonly Column[] {
  return ALL.filter((column) =>
    column.table === table || column.kind === "name"
  );
}
