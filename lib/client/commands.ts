/**
 * What can be typed: texts, and the commands in one table that the parser,
 * `/help`, Tab, docs/connect.md and the tests read.
 *
 * @module
 */

import {
  checkText,
  parseRoomName,
  parseUsername,
  RemoteProtocolError,
} from "../wire/mod.ts";
import type { ChatRequest } from "./exchange.ts";
import { nearest } from "./suggest.ts";

/** What an argument is; Tab completes by it. The last one takes what is left. */
export type ArgumentKind = "room" | "user" | "message";

/** One row of {@link COMMANDS}. */
export interface CommandRow {
  /** Other names, without the slash. */
  readonly aliases: readonly string[];
  readonly arguments: readonly ArgumentKind[];
  readonly help: string;
}

/** Every command by its name, without the slash. */
export const COMMANDS = {
  join: {
    aliases: ["j"],
    arguments: ["room"],
    help: "Go to another room; it comes into being if it is new",
  },
  msg: {
    aliases: ["m", "pm", "dm", "whisper"],
    arguments: ["user", "message"],
    help: "Say something to one person alone",
  },
  users: {
    aliases: ["who", "list"],
    arguments: [],
    help: "Show who is in this room",
  },
  rooms: {
    aliases: ["r"],
    arguments: [],
    help: "Show which rooms there are",
  },
  help: {
    aliases: ["h", "?"],
    arguments: [],
    help: "Show this help",
  },
  quit: {
    aliases: ["exit", "q"],
    arguments: [],
    help: "Leave the chat",
  },
} as const satisfies Record<string, CommandRow>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

const ROWS: Readonly<Record<CommandName, CommandRow>> = COMMANDS;

/** Every name and alias with the command that it means. */
const NAMES: ReadonlyMap<string, CommandName> = new Map(
  (Object.keys(COMMANDS) as CommandName[]).flatMap((name) =>
    [name, ...COMMANDS[name].aliases].map((word) => [word, name] as const)
  ),
);

/** Names and aliases, without the slash. */
export const COMMAND_WORDS: readonly string[] = [...NAMES.keys()];

/** The row of a name or an alias without the slash, in any case. */
export function commandRow(word: string): CommandRow | undefined {
  const name = NAMES.get(word.toLowerCase());
  return name && ROWS[name];
}

/** What a line comes to. */
export type Command =
  | { readonly kind: "nothing" }
  | { readonly kind: "request"; readonly request: ChatRequest }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  /** It can't be done: what is wrong, and what would be right. */
  | { readonly kind: "mistake"; readonly text: string; readonly hint: string };

/** How a command is typed: `/msg <user> <message>`. */
export function usage(name: CommandName): string {
  const row = ROWS[name];
  return [`/${name}`, ...row.arguments.map((each) => `<${each}>`)].join(" ");
}

/** The lines that `/help` shows. */
export function helpLines(): readonly string[] {
  const rows = (Object.keys(COMMANDS) as CommandName[]).map((name) => ({
    usage: usage(name),
    aliases: ROWS[name].aliases.map((alias) => `/${alias}`).join(" "),
    help: ROWS[name].help,
  }));
  const width = (key: "usage" | "aliases") =>
    Math.max(...rows.map((row) => row[key].length));
  const [first, second] = [width("usage"), width("aliases")];
  return [
    ...rows.map((row) =>
      `${row.usage.padEnd(first)}  ${row.aliases.padEnd(second)}  ${row.help}`
    ),
    "//text says a text that begins with a slash; anything else is said to the room",
  ];
}

/** What a line that was typed, or came through a pipe, asks for. */
export function parseLine(line: string): Command {
  if (line.trim() === "") return { kind: "nothing" };
  try {
    if (!line.startsWith("/")) return say(line);
    if (line.startsWith("//")) return say(line.slice(1));
    return command(line.slice(1));
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    return {
      kind: "mistake",
      text: error.message,
      // The hint for what is malformed is for those who write programs.
      hint: error.code === 400 ? "/help lists the commands" : error.hint,
    };
  }
}

function say(text: string): Command {
  checkText(text);
  return { kind: "request", request: { type: "room_msg", text } };
}

function command(text: string): Command {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/su.exec(text) ?? [];
  const name = NAMES.get(word.toLowerCase());
  if (name === undefined) return unknown(word);
  const { arguments: kinds } = ROWS[name];
  const values = split(rest.trim(), kinds.length);
  if (values.length < kinds.length) {
    return {
      kind: "mistake",
      text: `/${word} lacks its <${kinds[values.length]}>`,
      hint: `Type ${usage(name)}`,
    };
  }
  return act(name, values);
}

/** The words of `text`; the last one is all that is left. */
function split(text: string, count: number): string[] {
  const values: string[] = [];
  let rest = text;
  while (rest !== "" && values.length < count) {
    const cut = values.length === count - 1 ? -1 : rest.search(/\s/u);
    values.push(cut < 0 ? rest : rest.slice(0, cut));
    rest = cut < 0 ? "" : rest.slice(cut).trimStart();
  }
  return values;
}

function act(name: CommandName, [first = "", second = ""]: string[]): Command {
  switch (name) {
    case "join":
      parseRoomName(first);
      return { kind: "request", request: { type: "join_room", room: first } };
    case "msg":
      parseUsername(first);
      checkText(second);
      return {
        kind: "request",
        request: { type: "private_msg", recipient: first, text: second },
      };
    case "users":
      return { kind: "request", request: { type: "list_users" } };
    case "rooms":
      return { kind: "request", request: { type: "list_rooms" } };
    case "help":
      return { kind: "help" };
    case "quit":
      return { kind: "quit" };
  }
}

function unknown(word: string): Command {
  const guess = nearest(word.toLowerCase(), COMMAND_WORDS);
  return {
    kind: "mistake",
    text: `There is no command /${word}`,
    hint: guess === undefined
      ? "/help lists the commands, // says a text that begins with a slash"
      : `Did you mean /${guess}? /help lists the commands`,
  };
}
