/**
 * Checks of what stands on a command line beyond what the parser knows.
 *
 * @module
 */

import { nearest } from "../lib/client/mod.ts";
import { UserError } from "../lib/net/mod.ts";

/** What is needed of a command. */
interface Described {
  getPath(): string;
  getOptions(): readonly { readonly name: string }[];
}

/**
 * Refuses arguments with a dash in front: the parser takes a mistyped option
 * for a value where an argument is missing, and no argument of ours begins so.
 * `-` alone, standard input, is one.
 *
 * @throws {UserError} usage
 */
export function refuseOptions(
  command: Described,
  values: readonly (string | number | undefined)[],
): void {
  const wrong = values.find((value): value is string =>
    typeof value === "string" && /^-./.test(value)
  );
  if (wrong === undefined) return;
  const [flag = wrong] = wrong.split("=", 1);
  const guess = nearest(
    flag.replace(/^-+/, ""),
    command.getOptions().map(({ name }) => name),
  );
  const suggestion = guess === undefined
    ? ""
    : `. Did you mean option "--${guess}"?`;
  throw new UserError("usage", `Unknown option "${flag}"${suggestion}`, {
    advice: `See ${command.getPath()} --help`,
  });
}
