/** Help as `@cliffy/command` lays it out: labelled tables of two spaces. */
import { unicodeWidth } from "../std/unicode_width.ts";
import type { Argument, Option } from "./definition.ts";
import { flagOf } from "./errors.ts";
import type { AnyCommand } from "./command.ts";

/** How help is printed. */
export interface HelpOptions {
  /** Colours, unless the environment forbids them; default `true`. */
  colors?: boolean;
  /** Whole descriptions instead of their first lines. */
  long?: boolean;
}

type Style = (text: string) => string;

const DEFAULT_WIDTH = 150; // columns, where there is no terminal

function style(code: number, end = 39): Style {
  return (text) => text === "" ? "" : `\x1b[${code}m${text}\x1b[${end}m`;
}
const [bold, blue, magenta, red] = [
  style(1, 22),
  style(94),
  style(95),
  style(31),
];
const plain: Style = (text) => text;

function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return DEFAULT_WIDTH;
  }
}

/** Breaks lines at spaces so that none is wider than `width` columns. */
function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    if (unicodeWidth(line) <= width) return [line];
    const lines = [""];
    for (const word of line.split(" ")) {
      const last = lines.at(-1)!;
      const longer = last === "" ? word : `${last} ${word}`;
      if (last !== "" && unicodeWidth(longer) > width) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  });
}

/** Rows of cells, two spaces in; `wide` is the column that is broken. */
function table(
  rows: string[][],
  gaps: number[],
  styles: Style[],
  wide: number,
): string {
  const columns = rows[0]?.length ?? 0;
  const widthOf = (cell: string) =>
    Math.max(...cell.split("\n").map(unicodeWidth));
  const widths = Array.from(
    { length: columns },
    (_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const sum = widths.reduce((total, width) => total + width, 0) +
    gaps.reduce((total, gap) => total + gap, 0);
  const excess = sum - (terminalWidth() - 4);
  if (excess > 0) widths[wide] = Math.max(20, widths[wide]! - excess);
  return rows.map((row) => {
    const cells = row.map((cell, column) => wrap(cell, widths[column]!));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from(
      { length: height },
      (_, line) =>
        "  " + cells.map((lines, column) => {
          const text = lines[line] ?? "";
          const pad = widths[column]! - unicodeWidth(text) +
            (gaps[column] ?? 0);
          return (styles[column] ?? plain)(text) + " ".repeat(pad);
        }).join("").trimEnd(),
    ).join("\n");
  }).join("\n") + "\n";
}

/** `<port:integer>` without its type. */
function shown(argument: Argument): string {
  const [open, close] = argument.optional ? "[]" : "<>";
  return `${open}${argument.name}${argument.variadic ? "..." : ""}${close}`;
}

/** The first line, or all of it without common indentation. */
export function describe(description: string, long: boolean): string {
  const text = description.trim();
  return long ? text : text.split("\n", 1)[0]!.trim();
}

function valueHints(command: AnyCommand, argument?: Argument): string[] {
  const values = argument && command.getType(argument.type)?.values?.();
  return values && argument.type !== "boolean"
    ? [`Values: ${values.map((value) => JSON.stringify(value)).join(", ")}`]
    : [];
}

function inBrackets(hints: string[]): string {
  return hints.length > 0 ? `(${hints.join(", ")})` : "";
}

function optionHints(command: AnyCommand, option: Option): string {
  const hints = option.required ? ["required"] : [];
  if (option.default !== undefined) {
    const value = typeof option.default === "function"
      ? option.default()
      : option.default;
    hints.push(`Default: ${Deno.inspect(value)}`);
  }
  if (option.depends?.length) {
    hints.push(`Depends: ${option.depends.map(flagOf).join(", ")}`);
  }
  if (option.conflicts?.length) {
    hints.push(`Conflicts: ${option.conflicts.map(flagOf).join(", ")}`);
  }
  return inBrackets([...hints, ...valueHints(command, option.args[0])]);
}

function argumentHints(command: AnyCommand, argument: Argument): string {
  const required = argument.optional ? [] : ["required"];
  return inBrackets([...required, ...valueHints(command, argument)]);
}

/** A table whose second column is left out if it is empty everywhere. */
function definitions(rows: string[][]): string {
  const last = rows.some((row) => row[4]);
  const typed = rows.some((row) => row[1]);
  const keep = [true, typed, true, true, last];
  const pick = <T>(row: T[]) => row.filter((_, column) => keep[column]);
  return table(
    rows.map(pick),
    pick([2, 2, 1, last ? 2 : 0, 0]),
    pick([blue, magenta, red, plain, plain]),
    typed ? 3 : 2,
  );
}

/** The whole help of a command. */
export function helpText(command: AnyCommand, options: HelpOptions): string {
  const long = options.long ?? false;
  const section = (label: string, body: string) =>
    body === "" ? "" : `\n${bold(`${label}:`)}\n\n${body}`;
  const version = command.getVersion();
  const usage = [command.getPath(), command.getUsage()].join(" ").trim()
    .replace(/([<[][^:>\]]+):[^>\]]*(\[\])?([>\]])/g, "$1$3");
  const description = command.getDescription().trim();
  const described = command.getArguments().filter((one) => one.description);
  const text = `\n${bold("Usage:")}   ${magenta(usage)}\n` +
    (version ? `${bold("Version:")} ${version}\n` : "") +
    Object.entries(command.getMeta())
      .map(([name, value]) => `\n${bold(`${name}:`)} ${value}\n`).join("") +
    section(
      "Description",
      description && table([[description]], [0], [plain], 0),
    ) +
    section(
      "Arguments",
      described.length === 0 ? "" : definitions(described.map((one) => [
        shown(one),
        "",
        "-",
        describe(one.description ?? "", long),
        argumentHints(command, one),
      ])),
    ) +
    section(
      "Options",
      command.getOptions().length === 0 ? "" : definitions(
        command.getOptions().map((option) => [
          option.flags.join(", "),
          option.args.map(shown).join(" "),
          "-",
          describe(option.description, long),
          optionHints(command, option),
        ]),
      ),
    ) +
    section(
      "Commands",
      command.getCommands().length === 0 ? "" : definitions(
        command.getCommands().map((one) => [
          [one.getName(), ...one.getAliases()].join(", "),
          one.getArguments().map(shown).join(" "),
          "-",
          one.getShortDescription(),
          "",
        ]),
      ),
    ) +
    section(
      "Examples",
      command.getExamples().length === 0 ? "" : table(
        command.getExamples().map((one) => [one.name, one.description.trim()]),
        [1, 0],
        [bold, plain],
        1,
      ),
    );
  const coloured = (options.colors ?? true) && !Deno.noColor;
  // deno-lint-ignore no-control-regex -- colours are control sequences
  return coloured ? text : text.replace(/\x1b\[\d+m/g, "");
}
