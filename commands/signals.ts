/**
 * The signals by which a person or the system ends a command.
 *
 * @module
 */

/** What ends a command on this system. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Exit status of a process that was cut short, as of a SIGINT. */
export const CUT_SHORT = 130;

/** A wait for the first signal; a second one ends the process at once. */
export interface Ending extends Disposable {
  /** Resolves with the name of the first signal. */
  readonly signal: Promise<Deno.Signal>;
}

/** Listens for the signals that end a command, until it is disposed of. */
export function ending(): Ending {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let asked = false;
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      if (asked) Deno.exit(CUT_SHORT);
      asked = true;
      resolve(name);
    };
    Deno.addSignalListener(name, handler);
    return () => Deno.removeSignalListener(name, handler);
  });
  return {
    signal: promise,
    [Symbol.dispose]: () => handlers.forEach((remove) => remove()),
  };
}
