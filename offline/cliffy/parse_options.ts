/**
 * Reads the options of a command line by means of `commander`, and gives them
 * the meaning that `@cliffy/command` gives them.
 */
import { Command as Reader, CommanderError, Option as Flag } from "commander";
import {
  type Argument,
  hasName,
  type Option,
  propertyOf,
} from "./definition.ts";
import {
  flagOf,
  missingArguments,
  unknownOption,
  ValidationError,
} from "./errors.ts";

/** Turns a text into the value of an option or argument. */
export type ParseValue = (
  label: "Option" | "Argument",
  name: string,
  argument: Argument,
  text: string,
) => unknown;

/** What was found so far. */
export interface Found {
  /** By property: `{ port: 7000 }`. */
  values: Record<string, unknown>;
  /** The options that were given, not those with a default only. */
  given: Set<Option>;
}

function take(
  option: Option,
  text: string | null,
  parse: ParseValue,
  found: Found,
): void {
  const property = propertyOf(option);
  const previous = found.values[property];
  if (previous !== undefined && !option.collect) {
    throw new ValidationError(
      `Option "${
        flagOf(option.name).replace(/^--no-/, "--")
      }" can only occur once, but was found several times.`,
    );
  }
  const [argument] = option.args;
  let value: unknown = !option.name.startsWith("no-");
  if (argument && text !== null) {
    value = parse("Option", `--${option.name}`, argument, text);
  } else if (argument && option.default !== undefined) {
    value = defaultOf(option);
  }
  if (option.value) value = option.value(value, previous);
  else if (option.collect) value = [...(previous as unknown[] ?? []), value];
  found.values[property] = value;
  found.given.add(option);
}

/**
 * Reads the options among `words` into `found`.
 *
 * @param leading stop at the first word that is none of these options
 * @returns the other words, in order
 */
export function readOptions(
  words: readonly string[],
  options: readonly Option[],
  parse: ParseValue,
  found: Found,
  leading = false,
): string[] {
  const reader = new Reader().helpOption(false).allowUnknownOption()
    .exitOverride().configureOutput({ writeErr: () => {} });
  if (leading) reader.passThroughOptions();
  for (const option of options) {
    const [argument] = option.args;
    const value = argument && (argument.optional ? " [value]" : " <value>");
    for (const name of option.flags) {
      const flag = new Flag(name + (value ?? ""));
      reader.addOption(flag);
      reader.on(
        `option:${flag.name()}`,
        (text: string | null) => take(option, text, parse, found),
      );
    }
  }
  try {
    const { operands, unknown } = reader.parseOptions([...words]);
    return [...operands, ...unknown];
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const name = /'(-[^ ']+)/.exec(error.message)?.[1] ?? "";
    const option = options.find((one) => one.flags.includes(name));
    throw new ValidationError(
      `Missing value for option "${flagOf(option?.name ?? name)}".`,
      { cause: error },
    );
  }
}

/** Refuses a word that looks like an option but is none, or takes no value. */
export function refuseOption(word: string, options: Option[]): void {
  const [flag = "", ...value] = word.split("=");
  const option = options.find((one) => one.flags.includes(flag));
  if (!option) throw unknownOption(word, options);
  throw new ValidationError(
    `Option "${flagOf(option.name)}" doesn't take a value, but got "${
      value.join("=")
    }".`,
  );
}

/** Whether a word looks like an option. */
export function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

/**
 * Gives the words to the arguments, one by one. As in the package, a word with
 * a dash that is no option is a value as long as an argument is missing.
 *
 * @throws {ValidationError} if there are too many or too few
 */
export function readValues(
  words: readonly string[],
  definitions: Argument[],
  options: Option[],
  parse: ParseValue,
): unknown[] {
  const values: unknown[] = [];
  for (const word of words) {
    const next = definitions[values.length] ?? definitions.at(-1);
    const argument = values.length < definitions.length || next?.variadic
      ? next
      : undefined;
    if (
      isFlag(word) &&
      (!argument ||
        options.some((one) => one.flags.includes(word.split("=")[0]!)))
    ) {
      refuseOption(word, options);
    }
    if (!argument) throw new ValidationError(`Too many arguments: ${word}`);
    if (argument.optional && word === "") values.push(undefined);
    else values.push(parse("Argument", argument.name, argument, word));
  }
  return values;
}

/** Refuses a command line without its required arguments. */
export function checkValues(values: unknown[], definitions: Argument[]): void {
  const missing = definitions
    .filter(({ optional }, index) => !optional && values[index] === undefined);
  if (missing.length > 0) throw missingArguments(missing, values.length);
}

function defaultOf(option: Option): unknown {
  return typeof option.default === "function"
    ? option.default()
    : option.default;
}

/** Fills in the defaults; a lone `--no-x` makes `x` true unless given. */
export function fillDefaults(options: Option[], found: Found): void {
  for (const option of options) {
    const property = propertyOf(option);
    if (found.values[property] !== undefined) continue;
    const negation = option.name.startsWith("no-") &&
      !options.some((one) => hasName(one, option.name.slice(3)));
    const value = defaultOf(option) ?? (negation ? true : undefined);
    if (value === undefined) continue;
    found.values[property] = option.value ? option.value(value) : value;
  }
}

/** Checks what options say about each other, and that required ones are there. */
export function checkOptions(options: Option[], found: Found): void {
  const given = [...found.given];
  const isGiven = (name: string) => given.some((one) => hasName(one, name));
  for (const option of given) {
    const flag = flagOf(option.name);
    if (option.standalone && given.length > 1) {
      throw new ValidationError(
        `Option "${flag}" cannot be combined with other options.`,
      );
    }
  }
  if (given.some(({ standalone }) => standalone)) return;
  for (const option of given) {
    const flag = flagOf(option.name);
    const conflict = option.conflicts?.find(isGiven);
    if (conflict !== undefined) {
      throw new ValidationError(
        `Option "${flag}" conflicts with option "${flagOf(conflict)}".`,
      );
    }
    const missing = option.depends?.find((name) => {
      const other = options.find((one) => hasName(one, name));
      return !other || found.values[propertyOf(other)] === undefined;
    });
    if (missing !== undefined) {
      throw new ValidationError(
        `Option "${flag}" depends on option "${flagOf(missing)}".`,
      );
    }
  }
  for (const option of options) {
    if (!option.required || propertyOf(option) in found.values) continue;
    if (option.conflicts?.some(isGiven)) continue;
    if (given.some((one) => one.conflicts?.some((n) => hasName(option, n)))) {
      continue;
    }
    throw new ValidationError(
      `Missing required option "${flagOf(option.name)}".`,
    );
  }
}
