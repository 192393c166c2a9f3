/**
 * Job control: stopping, until a shell goes on with what it has started.
 *
 * @module
 */

/**
 * What stops all processes of the shell's job that this one is of; undefined
 * where no shell could go on with them.
 */
export function stopSignal(): Deno.Signal | undefined {
  if (Deno.build.os === "windows") return undefined;
  let stat: string;
  try {
    stat = Deno.readTextFileSync("/proc/self/stat");
  } catch {
    // Not Linux. This one is ignored where no shell could go on.
    return "SIGTSTP";
  }
  // Its name, in which anything may stand, then proc(5): state, parent, process
  // group, session. A shell puts each job into a group of its own.
  const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // SIGTSTP would not stop who passes signals on, such as `deno task`.
  return group === session ? undefined : "SIGSTOP";
}

/** Stops the job; comes back when it goes on. */
export function stopJob(signal: Deno.Signal): void {
  // To everybody in this process group, kill(2).
  Deno.kill(0, signal);
}
