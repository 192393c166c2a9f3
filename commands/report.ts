/**
 * How a failure is told at the terminal: two lines on stderr and an exit
 * status (docs/connect.md, "Exit statuses").
 *
 * @module
 */

import { FAILURES, UserError } from "../lib/net/mod.ts";
import { printable } from "../lib/wire/mod.ts";

/** What happened and what to try, as two lines without a line feed at the end. */
export function failureText({ message, advice }: UserError): string {
  return `chatp: ${printable(message)}\n  try: ${printable(advice)}`;
}

/** Prints a failure on stderr and sets the exit status that tells its kind. */
export function reportFailure(error: UserError): void {
  console.error(failureText(error));
  Deno.exitCode = error.status;
}

/**
 * Runs what a command does. A {@link UserError} is reported; anything else is
 * a bug of ours and goes on as it is, with its stack.
 */
export async function reporting(
  run: () => void | Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    reportFailure(error);
  }
}

/** Every exit status with its meaning, one a line, for `--help`. */
export function exitStatuses(): string {
  const meanings = new Map<number, string[]>([[0, ["all went well"]]]);
  for (const { status, title } of Object.values(FAILURES)) {
    meanings.set(status, [...meanings.get(status) ?? [], title]);
  }
  return [...meanings]
    .map(([status, titles]) =>
      `${String(status).padStart(3)}  ${titles.join("; ")}`
    )
    .join("\n");
}
