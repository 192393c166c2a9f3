/**
 * The signal that has a server look at its certificate again.
 *
 * @module
 */

import { isKeptOn } from "./signals.ts";

/**
 * Hears SIGHUP (which Windows has not) from when it is made until it is disposed
 * of. In that time the signal MUST NOT end the process: one that comes before
 * the start is done is remembered, and the rest is up to what was started.
 *
 * One of a terminal that is gone, in which the server was started, asks for
 * nothing to be read: nobody would know any more that the server is there.
 */
export class Reloads implements Disposable {
  #reload: (() => void) | undefined;
  /** Whether it was asked for before anything was there to reload. */
  #asked = false;
  readonly #atTerminal = Deno.stdin.isTerminal() && !isKeptOn();
  readonly #gone = Promise.withResolvers<"SIGHUP">();

  /** Resolves when the terminal is gone. */
  readonly terminalGone = this.#gone.promise;

  readonly #heard = () => {
    if (this.#atTerminal && !Deno.stdin.isTerminal()) {
      this.#gone.resolve("SIGHUP");
    } else if (this.#reload === undefined) this.#asked = true;
    else this.#reload();
  };

  constructor() {
    if (Deno.build.os === "windows") return;
    Deno.addSignalListener("SIGHUP", this.#heard);
  }

  /** The start is done: `reload` is what a signal calls for, also one before. */
  started(reload: () => void): void {
    this.#reload = reload;
    if (this.#asked) reload();
  }

  [Symbol.dispose](): void {
    if (Deno.build.os === "windows") return;
    Deno.removeSignalListener("SIGHUP", this.#heard);
  }
}
