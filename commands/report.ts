/**
 * How a failure is told at the terminal: two lines on stderr and an exit
 * status (docs/connect.md, "Exit statuses").
 *
 * @module
 */

import { type FailureKind, FAILURES, UserError } from "../lib/net/mod.ts";
import { printable } from "../lib/wire/mod.ts";
import { complain } from "./session_world.ts";

/** What happened and what to try, as two lines without a line feed at the end. */
export function failureText({ message, advice }: UserError): string {
  return `chatp: ${printable(message)}\n  try: ${printable(advice)}`;
}

/** Tells a failure, on stderr, and sets the exit status that tells its kind. */
export function reportFailure(
  error: UserError,
  tell: (text: string) => void = complain,
): void {
  tell(failureText(error));
  Deno.exitCode = error.status;
}

/**
 * Runs what a command does. A {@link UserError} is handed to `report`; anything
 * else is a bug of ours and goes on as it is, with its stack.
 */
export async function reporting(
  run: () => void | Promise<void>,
  report: (error: UserError) => void | Promise<void> = (error) =>
    reportFailure(error),
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await report(error);
  }
}

/** Writes a line to standard output, as long as that is there. */
export function writeLine(line: string): void {
  try {
    console.log(line);
  } catch {
    // Its reader or its terminal is gone, and with it whom to tell so. What is
    // being done goes on, or ends as it should.
  }
}

/** The exit statuses of these failures, one a line, for `--help`. */
export function exitStatuses(kinds: readonly FailureKind[]): string {
  const failures = kinds.map((kind) => FAILURES[kind]);
  return [{ status: 0, title: "all went well" }, ...failures]
    .map(({ status, title }) => `${String(status).padStart(3)}  ${title}`)
    .join("\n");
}
