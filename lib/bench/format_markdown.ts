/**
 * The report as Markdown.
 *
 * @module
 */

import { type Column, columnsOf, rowsOf } from "./columns.ts";
import { sideBySide } from "./frames.ts";
import { floorText, type Ledger, ledgerLines, ledgerTitle } from "./ledger.ts";
import { piped } from "./layout.ts";
import type { Report } from "./report.ts";
import {
  breakEvenText,
  frameTitle,
  headline,
  publishedLine,
  TITLES,
} from "./wording.ts";

/** One of the report's tables. */
function figures(report: Report, table: Column["table"]): string {
  return piped(columnsOf(table), rowsOf(table, report.rows));
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
    figures(report, "traffic"),
    `${publishedLine(report)}.`,
    `## ${TITLES.parts}`,
    figures(report, "parts"),
    ...rowsOf("datagrams", report.rows).length > 0
      ? [`## ${TITLES.datagrams}`, figures(report, "datagrams")]
      : [],
    `## ${TITLES.deliveries}`,
    figures(report, "deliveries"),
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
