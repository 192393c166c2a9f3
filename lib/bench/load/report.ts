/**
 * The report of a load, in every format.
 *
 * @module
 */

import { clock, count, counted } from "../figures.ts";
import type { Format } from "../formats.ts";
import { aligned, item, object, piped, separated } from "../layout.ts";
import { type ClientFaults, isLoadClean } from "./account.ts";
import { LOAD_COLUMNS, LOAD_TABLES, loadColumnsOf } from "./columns.ts";
import type { LoadMeasurement } from "./run.ts";

/** Clients with faults that are told one by one, for each wire. */
const FAULTS_TOLD = 10;

const TABLES = Object.keys(LOAD_TABLES) as (keyof typeof LOAD_TABLES)[];

/** Loads on one server, one wire after the other. */
export interface LoadReport {
  /** Whom it was, in a few words. */
  readonly server: string;
  /** What there is to know about how it was measured, in sentences. */
  readonly remarks: readonly string[];
  readonly measurements: readonly LoadMeasurement[];
}

/** Whether over every wire everything came once and in order. */
export function isReportClean({ measurements }: LoadReport): boolean {
  return measurements.every(({ tally }) => isLoadClean(tally));
}

/** What was done, in a line. */
function headline({ server, measurements }: LoadReport): string {
  const { plan } = measurements[0] as LoadMeasurement;
  const { clients, rate, duration, rooms } = plan.load;
  return `${count(clients)} clients in ${
    rooms === 1 ? "one room" : `${count(rooms)} rooms`
  }, ${rate.toLocaleString("en")} ${
    rate === 1 ? "message" : "messages"
  }/s for ${duration < 10 ? `${duration} s` : clock(duration * 1000)} (${
    counted(plan.messages, "message")
  }), ${server}`;
}

/** Who lost what, the worst first, in a sentence for each. */
function faultTexts({ variant, tally }: LoadMeasurement): string[] {
  const sum = (each: ClientFaults) =>
    each.lost + each.doubled + each.outOfOrder;
  const worst = tally.faults.toSorted((a, b) => sum(b) - sum(a));
  const told = worst.slice(0, FAULTS_TOLD).map((each) =>
    `${variant.wire}: client ${each.client}: ${count(each.lost)} lost, ${
      count(each.doubled)
    } doubled, ${count(each.outOfOrder)} out of order`
  );
  const rest = worst.length - told.length;
  return rest === 0 ? told : [
    ...told,
    `${variant.wire}: and so on for ${counted(rest, "more client")}`,
  ];
}

/** What was refused, by its code. */
function refusalTexts({ variant, tally }: LoadMeasurement): string[] {
  return [...tally.refused].map(([code, times]) =>
    `${variant.wire}: the server refused ${counted(times, "message")}` +
    (code === 0 ? "" : ` with ${code}`)
  );
}

function verdictText({ variant, verdict }: LoadMeasurement): string {
  const { side, reason } = verdict;
  const who = side === "neither"
    ? "neither side was the bottleneck"
    : side === "unknown"
    ? "it is not known which side was the bottleneck"
    : `the ${side} was the bottleneck`;
  return `${variant.wire}: ${who}: ${reason}`;
}

function interruptionTexts(
  { variant, interrupted, tally, plan }: LoadMeasurement,
): string[] {
  return interrupted
    ? [
      `${variant.wire}: ended early, after ${count(tally.sent)} of ${
        counted(plan.messages, "message")
      }${tally.cutOff === plan.load.clients ? ": no connection was left" : ""}`,
    ]
    : [];
}

/**
 * What there is to say about a server's process, that listens there or did:
 * its id, if it is known, and whether it is on this machine.
 */
export function processRemark(
  pid: number | undefined,
  isHere: boolean,
  measurements: readonly LoadMeasurement[],
): string {
  if (pid === undefined) {
    return isHere
      ? "The server's CPU and memory are not known: no process of yours listens there"
      : "The server's CPU and memory are not known: it is on another machine";
  }
  return measurements.every(({ server }) => server !== undefined)
    ? `The server's CPU and memory are those of process ${pid}, which listens there`
    : `Process ${pid}, which listened there, ended during a run: of that run the server's CPU and memory are not known`;
}

/** Everything that is said in sentences. */
function sentences({ remarks, measurements }: LoadReport): string[] {
  return [
    ...measurements.flatMap((each) => [
      ...interruptionTexts(each),
      verdictText(each),
      ...refusalTexts(each),
      ...faultTexts(each),
    ]),
    ...remarks,
  ].map((text) => `${text}.`);
}

function table(report: LoadReport): string {
  const sections = [
    [headline(report)],
    ...TABLES.map((name) => [
      LOAD_TABLES[name],
      ...aligned(loadColumnsOf(name), report.measurements),
    ]),
    sentences(report).flatMap(item),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function markdown(report: LoadReport): string {
  return [
    `${headline(report)}.`,
    ...TABLES.flatMap((name) => [
      `## ${LOAD_TABLES[name]}`,
      piped(loadColumnsOf(name), report.measurements),
    ]),
    sentences(report).map((text) => `- ${text}`).join("\n"),
  ].join("\n\n");
}

function json({ server, remarks, measurements }: LoadReport): string {
  const wires = measurements.map((each) => ({
    ...object(LOAD_COLUMNS, each),
    reason: each.verdict.reason,
    interrupted: each.interrupted,
    refusals: Object.fromEntries(each.tally.refused),
    faults: each.tally.faults,
  }));
  const { duration } = (measurements[0] as LoadMeasurement).plan.load;
  return JSON.stringify({ server, duration, wires, remarks });
}

function csv({ measurements }: LoadReport): string {
  return separated(LOAD_COLUMNS, measurements);
}

/** Every format of `chatp bench`; no line feed at the end. */
export const LOAD_FORMATS: Readonly<
  Record<Format, (report: LoadReport) => string>
> = { table, json, csv, markdown };
