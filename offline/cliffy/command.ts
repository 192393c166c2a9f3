/**
 * Stand-in for `@cliffy/command`: the commands, options and arguments that
 * `chatp` uses, over `npm:commander`. See `inference.ts` for the types,
 * `parse_options.ts` for the reading and `help_text.ts` for the help.
 */
import {
  type Argument,
  hasName,
  type Option,
  type OptionSettings,
  readArguments,
  readOption,
} from "./definition.ts";
import { unknownCommand, ValidationError } from "./errors.ts";
import { describe, type HelpOptions, helpText } from "./help_text.ts";
import type {
  ArgumentsOf,
  Flat,
  Merge,
  OptionValue,
  WithOption,
} from "./inference.ts";
import {
  checkOptions,
  checkValues,
  fillDefaults,
  type Found,
  isFlag,
  type ParseValue,
  readOptions,
  readValues,
  refuseOption,
} from "./parse_options.ts";
import { builtInTypes, EnumType, type Type } from "./types.ts";

export type { Argument, HelpOptions, Option };
export { EnumType, ValidationError };

/** A command, whatever its options and arguments. */
// deno-lint-ignore no-explicit-any -- that is what "whatever" means
export type AnyCommand = Command<any, any, any, any, any, any>;

/** What a parsed command line came to. */
export interface CommandResult<Options, Arguments> {
  options: Options;
  args: Arguments;
  cmd: AnyCommand;
  /** The words after `--`. */
  literal: string[];
}

/** What an error handler may look at besides the error. */
export interface ErrorContext {
  options: Record<string, unknown>;
  args: unknown[];
}

/** Hears of an error before it is printed or thrown. */
export type ErrorHandler = (
  error: Error | ValidationError,
  cmd: AnyCommand,
  context: ErrorContext,
) => unknown;

/** What is known about a command: all that its methods set. */
class Settings {
  name = "COMMAND";
  version: string | undefined;
  description: string | (() => string) = "";
  usage: string | undefined;
  aliases: string[] = [];
  args: Argument[] = [];
  options: Option[] = [];
  commands: AnyCommand[] = [];
  types = new Map<string, Type<unknown>>();
  meta: Record<string, string> = {};
  examples: { name: string; description: string }[] = [];
  help: HelpOptions = {};
  hidden = false;
  global = false;
  noGlobals = false;
  hasDefaults = false;
  throwErrors: boolean | undefined;
  noExit: boolean | undefined;
  errorHandler: ErrorHandler | undefined;
  // deno-lint-ignore no-explicit-any -- its type follows from the definitions
  action: ((this: AnyCommand, ...args: any[]) => unknown) | undefined;
}

/** Settings of an option whose type follows from its flags. */
export type OptionOptions<
  Required,
  Collect,
  Conflicts,
  Default,
  Value,
  Mapped,
> =
  & Omit<OptionSettings, "default" | "value" | "action">
  & {
    required?: Required;
    collect?: Collect;
    conflicts?: Conflicts;
    default?: Default | (() => Default);
    value?: (value: Value, previous?: Mapped) => Mapped;
  };

/**
 * A command of a command line tool. Every method that sets something returns
 * the command, so that calls can be chained; after `command(name, child)` they
 * speak about that child, until `reset()`.
 */
export class Command<
  ParentGlobals = void,
  // deno-lint-ignore no-explicit-any
  ParentTypes = ParentGlobals extends number ? any : void,
  // deno-lint-ignore no-explicit-any
  Options = ParentGlobals extends number ? any : void,
  // deno-lint-ignore no-explicit-any
  Arguments extends unknown[] = ParentGlobals extends number ? any : [],
  // deno-lint-ignore no-explicit-any
  Globals = ParentGlobals extends number ? any : void,
  // deno-lint-ignore no-explicit-any
  Types = ParentGlobals extends number ? any : void,
