/**
 * The commands that can be typed, in one table that the parser, `/help`, Tab,
 * docs/connect.md and the tests read.
 *
 * @module
 */

import { type Abilities, hasRooms } from "./abilities.ts";
import type { ChatRequest } from "./exchange.ts";

/** What `/topic` takes for having none, as in irssi and WeeChat. */
export const DELETE_TOPIC = "-delete";

/** What `/secret` takes to turn it off. */
export const SECRET_OFF = "off";

/** What an argument is; Tab completes by it. */
export type ArgumentKind =
  | "room"
  | "user"
  | "message"
  | "group"
  | "words"
  | "topic"
  | "reason"
  | "off"
  | "@user"
  | "since"
  | "command";

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
  /** What `/help` and its name say. */
  readonly help: string;
  /** What `/help` lists, where `help` would break a row of 80 columns. */
  readonly summary?: string;
  /**
   * What a wire has to carry for it: a request, or sealed texts. Absent where it
   * is the client's own affair.
   */
  readonly needs?: ChatRequest["type"] | "sealed";
}

/** Every command by its name, without the slash. */
export const COMMANDS = {
  join: {
    aliases: ["j"],
    arguments: ["room"],
    summary: "Go to a room, or make it",
    help: "Go to another room; it comes into being if it is new",
    needs: "join_room",
  },
  leave: {
    aliases: ["part"],
    arguments: ["room?"],
    summary: "Leave this room, or another one",
    help: "Stop being in this room, or in another one",
    needs: "leave_room",
  },
  msg: {
    aliases: ["m", "pm", "dm", "whisper"],
    arguments: ["user", "message"],
    help: "Say something to one person alone",
    needs: "private_msg",
  },
  secret: {
    aliases: [],
    arguments: ["user", "off?"],
    summary: "Encrypt what you write to somebody",
    help: "Encrypt messages to one person end to end (--key); off ends it",
    needs: "sealed",
  },
  trust: {
    aliases: [],
    arguments: ["user"],
    summary: "Accept somebody's new key",
    help: "Accept the new key of somebody whose key has changed",
    needs: "sealed",
  },
  verify: {
    aliases: [],
    arguments: ["user"],
    summary: "Compare your keys by voice",
    help: "Show the number by which you two compare your keys by voice",
    needs: "sealed",
  },
  users: {
    aliases: ["who", "list", "names"],
    arguments: [],
    help: "Show who is in this room",
    needs: "list_users",
  },
  rooms: {
    aliases: ["r"],
    arguments: [],
    help: "Show which rooms there are",
    needs: "list_rooms",
  },
  group: {
    aliases: ["g"],
    arguments: ["group", "user…"],
    summary: "Make a room for its members alone",
    help: "Make a room that only its members see, with these in it",
    needs: "make_group",
  },
  invite: {
    aliases: ["add"],
    arguments: ["user", "room?"],
    summary: "Make somebody a member of a group",
    help: "Make somebody a member of this group, or of another one",
    needs: "invite",
  },
  members: {
    aliases: [],
    arguments: ["room?"],
    summary: "Show who belongs to a room, and who is away",
    help: "Show who belongs to the room, and who of them is away or offline",
    needs: "list_members",
  },
  topic: {
    aliases: ["t"],
    arguments: ["topic?"],
    summary: "Show or set what this room is about",
    help: "Show what this room is about, or say it; -delete takes it away",
    needs: "set_topic",
  },
  away: {
    aliases: [],
    arguments: ["reason?"],
    summary: "Tell others that you don't look",
    help: "Tell others why you don't look; without a reason, as /back",
    needs: "set_away",
  },
  back: {
    aliases: [],
    arguments: [],
    help: "Tell others that you look again",
    needs: "set_away",
  },
  history: {
    aliases: ["last"],
    arguments: ["@user?", "since?"],
    summary: "Show what was said before",
    help: "Show the last 50 messages, here or with @user; or 100, or those " +
      "since 10:30, 2h, 2026-11-20",
    needs: "history",
  },
  search: {
    aliases: ["find"],
    arguments: ["words"],
    summary: "Find messages by their words",
    help: "Show the messages that have all of these words",
    needs: "search",
  },
  register: {
    aliases: [],
    arguments: [],
    summary: "Make your name an account",
    help: "Make your name an account; the password is asked for",
    needs: "register",
  },
  passwd: {
    aliases: ["password"],
    arguments: [],
    summary: "Change your password",
    help: "Change your password; both are asked for",
    needs: "change_password",
  },
  login: {
    aliases: [],
    arguments: ["user"],
    summary: "Come back as somebody else",
    help: "Leave, and come back as somebody else; a password is asked for",
  },
  help: {
    aliases: ["h", "?"],
    arguments: ["command?"],
    summary: "Show this, or more about a command",
    help: "Show the commands, or what there is to know about one of them",
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

/** The commands that do something on a wire. */
export function commandsOn(
  { requests, sealed }: Abilities,
): readonly CommandName[] {
  return (Object.keys(COMMANDS) as CommandName[]).filter((name) => {
    const { needs } = ROWS[name];
    if (needs === "sealed") return sealed === true;
    return needs === undefined || requests.has(needs);
  });
}

/** Every name and alias with the command that it means. */
const NAMES: ReadonlyMap<string, CommandName> = new Map(
  (Object.keys(COMMANDS) as CommandName[]).flatMap((name) =>
    [name, ...COMMANDS[name].aliases].map((word) => [word, name] as const)
  ),
);

/** Names and aliases, without the slash. */
export const COMMAND_WORDS: readonly string[] = [...NAMES.keys()];

/** The command that a name or an alias without the slash means, in any case. */
export function commandName(word: string): CommandName | undefined {
  return NAMES.get(word.toLowerCase());
}

/** The row of a name or an alias without the slash, in any case. */
export function commandRow(word: string): CommandRow | undefined {
  const name = commandName(word);
  return name && ROWS[name];
}

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

/** What `/help` shows where the wire is such: of all commands, or of one. */
export function helpLines(
  abilities: Abilities,
  command?: CommandName,
): readonly string[] {
  const names = commandsOn(abilities);
  if (command !== undefined) return aboutCommand(command, names);
  const width = Math.max(...names.map((name) => usage(name).length));
  return [
    ...names.map((name) => {
      const { help, summary = help } = ROWS[name];
      return `${usage(name).padEnd(width)}  ${summary}`;
    }),
    `//text says a text that begins with a slash; anything else ${
      hasRooms(abilities)
        ? "is said to the room"
        : "goes to whom you wrote last"
    }`,
  ];
}

function aboutCommand(
  command: CommandName,
  names: readonly CommandName[],
): readonly string[] {
  const { aliases, help } = ROWS[command];
  const others = aliases.map((alias) => `/${alias}`).join(" ");
  return [
    usage(command) + (others && `, also ${others}`),
    help,
    ...names.includes(command) ? [] : ["This wire does not carry it"],
  ];
}
