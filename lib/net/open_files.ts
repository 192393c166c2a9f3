/**
 * How many files and sockets this process may have open. When they run out,
 * Deno's listener stops without a word and never accepts again: whoever listens
 * MUST keep away from the limit by itself.
 *
 * @module
 */

import { UserError } from "./failure.ts";

/** The limit of this process (`ulimit -n`); Infinity where it is not known. */
export function openFilesLimit(): number {
  let limits: string;
  try {
    limits = Deno.readTextFileSync("/proc/self/limits");
  } catch {
    // Linux alone has that file.
    return Infinity;
  }
  return parseOpenFiles(limits);
}

/** Reads the limit out of /proc/PID/limits (proc(5)); the soft one holds. */
export function parseOpenFiles(limits: string): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? Infinity : Number(soft);
}

/** Connections that wait to be accepted, where nothing is scarce. */
const BACKLOG = 511;

/** What is left for the store, the log, and whatever else is opened. */
const OTHER_FILES = 64;

/** With these one connection fits: those that may wait get half of them. */
const LEAST_FILES = 2 * OTHER_FILES + 1;

/**
 * How many connections may wait to be accepted. All of them can be accepted at
 * once, before anything can be done about it.
 */
export function backlogWithin(openFiles: number): number {
  return Math.min(BACKLOG, Math.floor(openFiles / 4));
}

/**
 * How many connections fit, when as many as may wait come on top of them.
 *
 * @throws {UserError} too_few_files, when that is none.
 */
export function connectionsThatFit(openFiles: number): number {
  const fit = openFiles - 2 * backlogWithin(openFiles) - OTHER_FILES;
  if (fit > 0) return fit;
  throw new UserError(
    "too_few_files",
    `At most ${openFiles} files may be open, and a server needs ${LEAST_FILES}`,
  );
}

/** How many files may have to be open for so many connections. */
export function openFilesFor(connections: number): number {
  return connections + 2 * BACKLOG + OTHER_FILES;
}
