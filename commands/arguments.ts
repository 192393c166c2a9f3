/**
 * Checks of what stands on a command line beyond what the parser knows.
 *
 * @module
 */

import { nearest } from "../lib/client/mod.ts";
import { UserError, usualFolder } from "../lib/net/mod.ts";

/** What `--data` is for, and which folder it is without. */
export function folderHelp(what: string): string {
  return `${what}; without it ${usualFolder()}.`;
}

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
  getCommands(): readonly { getName(): string }[];
  getParent(): Parsed | undefined;
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
 * The option or command of which the parser says that it is unknown, with our
 * guess: its own may be far from it. Undefined where it says something else.
 */
export function unknownWord(
  command: Parsed,
  text: string,
): UserError | undefined {
  const [, kind, word = ""] =
    /^Unknown (option|command) "(.*?)"\.(?: Did you mean .*)?$/s.exec(text) ??
      [];
  switch (kind) {
    case "option":
      return unknownOption(command, word);
    case "command":
      return unknown(command, kind, word, commandsOf(command));
    default:
      return undefined;
  }
}

/** The names of its commands; help, which has none, explains its parent's. */
function commandsOf(command: Parsed): string[] {
  const own = command.getCommands();
  const commands = own.length > 0 ? own : command.getParent()?.getCommands();
  return commands?.map((each) => each.getName()) ?? [];
}

function unknownOption(command: Described, wrong: string): UserError {
  const [flag = wrong] = wrong.split("=", 1);
  const names = command.getOptions().map(({ name }) => name);
  return unknown(command, "option", flag, names);
}

function unknown(
  command: Described,
  kind: "option" | "command",
  word: string,
  known: readonly string[],
): UserError {
  const guess = nearest(word.replace(/^-+/, ""), known);
  const dashes = kind === "option" ? "--" : "";
  const suggestion = guess === undefined
    ? ""
    : `. Did you mean ${kind} "${dashes}${guess}"?`;
  return new UserError("usage", `Unknown ${kind} "${word}"${suggestion}`, {
    advice: `See ${command.getPath()} --help`,
  });
}
