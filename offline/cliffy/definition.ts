/** Options and arguments as `@cliffy/command` defines them, read from text. */

/** One value that a command or an option takes. */
export interface Argument {
  name: string;
  type: string;
  /** The completion to use; the type, if none is named. */
  action: string;
  description?: string;
  optional: boolean;
  variadic: boolean;
  /** Values separated by commas. */
  list: boolean;
  /** As it was written: `<port:integer>`. */
  raw: string;
}

/** What may be said about an option besides its flags. */
export interface OptionSettings {
  default?: unknown;
  collect?: boolean;
  required?: boolean;
  hidden?: boolean;
  global?: boolean;
  standalone?: boolean;
  /** Names of options that cannot be given together with it. */
  conflicts?: string[];
  /** Names of options that must be given together with it. */
  depends?: string[];
  // deno-lint-ignore no-explicit-any -- its type follows from the flags
  value?: (value: any, previous?: any) => unknown;
  action?: () => unknown;
}

/** An option of a command. */
export interface Option extends OptionSettings {
  /** The first long name, without dashes: `port`. */
  name: string;
  /** The other names, without dashes: `p`. */
  aliases?: string[];
  /** As one types them: `-p`, `--port`. */
  flags: string[];
  description: string;
  /** The value it takes, as it was written: `<port:integer>`. */
  typeDefinition: string;
  args: Argument[];
}

const ARGUMENT = /^([<[])([^:]+?)(?::([^:[\]]+)(\[\])?)?(?::(.+))?[>\]]$/;

/** Reads `<user:string> [files...:file]`; words without brackets are left out. */
export function readArguments(
  definition: string,
  descriptions: string[] = [],
): Argument[] {
  const words = definition.split(/ +/).filter(Boolean);
  return words.flatMap((raw, index) => {
    const [, bracket, name = "", type = "string", list, action] =
      ARGUMENT.exec(raw) ?? [];
    if (!bracket) return [];
    const description = descriptions[index];
    return [{
      name: name.replaceAll("...", ""),
      type,
      action: action ?? type,
      ...(description !== undefined && { description }),
      optional: bracket === "[",
      variadic: name.includes("..."),
      list: Boolean(list),
      raw,
    }];
  });
}

/** Reads `-p, --port <port:integer>`. */
export function readOption(
  definition: string,
  description: string,
  settings: OptionSettings,
): Option {
  const words = definition.trim().split(/[, =]+/);
  const start = words.findIndex((word) => !word.startsWith("-"));
  const flags = start < 0 ? words : words.slice(0, start);
  const typeDefinition = start < 0 ? "" : words.slice(start).join(" ");
  const names = flags.map((flag) => flag.replace(/^--?/, ""));
  const first = Math.max(0, flags.findIndex((flag) => flag.startsWith("--")));
  const aliases = names.filter((_, index) => index !== first);
  return {
    ...settings,
    name: names[first] ?? "",
    ...(aliases.length > 0 && { aliases }),
    flags,
    description,
    typeDefinition,
    args: readArguments(typeDefinition),
  };
}

/** The property that holds an option's value: `no-my-flag` gives `myFlag`. */
export function propertyOf(option: Option): string {
  return option.name.replace(/^no-/, "")
    .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether one of the option's names is this one. */
export function hasName(option: Option, name: string): boolean {
  const bare = name.replace(/^--?/, "");
  return option.name === bare || (option.aliases ?? []).includes(bare);
}
