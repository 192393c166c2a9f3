/**
 * How many files and sockets this process may have open. When they run out,
 * Deno's listener stops without a word and never accepts again: whoever listens
 * MUST keep away from the limit by itself.
 *
 * @module
 */

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

/**
 * How many connections may wait to be accepted. All of them can be accepted at
 * once, before anything can be done about it.
 */
export function backlogWithin(openFiles: number): number {
  return Math.min(BACKLOG, Math.floor(openFiles / 4));
}

/** How many connections fit, when as many as may wait come on top of them. */
export function connectionsThatFit(openFiles: number): number {
  return Math.max(1, openFiles - 2 * backlogWithin(openFiles) - OTHER_FILES);
}

/** How many files may have to be open for so many connections. */
export function openFilesFor(connections: number): number {
  return connections + 2 * BACKLOG + OTHER_FILES;
}
