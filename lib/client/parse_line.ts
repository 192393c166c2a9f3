/**
 * What a line that was typed, or came through a pipe, asks for. Pure.
 *
 * @module
 */

import {
  checkText,
  parseRoomName,
  parseUsername,
  RemoteProtocolError,
} from "../wire/mod.ts";
import {
  type Argument,
  argumentKind,
  COMMAND_WORDS,
  type CommandName,
  commandName,
  COMMANDS,
  DELETE_TOPIC,
  SECRET_OFF,
  usage,
} from "./commands.ts";
import type { ChatRequest } from "./exchange.ts";
import { parseHistorySpan } from "./history_span.ts";
import type { PasswordCommand } from "./password_dialogue.ts";
import { nearest } from "./suggest.ts";

/** What a line comes to. */
export type Command =
  | { readonly kind: "nothing" }
  | { readonly kind: "request"; readonly request: ChatRequest }
  /** It takes passwords, which are asked for one by one. */
  | { readonly kind: "passwords"; readonly command: PasswordCommand }
  /** One leaves, and comes back under this name. */
  | { readonly kind: "login"; readonly username: string }
  /** Of one command, or of all. */
  | { readonly kind: "help"; readonly command?: CommandName }
  | { readonly kind: "quit" }
  /** It can't be done: what is wrong, and what would be right. */
  | { readonly kind: "mistake"; readonly text: string; readonly hint: string };

/** What a line may depend on. */
export interface LineWorld {
  /** When it is. */
  readonly now: Date;
  /** Whether messages to somebody are sealed, in as many parts as it takes. */
  readonly isSecret: (user: string) => boolean;
}

const NO_WORLD: LineWorld = { now: new Date(0), isSecret: () => false };

/** What a line that was typed, or came through a pipe, asks for. */
export function parseLine(line: string, world = NO_WORLD): Command {
  if (line.trim() === "") return { kind: "nothing" };
  try {
    if (!line.startsWith("/")) return say(line);
    if (line.startsWith("//")) return say(line.slice(1));
    return command(line.slice(1), world);
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

function command(text: string, world: LineWorld): Command {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/su.exec(text) ?? [];
  const name = commandName(word);
  if (name === undefined) return unknown(word);
  const kinds: readonly Argument[] = COMMANDS[name].arguments;
  const values = split(rest.trim(), kinds.length);
  const missing: Argument | undefined = kinds[values.length];
  if (missing !== undefined && !missing.endsWith("?")) {
    return {
      kind: "mistake",
      text: `/${word} lacks its <${argumentKind(missing)}>`,
      hint: `Type ${usage(name)}`,
    };
  }
  const meant = act(name, values, world);
  // The lines behind this one are passwords, and would be said if it failed.
  if (meant.kind === "passwords") return meant;
  if (kinds.length > 0 || rest.trim() === "") return meant;
  return {
    kind: "mistake",
    text: `/${word} takes nothing behind it`,
    hint: `Type /${word} alone`,
  };
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
  { now, isSecret }: LineWorld,
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
      return history(`${first} ${second}`.trim(), now);
    case "search":
      checkText(first);
      return { kind: "request", request: { type: "search", words: first } };
    case "topic":
      return { kind: "request", request: aboutTopic(first) };
    case "away":
      return { kind: "request", request: aboutMyself(first) };
    case "back":
      return { kind: "request", request: { type: "set_away" } };
    case "register":
    case "passwd":
      return { kind: "passwords", command: name };
    case "login":
      parseUsername(first);
      return { kind: "login", username: first };
    case "join":
      parseRoomName(first);
      return { kind: "request", request: { type: "join_room", room: first } };
    case "msg":
      parseUsername(first);
      checkText(second, isSecret(first) ? Infinity : undefined);
      return {
        kind: "request",
        request: { type: "private_msg", recipient: first, text: second },
      };
    case "secret":
      return secret(first, second);
    case "trust":
    case "verify":
      parseUsername(first);
      return { kind: "request", request: { type: name, user: first } };
    case "users":
      return { kind: "request", request: { type: "list_users" } };
    case "rooms":
      return { kind: "request", request: { type: "list_rooms" } };
    case "help":
      return help(first.replace(/^\//u, ""));
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
  // More fit no frame; /invite takes the others.
  checkText(second);
  const users = second.split(/\s+/u);
  users.forEach(parseUsername);
  return { type: "make_group", room: first, users };
}

function aboutTopic(words: string): ChatRequest {
  if (words === "") return { type: "show_topic" };
  if (words === DELETE_TOPIC) return { type: "set_topic", topic: "" };
  checkText(words);
  return { type: "set_topic", topic: words };
}

function aboutMyself(text: string): ChatRequest {
  if (text === "") return { type: "set_away", typed: "/away" };
  checkText(text);
  return { type: "set_away", text };
}

function secret(user: string, word: string): Command {
  parseUsername(user);
  const type = "secret";
  switch (word.toLowerCase()) {
    case "":
      return { kind: "request", request: { type, user } };
    case SECRET_OFF:
      return { kind: "request", request: { type, user, off: true } };
  }
  return {
    kind: "mistake",
    text: `/secret takes a name, and ${SECRET_OFF} or nothing behind it`,
    hint: `Type /secret ${user}, then /msg ${user} <message>`,
  };
}

function history(words: string, now: Date): Command {
  const [, user, text = ""] = /^(?:@(\S*)\s*)?(.*)$/su.exec(words) ?? [];
  if (user !== undefined) parseUsername(user);
  const span = text === "" ? { limit: 50 } : parseHistorySpan(text, now);
  if (span !== undefined) {
    const where = user === undefined ? {} : { room: `@${user}` };
    return { kind: "request", request: { type: "history", ...where, ...span } };
  }
  return {
    kind: "mistake",
    text: `"${text}" is neither a number of messages nor a time`,
    hint: "Type /history 50, /history 10:30, /history 2h or " +
      "/history 2026-11-20",
  };
}

function help(word: string): Command {
  if (word === "") return { kind: "help" };
  const command = commandName(word);
  return command === undefined ? unknown(word) : { kind: "help", command };
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
