/**
 * The options of what a `deno task` runs: `--help` prints what there is, and a
 * mistake is told in a line.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T }>
>["values"];

/**
 * Reads the command line. `--help` prints `usage` and ends the process; an
 * option that there is not, or one without its value, ends it with status 2.
 */
export function taskOptions<const T extends Options>(
  usage: string,
  options: T,
): Values<T> {
  if (Deno.args.includes("--help")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    return parseArgs({ args: Deno.args, options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message.split(". ")[0]}\n${usage}`);
    Deno.exit(2);
  }
}
