/**
 * The report for a terminal: aligned, at most 100 columns wide.
 *
 * @module
 */

import { type Column, columnsOf, rowsOf } from "./columns.ts";
import { sideBySide } from "./frames.ts";
import { floorText, type Ledger, ledgerLines, ledgerTitle } from "./ledger.ts";
import { aligned, GAP, item, wrapped } from "./layout.ts";
import type { Report } from "./report.ts";
import {
  breakEvenText,
  frameTitle,
  headline,
  publishedLine,
  TITLES,
} from "./wording.ts";

/** One of the report's tables; nothing where it has no rows. */
function figures(report: Report, table: Column["table"]): string[] {
  const rows = rowsOf(table, report.rows);
  return rows.length === 0 ? [] : aligned(columnsOf(table), rows);
}

/** A table that not every report has. */
function titled(table: Column["table"], report: Report): string[] {
  const lines = figures(report, table);
  return lines.length === 0 ? [] : [TITLES[table], ...lines];
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
    [TITLES.traffic, ...figures(report, "traffic"), publishedLine(report)],
    [TITLES.parts, ...figures(report, "parts")],
    titled("datagrams", report),
    [TITLES.deliveries, ...figures(report, "deliveries")],
    ...report.ledgers.map(ledgerTable),
    report.ledgers.map((each) => floorText(each, report.floors))
      .filter((text) => text !== "").flatMap((text) => wrapped(text, "")),
    report.breakEvens.flatMap((each) => wrapped(breakEvenText(each), "")),
    ...report.frames.map((pair) => [frameTitle(pair), ...sideBySide(pair)]),
    report.notes.flatMap(item),
  ];
  return sections.filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n")).join("\n\n");
}
