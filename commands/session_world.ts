/**
 * What `chatp connect` gives a client of the world: time, standard output and
 * standard error.
 *
 * @module
 */

import { type Clock, wrapLines } from "../lib/client/mod.ts";
import { UserError } from "../lib/net/mod.ts";

/** The computer's time. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  after(delay, run) {
    // A process that was stopped may be late for what it is to do.
    const timer = setTimeout(run, Math.max(0, delay));
    return () => clearTimeout(timer);
  },
};

/** Writes all of it to standard output. */
export async function writeOut(bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await Deno.stdout.write(bytes.subarray(sent));
  }
}

/**
 * Lines as they are to stand on standard error; at a terminal broken between
 * words, where it says how wide it is.
 */
export function wrapped(text: string): string {
  const columns = Deno.stderr.isTerminal() ? Deno.consoleSize().columns : 0;
  return columns > 0 ? wrapLines(text, columns) : text;
}

/** Writes lines to standard error, {@link wrapped}. */
export function complain(text: string): void {
  console.error(wrapped(text));
}

/** The longest that an option in seconds may say: what a timer can wait. */
const MOST_SECONDS = 2_147_483;

/**
 * Checks an option in seconds of a command; gives ms.
 *
 * @throws {UserError} usage.
 */
export function milliseconds(
  name: string,
  seconds: number,
  least: number,
  command = "chatp connect",
): number {
  if (seconds >= least && seconds <= MOST_SECONDS) return seconds * 1000;
  throw new UserError(
    "usage",
    `${name} takes ${least} to ${MOST_SECONDS} seconds, not ${seconds}`,
    { advice: `See ${command} --help` },
  );
}
