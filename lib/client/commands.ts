/**
 * The commands that can be typed, in one table that the parser, `/help`, Tab,
 * docs/connect.md and the tests read.
 *
 * @module
 */

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
  secret: {
    aliases: [],
    arguments: ["user", "off?"],
    help: "Encrypt messages to one person end to end (--key); off ends it",
  },
  trust: {
    aliases: [],
    arguments: ["user"],
    help: "Accept the new key of somebody whose key has changed",
  },
  verify: {
    aliases: [],
    arguments: ["user"],
    help: "Show the number by which you two compare your keys by voice",
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
    help: "Show who belongs to the room, and who of them is away or offline",
  },
  topic: {
    aliases: ["t"],
    arguments: ["topic?"],
    help: "Show what this room is about, or say it; -delete takes it away",
  },
  away: {
    aliases: [],
    arguments: ["reason?"],
    help: "Tell others why you don't look; without a reason, as /back",
  },
  back: {
    aliases: [],
    arguments: [],
    help: "Tell others that you look again",
  },
  history: {
    aliases: ["last"],
    arguments: ["@user?", "since?"],
    help: "Show the last 50 messages, here or with @user; or 100, or those " +
      "since 10:30, 2h, 2026-11-20",
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
  login: {
    aliases: [],
    arguments: ["user"],
    help: "Leave, and come back as somebody else; a password is asked for",
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
