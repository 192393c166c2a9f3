/** The plain last lines of a test run, made from what `deno test` printed. */

/** How many tests a run had. */
export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
}

// deno-lint-ignore no-control-regex -- colours are control sequences
const COLOURS = /\x1b\[[0-9;]*m/g;
const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/;

/** Reads a line of `deno test`; `undefined` unless it is its summary. */
export function readSummary(line: string): Summary | undefined {
  const found = SUMMARY.exec(line.replace(COLOURS, "").trim());
  if (!found) return undefined;
  const [passed = 0, failed = 0, skipped = 0] = found.slice(1)
    .map((count) => Number(count ?? 0));
  return { passed, failed, skipped };
}

/**
 * The lines for a run that ended with `code`, the last one always of the form
 * `N passed, N failed`. A run that failed before its first test, by a type
 * error for example, counts as one failure.
 */
export function summaryLines(
  summary: Summary | undefined,
  code: number,
): string {
  const { passed, failed, skipped } = summary ??
    { passed: 0, failed: 0, skipped: 0 };
  const failures = code !== 0 && failed === 0 ? 1 : failed;
  const skips = skipped > 0
    ? `${skipped} skipped, each with the reason in its name\n`
    : "";
  return `${skips}${passed} passed, ${failures} failed`;
}
