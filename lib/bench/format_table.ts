/**
 * The report for a terminal: aligned, at most 100 columns wide.
 *
 * @module
 */

import { type Column, columnsOf, rowsOf } from "./columns.ts";
import { written } from "./figures.ts";
import { sideBySide } from "./frames.ts";
import { floorText, type Ledger, ledgerLines, ledgerTitle } from "./ledger.ts";
import type { Report } from "./report.ts";
import {
  breakEvenText,
  frameTitle,
  headline,
  publishedLine,
  TITLES,
} from "./wording.ts";

/** The widest line, in characters. */
const WIDTH = 100;
const GAP = "  ";

function aligned(report: Report, table: Column["table"]): string[] {
  const columns = columnsOf(table);
  const rows = rowsOf(table, report.rows);
  if (rows.length === 0) return [];
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

/** A table that not every report has. */
function titled(table: Column["table"], report: Report): string[] {
  const lines = aligned(report, table);
  return lines.length === 0 ? [] : [TITLES[table], ...lines];
}

/** Breaks a sentence into lines, each behind `indent`. */
function wrapped(text: string, indent: string): string[] {
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
function item(text: string): string[] {
  const [first = "", ...further] = wrapped(text, "  ");
  return [`-${first.slice(1)}`, ...further];
}

/** A ledger; the fields go on below where the line is full. */
function ledgerTable(ledger: Ledger): string[] {
  const lines = ledgerLines(ledger);
  const widths = [0, 1, 2, 3].map((index) =>
    Math.max(...lines.map((cells) => (cells[index] as string).length))
  );
  return [
    ledgerTitle(ledger),
    ...lines.flatMap((cells) => {
      const start = widths.map((width, index) => {
        const cell = cells[index] as string;
        return index === 0 ? cell.padEnd(width) : cell.padStart(width);
      }).join(GAP);
      const indent = " ".repeat(start.length + GAP.length);
      const [first = "", ...further] = wrapped(cells[4] as string, indent);
      return [`${start}${first.slice(start.length)}`.trimEnd(), ...further];
    }),
  ];
}

/** The whole report as text. */
export function table(report: Report): string {
  const sections: readonly (readonly string[])[] = [
    [headline(report.conversation)],
    [TITLES.traffic, ...aligned(report, "traffic"), publishedLine(report)],
    [TITLES.parts, ...aligned(report, "parts")],
    titled("datagrams", report),
    [TITLES.deliveries, ...aligned(report, "deliveries")],
    ...report.ledgers.map(ledgerTable),
    report.ledgers.flatMap((each) =>
      wrapped(floorText(each, report.floors), "")
    ),
    report.breakEvens.flatMap((each) => wrapped(breakEvenText(each), "")),
    ...report.frames.map((pair) => [frameTitle(pair), ...sideBySide(pair)]),
    report.notes.flatMap(item),
  ];
  return sections.filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n")).join("\n\n");
}
