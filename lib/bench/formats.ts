/**
 * The formats of the report.
 *
 * @module
 */

import { COLUMNS } from "./columns.ts";
import { markdown } from "./format_markdown.ts";
import { table } from "./format_table.ts";
import { object, rounded, separated } from "./layout.ts";
import type { Report } from "./report.ts";
import { DURATION } from "./workload.ts";

/** One object; bytes throughout, shares in percent, times in seconds. */
export function json(report: Report): string {
  const { conversation, breakEvens, frames } = report;
  const { users, messages, seed } = conversation.workload;
  const wires = report.rows.map((row) => ({
    ...object(COLUMNS, row),
    types: row.measurement.types,
  }));
  return JSON.stringify({
    workload: {
      users,
      messages,
      seed,
      seconds: DURATION / 1000,
      steps: conversation.steps.length,
    },
    wires,
    breakEven: breakEvens.map(({ time, savedPerMessage, ...found }) => ({
      ...found,
      savedPerMessage: rounded(savedPerMessage),
      ...time !== undefined && { seconds: rounded(time / 1000) },
    })),
    frames: frames.map(({ type, direction, json, binary, ...figures }) => ({
      type,
      direction,
      json: json.length,
      binary: binary.length,
      saving: rounded(figures.saving),
      publishedSaving: figures.publishedSaving,
      jsonHex: json.toHex(),
      binaryHex: binary.toHex(),
    })),
    ledgers: report.ledgers,
    floors: report.floors,
    notes: report.notes,
  });
}

/** A line of names, then a line for each wire; empty where there is none. */
export function csv(report: Report): string {
  return separated(COLUMNS, report.rows);
}

/** Every format, by the name that `--format` has for it; no line feed at the end. */
export const FORMATS = {
  table,
  json,
  csv,
  markdown,
} as const satisfies Record<string, (report: Report) => string>;

/** The name of a format. */
export type Format = keyof typeof FORMATS;
