/** What can be completed where: the same for every shell. */
import type { Argument } from "./definition.ts";
import type { AnyCommand } from "./command.ts";

/** What a value may be: one of these words, a file, or anything (`null`). */
export type Values = string[] | "files" | null;

/** The completions of one command. */
export interface CompletionEntry {
  /** The command, `""` for the main one: `/serve`, `/completions/bash`. */
  path: string;
  commands: { names: string[]; description: string; path: string }[];
  options: { flags: string[]; description: string; values?: Values }[];
  /** What its first argument may be. */
  argument?: Values;
}

/** All commands of a tool, the main one first. */
export type CompletionTable = CompletionEntry[];

function valuesOf(command: AnyCommand, argument: Argument): Values {
  if (argument.type === "file") return "files";
  if (argument.type === "command") {
    return (command.getParent()?.getCommands() ?? [])
      .map((other) => other.getName());
  }
  return command.getType(argument.type)?.values?.().map(String) ?? null;
}

/** Gathers what can be completed after a command and below it. */
export function completionTable(
  command: AnyCommand,
  path = "",
): CompletionTable {
  const children = command.getCommands();
  return [
    entryOf(command, path, children),
    ...children.flatMap((child) => {
      const below = `${path}/${child.getName()}`;
      // A global command stands below every other: it is not descended into.
      return child.getParent() === command
        ? completionTable(child, below)
        : [entryOf(child, below, [])];
    }),
  ];
}

function entryOf(
  command: AnyCommand,
  path: string,
  children: AnyCommand[],
): CompletionEntry {
  const [argument] = command.getArguments();
  return {
    path,
    commands: children.map((child) => ({
      names: [child.getName(), ...child.getAliases()],
      description: child.getShortDescription(),
      path: `${path}/${child.getName()}`,
    })),
    options: command.getOptions().map((option) => ({
      flags: option.flags,
      description: option.description.split("\n", 1)[0] ?? "",
      ...(option.args[0] && { values: valuesOf(command, option.args[0]) }),
    })),
    ...(argument && { argument: valuesOf(command, argument) }),
  };
}

/** A shell function name for a tool of any name. */
export function functionName(name: string): string {
  return `_${name.replace(/[^a-zA-Z0-9]/g, "_")}`;
}

/** A text in single quotes, for any of the shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
