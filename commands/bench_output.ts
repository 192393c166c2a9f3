/**
 * What `chatp bench` and its commands share of their output: the progress bar,
 * and where the report goes.
 *
 * @module
 */

import { ProgressBar } from "@std/cli/unstable-progress-bar";
import { fileErrorMessage, UserError } from "../lib/net/mod.ts";

/** Between two drawings of the progress bar, ms. */
const REDRAW = 100;

/** A progress bar. */
export interface Progress {
  /** `share`: what is done, 0 to 1; `doing`: what is going on. */
  show(share: number, doing?: string): void;
  stop(): Promise<void>;
}

/** A progress bar on a terminal, nothing elsewhere. */
export function progress(): Progress {
  if (!Deno.stderr.isTerminal()) {
    return { show: () => {}, stop: () => Promise.resolve() };
  }
  let what = "";
  const bar = new ProgressBar({
    writable: Deno.stderr.writable,
    max: 1,
    clear: true,
    interval: REDRAW,
    formatter: ({ styledTime, progressBar, value }) =>
      `[${styledTime}] [${progressBar}] ${Math.floor(value * 100)} %${what}`,
  });
  return {
    show: (share, doing) => {
      bar.value = share;
      what = doing === undefined ? "" : ` ${doing}`;
    },
    stop: () => bar.stop(),
  };
}

/** Does what writes the report's file. */
async function writing(output: string, write: () => Promise<void>) {
  try {
    await write();
  } catch (cause) {
    throw new UserError(
      "file_unwritable",
      `The report can't be written to ${output}: ${fileErrorMessage(cause)}`,
      { advice: "Choose another file with --output", cause },
    );
  }
}

/** Nobody waits for a run whose report could not be written. Changes nothing. */
export async function checkWritable(output: string): Promise<void> {
  await writing(output, async () => {
    const isThere = await Deno.stat(output).then(() => true, () => false);
    (await Deno.open(output, { append: true, create: true })).close();
    if (!isThere) await Deno.remove(output);
  });
}

/** Prints a report, or writes it to a file. */
export async function deliver(text: string, output?: string): Promise<void> {
  if (output === undefined) return console.log(text);
  await writing(output, () => Deno.writeTextFile(output, `${text}\n`));
}
