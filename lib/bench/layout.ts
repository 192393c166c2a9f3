/**
 * Tables of figures, whatever the figures: aligned, in Markdown, in JSON, in
 * CSV. A table is its columns, which are data, and its rows.
 *
 * @module
 */

import { written } from "./figures.ts";

/** How a figure is written for people. */
export type FigureKind = "name" | "count" | "figure" | "rate" | "percent";

/** One column of a table of `Row`s. */
export interface Figure<Row> {
  /** In JSON and in the first line of CSV. */
  readonly name: string;
  /** In tables. */
  readonly title: string;
  /** What it says, in docs/bench.md. */
  readonly meaning: string;
  readonly kind: FigureKind;
  /** The figure; undefined where there is none. */
  value(row: Row): string | number | undefined;
}

/** The widest line, in characters. */
const WIDTH = 100;
/** What stands between two cells. */
export const GAP = "  ";

/** A table with its titles, line by line. */
export function aligned<Row>(
  columns: readonly Figure<Row>[],
  rows: readonly Row[],
): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) =>
      columns.map(({ value, kind }) => written(value(row), kind))
    ),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => (line[index] as string).length))
  );
  return cells.map((line) =>
    line.map((cell, index) =>
      columns[index]?.kind === "name"
        ? cell.padEnd(widths[index] as number)
        : cell.padStart(widths[index] as number)
    ).join(GAP).trimEnd()
  );
}

/** A table in Markdown. */
export function piped<Row>(
  columns: readonly Figure<Row>[],
  rows: readonly Row[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ kind }) => kind === "name" ? "---" : "---:")),
    ...rows.map((row) =>
      line(columns.map(({ value, kind }) => written(value(row), kind)))
    ),
  ].join("\n");
}

/** Breaks a sentence into lines, each behind `indent`. */
export function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  // A figure stays with its sign of percentage.
  for (const word of text.split(/ (?!%)/)) {
    if (line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** The same as an item of a list. */
export function item(text: string): string[] {
  const [first = "", ...further] = wrapped(text, "  ");
  return [`-${first.slice(1)}`, ...further];
}

/** Digits behind the point of a figure that machines read. */
const DIGITS = 3;

/** A figure as machines read it. */
export function rounded(value: number): number {
  return Number(value.toFixed(DIGITS));
}

/** A row for JSON: null where there is no figure. */
export function object<Row>(
  columns: readonly Figure<Row>[],
  row: Row,
): Record<string, string | number | null> {
  return Object.fromEntries(columns.map(({ name, value }) => {
    const found = value(row) ?? null;
    return [name, typeof found === "number" ? rounded(found) : found];
  }));
}

/** CSV: a line of names, then one for each row; empty where there is none. */
export function separated<Row>(
  columns: readonly Figure<Row>[],
  rows: readonly Row[],
): string {
  const lines = rows.map((row) =>
    columns.map(({ value }) => {
      const found = value(row) ?? "";
      return typeof found === "number" ? rounded(found) : found;
    }).join(",")
  );
  return [columns.map(({ name }) => name).join(","), ...lines].join("\n");
}
