/**
 * The report as Markdown.
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

function piped(report: Report, table: Column["table"]): string {
  const columns = columnsOf(table);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ kind }) => kind === "name" ? "---" : "---:")),
    ...rowsOf(table, report.rows).map((row) =>
      line(columns.map(({ value, kind }) => written(value(row), kind)))
    ),
  ].join("\n");
}

function ledgerTable(ledger: Ledger): string {
  const [titles = [], ...lines] = ledgerLines(ledger);
  return [titles, ["---", "---:", "---:", "---:", "---"], ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The whole report as Markdown, headings from the second level on. */
export function markdown(report: Report): string {
  const sections: readonly string[] = [
    `${headline(report.conversation)}.`,
    `## ${TITLES.traffic}`,
    piped(report, "traffic"),
    `${publishedLine(report)}.`,
    `## ${TITLES.parts}`,
    piped(report, "parts"),
    ...rowsOf("datagrams", report.rows).length > 0
      ? [`## ${TITLES.datagrams}`, piped(report, "datagrams")]
      : [],
    `## ${TITLES.deliveries}`,
    piped(report, "deliveries"),
    ...report.ledgers.flatMap((ledger) => [
      `## ${ledgerTitle(ledger)}`,
      ledgerTable(ledger),
      floorText(ledger, report.floors),
    ]),
    "## Break-even and single messages",
    ...report.breakEvens.map(breakEvenText),
    ...report.frames.flatMap((pair) => [
      `${frameTitle(pair)}:`,
      ["```text", ...sideBySide(pair), "```"].join("\n"),
    ]),
    "## Where it differs from the published figures",
    report.notes.map((note) => `- ${note}`).join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}
