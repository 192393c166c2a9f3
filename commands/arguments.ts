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
  throw unknownOption(command, wrong);
}

/** What is needed of a command that was used wrongly. */
interface Parsed extends Described {
  getOptions(): readonly {
    readonly name: string;
    readonly flags: readonly string[];
  }[];
  getArguments(): readonly unknown[];
  getRawArgs(): readonly string[];
}

/**
 * The mistyped option for which the parser found fault with the arguments: it
 * takes the option and its value for two of them, and counts and checks those
 * first. Undefined where there is none.
 */
export function mistypedOption(command: Parsed): UserError | undefined {
  if (command.getArguments().length === 0) return undefined;
  const words = command.getRawArgs();
  const end = words.indexOf("--");
  const known = new Set(command.getOptions().flatMap(({ flags }) => flags));
  const wrong = words.slice(0, end < 0 ? words.length : end).find((word) =>
    /^--?[a-z]/i.test(word) && !known.has(word.split("=", 1)[0] ?? "")
  );
  return wrong === undefined ? undefined : unknownOption(command, wrong);
}

/**
 * What the parser says of a word that it does not know, without a guess that is
 * far from that word: it always has one.
 */
export function withoutFarGuess(text: string): string {
  const [, told = text, word = "", guess = ""] =
    /^(Unknown \w+ "(.*)")\. Did you mean \w+ "(.*)"\?$/s.exec(text) ?? [];
  return nearest(bare(word), [bare(guess)]) === undefined ? told : text;
}

const bare = (flag: string) => flag.replace(/^-+/, "");

function unknownOption(command: Described, wrong: string): UserError {
  const [flag = wrong] = wrong.split("=", 1);
  const guess = nearest(
    bare(flag),
    command.getOptions().map(({ name }) => name),
  );
  const suggestion = guess === undefined
    ? ""
    : `. Did you mean option "--${guess}"?`;
  return new UserError("usage", `Unknown option "${flag}"${suggestion}`, {
    advice: `See ${command.getPath()} --help`,
  });
}
