/**
 * What a server says on standard output and standard error: whoever reads it
 * slowly, or not at all, MUST NOT keep the server from anything.
 *
 * @module
 */

import { LineQueue } from "../lib/server/line_queue.ts";
import type { Logger } from "../lib/server/mod.ts";
import { reportFailure, reporting } from "./report.ts";
import { wrapped } from "./session_world.ts";

/** How long the end waits for either to be read, ms. */
const PATIENCE = 1_000;

/** Both of them. */
export class ServeOutput {
  /** Tells of lines that were dropped. */
  logger: Logger | undefined;
  readonly #out = this.#queue(Deno.stdout);
  readonly #err = this.#queue(Deno.stderr);

  /** A line of the log. */
  readonly line = (text: string): void => this.#out.push(text);

  /** A line on standard error. */
  readonly notice = (text: string): void => this.#err.push(text);

  /** Waits until all was read; false when nobody reads it. */
  async read(): Promise<boolean> {
    const out = await inTime(this.#out.emptied());
    return await inTime(this.#err.emptied()) && out;
  }

  #queue(stream: { write(bytes: Uint8Array): Promise<number> }): LineQueue {
    return new LineQueue({
      // Not `console.log`, which stops the thread until somebody reads.
      write: (bytes) => stream.write(bytes),
      dropped: (count) =>
        this.logger?.error(
          `${count} line${count === 1 ? "" : "s"} of the log dropped: ` +
            "nobody read it",
        ),
    });
  }
}

/** Whether it is done while there is patience. */
async function inTime(work: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PATIENCE);
  const done = work.then(() => true);
  try {
    return await Promise.race([done, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a server as `reporting` does; what nobody reads does not keep its end. */
export async function serving(
  run: (output: ServeOutput) => Promise<void>,
): Promise<void> {
  const output = new ServeOutput();
  let read = true;
  try {
    await reporting(() => run(output), async (error) => {
      // In order, where both are the same terminal.
      await output.read();
      reportFailure(error, (text) => output.notice(wrapped(text)));
    });
  } finally {
    read = await output.read();
  }
  // A write that is under way would keep the process.
  if (!read) Deno.exit();
}
