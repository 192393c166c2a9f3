/** The errors of a wrongly used command, worded as `@cliffy/command` does. */
import type { Argument, Option } from "./definition.ts";

/** The person gave wrong arguments; `exitCode` is the status to end with. */
export class ValidationError extends Error {
  readonly exitCode: number;
  /** The command that was used wrongly. */
  // deno-lint-ignore no-explicit-any -- any command, whatever its options
  cmd?: any;

  constructor(
    message: string,
    options: { exitCode?: number; cause?: unknown } = {},
  ) {
    super(
      message,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.exitCode = options.exitCode ?? 2;
  }
}

/** The name of an option as one types it: `port` is `--port`. */
export function flagOf(name: string): string {
  if (name.startsWith("-")) return name;
  return name.length > 1 ? `--${name}` : `-${name}`;
}

/** Levenshtein distance: how many characters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(
        row[j]! + (left === b[j] ? 0 : 1),
        row[j + 1]! + 1,
        next[j]! + 1,
      ));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function didYouMean(kind: string, word: string, known: string[]): string {
  const [nearest] = known
    .map((name): [string, number] => [
      name,
      distance(word.toLowerCase(), name.toLowerCase()),
    ])
    .sort(([, left], [, right]) => left - right);
  return nearest ? ` Did you mean ${kind} "${nearest[0]}"?` : "";
}

/** No such option. */
export function unknownOption(given: string, options: Option[]): Error {
  const flag = flagOf(given.split("=")[0] ?? given);
  const known = options
    .flatMap(({ name, aliases = [] }) => [name, ...aliases]).map(flagOf);
  return new ValidationError(
    `Unknown option "${flag}".${didYouMean("option", flag, known)}`,
  );
}

/** No such command. */
export function unknownCommand(given: string, names: string[]): Error {
  return new ValidationError(
    `Unknown command "${given}".${didYouMean("command", given, names)}`,
  );
}

/** A value that does not fit its type. */
export function invalidValue(
  label: "Option" | "Argument",
  name: string,
  type: string,
  value: string,
  expected?: readonly unknown[],
): Error {
  const values = expected?.map((one) => `"${one}"`).join(", ");
  return new ValidationError(
    `${label} "${name}" must be of type "${type}", but got "${value}".` +
      (values ? ` Expected values: ${values}` : ""),
  );
}

/** Required arguments that are not there: none at all, or one of several. */
export function missingArguments(missing: Argument[], given: number): Error {
  const names = missing.map(({ name }) => name);
  return new ValidationError(
    given === 0
      ? `Missing argument(s): ${names.join(", ")}`
      : `Missing argument: ${names[0]}`,
  );
}
