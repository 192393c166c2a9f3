/**
 * The signals by which a person or the system ends a command.
 *
 * @module
 */

/** What ends a command on this system. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** What a terminal that is gone sends, on this system. */
const HANGUP: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGHUP"];

/** Its bit in the masks of /proc, proc(5). */
const HANGUP_BIT = 1n;

/** Whether this process was started to outlive its terminal, as by nohup. */
export function isKeptOn(): boolean {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    const ignored = /^SigIgn:\s*([\da-f]+)$/m.exec(status)?.[1] ?? "0";
    return (BigInt(`0x${ignored}`) & HANGUP_BIT) !== 0n;
  } catch {
    // Not Linux: that can't be known.
    return false;
  }
}

/** Exit status of a process that was cut short, as of a SIGINT. */
export const CUT_SHORT = 130;

/** A wait for the first signal; a second one ends the process at once. */
export interface Ending extends Disposable {
  /** Resolves with the name of the first signal. */
  readonly signal: Promise<Deno.Signal>;
}

/**
 * Listens for the signals that end a command, until it is disposed of. With
 * `hangup` a terminal that is gone is one of them, but not under nohup.
 */
export function ending({ hangup = false } = {}): Ending {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let asked = false;
  const listen = (name: Deno.Signal, handler: () => void) => {
    Deno.addSignalListener(name, handler);
    return () => Deno.removeSignalListener(name, handler);
  };
  const end = (name: Deno.Signal) =>
    listen(name, () => {
      if (asked) Deno.exit(CUT_SHORT);
      asked = true;
      resolve(name);
    });
  // Deno takes up SIGHUP with the first listener for whatever signal, and then
  // ends of it: to go on ignoring it takes a listener too.
  const ignore = (name: Deno.Signal) => listen(name, () => {});
  const hung = hangup ? HANGUP.map(isKeptOn() ? ignore : end) : [];
  const handlers = [...hung, ...SIGNALS.map(end)];
  return {
    signal: promise,
    [Symbol.dispose]: () => handlers.forEach((remove) => remove()),
  };
}