> {
  readonly #settings = new Settings();
  #current: AnyCommand = this;
  #parent: AnyCommand | undefined;
  #calledFrom: AnyCommand | undefined;
  #rawArgs: string[] = [];
  #literal: string[] = [];
  #context: ErrorContext = { options: {}, args: [] };

  /** The settings that the next call changes. */
  get #set(): Settings {
    return this.#current.#settings;
  }

  name(name: string): this {
    this.#set.name = name;
    return this;
  }

  version(version: string): this {
    this.#set.version = version;
    return this;
  }

  description(description: string | (() => string)): this {
    this.#set.description = description;
    return this;
  }

  /** What follows the name in help, instead of what is made up from arguments. */
  usage(usage: string): this {
    this.#set.usage = usage;
    return this;
  }

  alias(alias: string): this {
    this.#set.aliases.push(alias);
    return this;
  }

  /** A line of facts, shown in help and by `--version`. */
  meta(name: string, value: string): this {
    this.#set.meta[name] = value;
    return this;
  }

  example(name: string, description: string): this {
    this.#set.examples.push({ name, description });
    return this;
  }

  /** How help is printed, for this command and its children. */
  help(options: HelpOptions): this {
    this.#set.help = options;
    return this;
  }

  /** Leaves the command out of help and completion. */
  hidden(): this {
    this.#set.hidden = true;
    return this;
  }

  /** Makes the command known to the commands beside it as well. */
  global(): this {
    this.#set.global = true;
    return this;
  }

  /** Keeps the options and types of its parents from it. */
  noGlobals(): this {
    this.#set.noGlobals = true;
    return this;
  }

  /** Throws errors out of `parse` instead of printing them and exiting. */
  throwErrors(): this {
    this.#set.throwErrors = true;
    return this;
  }

  /** As `throwErrors`, and does not exit after help and version either. */
  noExit(): this {
    this.#set.noExit = true;
    return this.throwErrors();
  }

  /** Hears of errors first; children that have no handler use this one. */
  error(handler: ErrorHandler): this {
    this.#set.errorHandler = handler;
    return this;
  }

  /** Lets the next calls speak about this command again. */
  reset(): this {
    this.#current = this;
    return this;
  }

  /** A type for options and arguments that are defined after it. */
  type<Name extends string, T>(
    name: Name,
    type: Type<T>,
  ): Command<
    ParentGlobals,
    ParentTypes,
    Options,
    Arguments,
    Globals,
    Merge<Types, { [K in Name]: T }>
  > {
    this.#set.types.set(name, type);
    return this as AnyCommand;
  }

  arguments<D extends string>(
    definition: D,
    descriptions?: string[],
  ): Command<
    ParentGlobals,
    ParentTypes,
    Options,
    ArgumentsOf<D, Merge<ParentTypes, Types>>,
    Globals,
    Types
  > {
    this.#set.args = readArguments(definition, descriptions);
    return this as AnyCommand;
  }

  option<
    F extends string,
    Required extends boolean | undefined = undefined,
    Collect extends boolean | undefined = undefined,
    Conflicts extends string[] | undefined = undefined,
    const Default = undefined,
    Mapped = undefined,
  >(
    flags: F,
    description: string,
    options?: OptionOptions<
      Required,
      Collect,
      Conflicts,
      Default,
      OptionValue<F, Merge<ParentTypes, Types>, Default>,
      Mapped
    >,
  ): Command<
    ParentGlobals,
    ParentTypes,
    WithOption<
      Options,
      F,
      Merge<ParentTypes, Types>,
      Required,
      Collect,
      Conflicts,
      Default,
      Mapped
    >,
    Arguments,
    Globals,
    Types
  > {
    this.#addOption(flags, description, options as OptionSettings | undefined);
    return this as AnyCommand;
  }

  /** An option of this command and of all its children. */
  globalOption<
    F extends string,
    Required extends boolean | undefined = undefined,
    Collect extends boolean | undefined = undefined,
    Conflicts extends string[] | undefined = undefined,
    const Default = undefined,
    Mapped = undefined,
  >(
    flags: F,
    description: string,
    options?: OptionOptions<
      Required,
      Collect,
      Conflicts,
      Default,
      OptionValue<F, Merge<ParentTypes, Types>, Default>,
      Mapped
    >,
  ): Command<
    ParentGlobals,
    ParentTypes,
    Options,
    Arguments,
    WithOption<
      Globals,
      F,
      Merge<ParentTypes, Types>,
      Required,
      Collect,
      Conflicts,
      Default,
      Mapped
    >,
    Types
  > {
    this.#addOption(flags, description, {
      ...(options as OptionSettings | undefined),
      global: true,
    });
    return this as AnyCommand;
  }

  #addOption(
    flags: string,
    description: string,
    settings: OptionSettings = {},
  ): void {
    const option = readOption(flags, description, settings);
    const taken = [option.name, ...(option.aliases ?? [])]
      .find((name) => this.#set.options.some((one) => hasName(one, name)));
    if (taken !== undefined) {
      throw new Error(
        `An option with name '${taken}' is already registered on command '${this.#current.getPath()}'`,
      );
    }
    this.#set.options.push(option);
  }

  /** Adds a command below this one; the next calls speak about that one. */
  command<Child extends AnyCommand>(name: string, child: Child): Child {
    if (this.#settings.commands.some((one) => one.#isCalled(name))) {
      throw new Error(`Duplicate command name "${name}"`);
    }
    child.#settings.name = name;
    child.#parent = this;
    this.#settings.commands.push(child);
    this.#current = child.reset();
    return this as AnyCommand as Child;
  }

  /** What the command does; `options` and `args` are typed by the definitions. */
  action(
    action: (
      this: AnyCommand,
      options: Flat<Merge<ParentGlobals, Merge<Globals, Options>>>,
      ...args: Arguments
      // deno-lint-ignore no-explicit-any -- not inferred: it may use the tool
    ) => any,
  ): this {
    this.#set.action = action;
    return this;
  }

  /**
   * Reads a command line and runs the command it names.
   *
   * @throws {ValidationError} with `throwErrors` or `noExit`, if it is wrong;
   *   without them, help and the error are printed and the process ends with 2
   */
  async parse(
    args: string[] = Deno.args,
  ): Promise<
    CommandResult<
      Flat<Merge<ParentGlobals, Merge<Globals, Options>>>,
      Arguments
    >
  > {
    this.getMainCommand().#addDefaults();
    // deno-lint-ignore no-explicit-any -- which command runs is not known
    return await this.#run(args, { values: {}, given: new Set() }) as any;
  }

  async #run(
    words: string[],
    found: Found,
  ): Promise<CommandResult<unknown, unknown>> {
    try {
      this.reset();
      this.#rawArgs = [...words];
      let rest = words;
      let child = this.getCommand(rest[0] ?? "", true);
      const globals = this.getOptions(true).filter((one) => one.global);
      const first = globals.find((one) =>
        one.flags.includes(rest[0]?.split("=")[0] ?? "")
      );
      if (!child && first && !first.standalone) {
        rest = readOptions(rest, globals, this.#parseValue, found, true);
        child = this.getCommand(rest[0] ?? "", true);
      }
      if (child) {
        child.#calledFrom = this;
        // Not awaited: the child tells of its own errors.
        return child.#run(rest.slice(1), found);
      }
      return await this.#execute(rest, found);
    } catch (error) {
      return this.throw(
        error instanceof Error ? error : new Error(String(error)),
      );
    }
  }

  async #execute(
    words: string[],
    found: Found,
  ): Promise<CommandResult<unknown, unknown>> {
    const dashes = words.indexOf("--");
    this.#literal = dashes < 0 ? [] : words.slice(dashes + 1);
    const before = dashes < 0 ? words : words.slice(0, dashes);
    const options = this.getOptions(true);
    const rest = readOptions(before, options, this.#parseValue, found);
    if (this.#settings.args.length === 0) this.#refuseFlags(rest, options);
    const args = this.#settings.args.length === 0
      ? []
      : readValues(rest, this.#settings.args, options, this.#parseValue);
    const anyGiven = found.given.size > 0;
    fillDefaults(options, found);
    checkOptions(options, found);
    const special = [...found.given].find(({ standalone }) => standalone);
    if (!special) checkValues(args, this.#settings.args);
    if (this.#settings.args.length === 0) this.#refuseWords(rest);
    this.#context = { options: found.values, args };
    const result = {
      options: found.values,
      args,
      cmd: this as AnyCommand,
      literal: this.#literal,
    };
    if (special?.action) {
      await special.action.call(this);
      return result;
    }
    const { action, commands } = this.#settings;
    if (!action && commands.length > 0 && !anyGiven && rest.length === 0) {
      this.showHelp();
      this.#exit();
    }
    await action?.call(this, found.values, ...args);
    return result;
  }

  #refuseFlags(words: string[], options: Option[]): void {
    const flag = words.find(isFlag);
    if (flag !== undefined) refuseOption(flag, options);
  }

  #refuseWords(words: string[]): void {
    const [word] = words;
    if (word === undefined) return;
    if (this.getCommands(true).length === 0) {
      throw new ValidationError(
        `No arguments allowed for command "${this.getPath()}".`,
      );
    }
    if (this.getCommand(word, true)) {
      throw new ValidationError(`Too many arguments: ${words.join(" ")}`);
    }
    throw unknownCommand(
      word,
      this.getCommands().map((one) => one.getName()),
    );
  }

  readonly #parseValue: ParseValue = (label, name, argument, text) => {
    const type = this.getType(argument.type);
    if (!type) throw new Error(`Unknown type "${argument.type}"`);
    const parse = (value: string) =>
      type.parse({ label, name, type: argument.type, value });
    return argument.list ? text.split(",").map(parse) : parse(text);
  };

  /** Tells the error handler; then throws, or prints help and error and exits. */
  throw(error: Error): never {
    if (error instanceof ValidationError) error.cmd = this;
    this.#inherited((settings) => settings.errorHandler)?.(
      error,
      this,
      this.#context,
    );
    const thrown = this.#inherited((settings) => settings.throwErrors);
    if (thrown || !(error instanceof ValidationError)) throw error;
    this.showHelp();
    const message = `  error: ${error.message}\n`;
    console.error(Deno.noColor ? message : `\x1b[31m${message}\x1b[39m`);
    Deno.exit(error.exitCode);
  }

  #exit(): void {
    if (!this.#inherited((settings) => settings.noExit)) Deno.exit(0);
  }

  /** A setting of this command or of the nearest parent that has one. */
  #inherited<T>(pick: (settings: Settings) => T | undefined): T | undefined {
    const own = pick(this.#settings);
    if (own !== undefined || !this.#parent) return own;
    return this.#parent.#inherited(pick);
  }

  #isCalled(name: string): boolean {
    return this.#settings.name === name ||
      this.#settings.aliases.includes(name);
  }

  /** Adds `--help` and `--version` to the main command, once. */
  #addDefaults(): void {
    if (this.#settings.hasDefaults) return;
    this.#settings.hasDefaults = true;
    const { options, version } = this.#settings;
    if (version !== undefined) {
      options.unshift(readOption(
        "-V, --version",
        "Show the version number for this program.",
        { standalone: true, action: showVersion },
      ));
    }
    options.unshift(
      readOption("-h, --help", "Show this help.", {
        standalone: true,
        global: true,
        action: showHelp,
      }),
    );
    function showVersion(this: AnyCommand) {
      if (this.getRawArgs().includes("--version")) this.showLongVersion();
      else console.log(this.getVersion());
      this.#exit();
    }
    function showHelp(this: AnyCommand) {
      this.showHelp({ long: this.getRawArgs().includes("--help") });
      this.#exit();
    }
  }

  /** The help as text. */
  getHelp(options: HelpOptions = {}): string {
    this.getMainCommand().#addDefaults();
    const { help } = this.getMainCommand().#settings;
    return helpText(this, { ...help, ...this.#settings.help, ...options });
  }

  /** Prints the help. */
  showHelp(options?: HelpOptions): void {
    console.log(this.getHelp(options));
  }

  /** Prints name, version and facts. */
  showLongVersion(): void {
    const facts = Object.entries(this.getMeta());
    const lines = [
      [this.getMainCommand().getName(), this.getVersion() ?? ""],
      ...facts,
    ];
    console.log(lines.map((line) => line.join(" ")).join("\n"));
  }

  getName(): string {
    return this.#settings.name;
  }

  getAliases(): string[] {
    return this.#settings.aliases;
  }

  /** The names from the main command down: `chatp serve`. */
  getPath(): string {
    return this.#parent
      ? `${this.#parent.getPath()} ${this.getName()}`
      : this.getName();
  }

  getParent(): AnyCommand | undefined {
    return this.#parent;
  }

  /** The command that was left for this one; only while it runs. */
  getGlobalParent(): AnyCommand | undefined {
    return this.#calledFrom;
  }

  getMainCommand(): AnyCommand {
    return this.#parent?.getMainCommand() ?? this;
  }

  getVersion(): string | undefined {
    return this.#inherited((settings) => settings.version);
  }

  getDescription(): string {
    const { description } = this.#settings;
    return typeof description === "function" ? description() : description;
  }

  /** The first line of the description. */
  getShortDescription(): string {
    return describe(this.getDescription(), false);
  }

  getUsage(): string {
    if (this.#settings.usage !== undefined) return this.#settings.usage;
    const required = this.getOptions().filter((option) => option.required)
      .map(({ flags, typeDefinition }) =>
        `${flags.find((f) => f.startsWith("--")) ?? flags[0]} ${typeDefinition}`
      );
    const args = this.#settings.args.map(({ raw }) => raw);
    return [...args, ...required].join(" ").trim();
  }

  getArguments(): Argument[] {
    return this.#settings.args;
  }

  getMeta(): Record<string, string> {
    return this.#settings.meta;
  }

  getExamples(): { name: string; description: string }[] {
    return this.#settings.examples;
  }

  /** The words it was called with, as they were. */
  getRawArgs(): string[] {
    return this.#rawArgs;
  }

  /** The words after `--`. */
  getLiteralArgs(): string[] {
    return this.#literal;
  }

  /** Its options: those of its parents first; hidden ones if asked for. */
  getOptions(hidden = false): Option[] {
    return [...this.#globalOptions(), ...this.#settings.options]
      .filter((option) => hidden || !option.hidden);
  }

  #globalOptions(): Option[] {
    if (!this.#parent) return [];
    const all = [
      ...this.#parent.#globalOptions(),
      ...this.#parent.#settings.options.filter((option) => option.global),
    ];
    return all.filter((option) =>
      !this.#settings.options.some((own) => hasName(own, option.name)) &&
      (!this.#settings.noGlobals || option.name === "help")
    );
  }

  getOption(name: string, hidden = false): Option | undefined {
    return this.getOptions(hidden).find((option) => hasName(option, name));
  }

  /** The commands below it, global ones first; hidden ones if asked for. */
  getCommands(hidden = false): AnyCommand[] {
    return [...this.#globalCommands(), ...this.#settings.commands]
      .filter((command) => hidden || !command.#settings.hidden);
  }

  #globalCommands(): AnyCommand[] {
    if (!this.#parent) return [];
    const all = [
      ...this.#parent.#globalCommands(),
      ...this.#parent.#settings.commands,
    ];
    return all.filter((command) =>
      command.#settings.global && command !== this &&
      (!this.#settings.noGlobals || command.getName() === "help") &&
      !this.#settings.commands.some((own) => own.#isCalled(command.getName()))
    );
  }

  /** The command below it of this name or alias. */
  getCommand(name: string, hidden = false): AnyCommand | undefined {
    return this.getCommands(hidden).find((command) => command.#isCalled(name));
  }

  getType(name: string): Type<unknown> | undefined {
    return this.#settings.types.get(name) ?? builtInTypes[name];
  }
}
