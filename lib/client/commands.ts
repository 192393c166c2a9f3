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
import { parseHistorySpan } from "./history_span.ts";
import type { PasswordCommand } from "./password_dialogue.ts";
import { nearest } from "./suggest.ts";

/** What an argument is; Tab completes by it. */
export type ArgumentKind =
  | "room"
  | "user"
  | "message"
  | "group"
  | "words"
  | "since";

/**
 * How an argument is written in the table: `?` behind it marks one that may be
 * missing, `…` one that may be repeated. The last one takes what is left.
 */
export type Argument = `${ArgumentKind}${"" | "?" | "…"}`;

/** One row of {@link COMMANDS}. */
export interface CommandRow {
  /** Other names, without the slash. */
  readonly aliases: readonly string[];
  readonly arguments: readonly Argument[];
  readonly help: string;
}

/** Every command by its name, without the slash. */
export const COMMANDS = {
  join: {
    aliases: ["j"],
    arguments: ["room"],
    help: "Go to another room; it comes into being if it is new",
  },
  leave: {
    aliases: ["part"],
    arguments: ["room?"],
    help: "Stop being in this room, or in another one",
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
  group: {
    aliases: ["g"],
    arguments: ["group", "user…"],
    help: "Make a room that only its members see, with these in it",
  },
  invite: {
    aliases: ["add"],
    arguments: ["user", "room?"],
    help: "Make somebody a member of this group, or of another one",
  },
  members: {
    aliases: [],
    arguments: ["room?"],
    help: "Show who belongs to the room, here or away",
  },
  history: {
    aliases: ["last"],
    arguments: ["since?"],
    help:
      "Show the last 50 messages, or 100, or those since 10:30, 2h, 2026-11-20",
  },
  search: {
    aliases: ["find"],
    arguments: ["words"],
    help: "Show the messages that have all of these words",
  },
  register: {
    aliases: [],
    arguments: [],
    help: "Make your name an account; the password is asked for",
  },
  passwd: {
    aliases: ["password"],
    arguments: [],
    help: "Change your password; both are asked for",
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
  /** It takes passwords, which are asked for one by one. */
  | { readonly kind: "passwords"; readonly command: PasswordCommand }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  /** It can't be done: what is wrong, and what would be right. */
  | { readonly kind: "mistake"; readonly text: string; readonly hint: string };

/** How a command is typed: `/msg <user> <message>`. */
export function usage(name: CommandName): string {
  const row = ROWS[name];
  return [`/${name}`, ...row.arguments.map(argumentUsage)].join(" ");
}

/** What an argument is, whether it may be missing or repeated or not. */
export function argumentKind(argument: Argument): ArgumentKind {
  return argument.replace(/[?…]$/u, "") as ArgumentKind;
}

function argumentUsage(argument: Argument): string {
  const kind = argumentKind(argument);
  if (argument.endsWith("?")) return `[${kind}]`;
  return `<${kind}>${argument.endsWith("…") ? "…" : ""}`;
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

/** What a line that was typed, or came through a pipe, asks for at `now`. */
export function parseLine(line: string, now = new Date(0)): Command {
  if (line.trim() === "") return { kind: "nothing" };
  try {
    if (!line.startsWith("/")) return say(line);
    if (line.startsWith("//")) return say(line.slice(1));
    return command(line.slice(1), now);
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

function command(text: string, now: Date): Command {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/su.exec(text) ?? [];
  const name = NAMES.get(word.toLowerCase());
  if (name === undefined) return unknown(word);
  const { arguments: kinds } = ROWS[name];
  const values = split(rest.trim(), kinds.length);
  const missing: Argument | undefined = kinds[values.length];
  if (missing !== undefined && !missing.endsWith("?")) {
    return {
      kind: "mistake",
      text: `/${word} lacks its <${argumentKind(missing)}>`,
      hint: `Type ${usage(name)}`,
    };
  }
  return act(name, values, now);
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

function act(
  name: CommandName,
  [first = "", second = ""]: string[],
  now: Date,
): Command {
  switch (name) {
    case "leave":
      return { kind: "request", request: { type: "leave_room", ...at(first) } };
    case "members":
      return {
        kind: "request",
        request: { type: "list_members", ...at(first) },
      };
    case "group":
    case "invite":
      return { kind: "request", request: aboutMembers(name, first, second) };
    case "history":
      return history(first, now);
    case "search":
      checkText(first);
      return { kind: "request", request: { type: "search", words: first } };
    case "register":
    case "passwd":
      return { kind: "passwords", command: name };
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

function at(room: string): { room?: string } {
  if (room === "") return {};
  parseRoomName(room);
  return { room };
}

function aboutMembers(
  name: "group" | "invite",
  first: string,
  second: string,
): ChatRequest {
  if (name === "invite") {
    parseUsername(first);
    return { type: "invite", user: first, ...at(second) };
  }
  parseRoomName(first);
  const users = second.split(/\s+/u);
  users.forEach(parseUsername);
  return { type: "make_group", room: first, users };
}

function history(text: string, now: Date): Command {
  const span = text === "" ? { limit: 50 } : parseHistorySpan(text, now);
  if (span !== undefined) {
    return { kind: "request", request: { type: "history", ...span } };
  }
  return {
    kind: "mistake",
    text: `"${text}" is neither a number of messages nor a time`,
    hint: "Type /history 50, /history 10:30, /history 2h or " +
      "/history 2026-11-20",
  };
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
