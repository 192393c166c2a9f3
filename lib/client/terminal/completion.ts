/**
 * What Tab makes of a line. Pure.
 *
 * @module
 */

import { foldName, LOBBY } from "../../wire/mod.ts";
import {
  type Argument,
  argumentKind,
  type CommandName,
  commandName,
  commandRow,
  COMMANDS,
  DELETE_TOPIC,
  SECRET_OFF,
} from "../commands.ts";

/** The names that can be completed. */
export interface KnownNames {
  /** Without the slash. */
  readonly commands: readonly CommandName[];
  readonly users: readonly string[];
  readonly rooms: readonly string[];
  /** Those that one is in, and those of these that are groups. */
  readonly ownRooms: readonly string[];
  readonly ownGroups: readonly string[];
  /** What the room is about, if that is known: it can be changed. */
  readonly topic?: string | undefined;
}

/** What Tab comes to. */
export type Completion =
  /** The line is now this. */
  | { readonly kind: "line"; readonly text: string; readonly cursor: number }
  /** It could be any of these. */
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  | { readonly kind: "nothing" };

/** The beginning that is to be completed, and by what. */
interface Beginning {
  /** Where it starts, in UTF-16 units. */
  readonly start: number;
  readonly words: readonly string[];
  /** What is put behind the only word that fits; a space if it is not said. */
  readonly end?: string;
}

/** Completes what is to the left of the cursor (in UTF-16 units). */
export function complete(
  text: string,
  cursor: number,
  names: KnownNames,
): Completion {
  const before = text.slice(0, cursor);
  const { start, words, end = " " } = beginningOf(before, names);
  const typed = before.slice(start);
  const folded = foldName(typed);
  const choices = words.filter((word) => foldName(word).startsWith(folded));
  const [first] = choices;
  if (first === undefined) return { kind: "nothing" };
  const common = choices.length === 1 ? first + end : shared(choices);
  if (choices.length > 1 && common.length <= typed.length) {
    return { kind: "choices", choices };
  }
  const left = before.slice(0, start) + common;
  const right = text.slice(cursor);
  return {
    kind: "line",
    // A space is there already: none is doubled.
    text: left + (left.endsWith(" ") ? right.replace(/^ /, "") : right),
    cursor: left.length,
  };
}

function beginningOf(before: string, names: KnownNames): Beginning {
  const word = /\S*$/u.exec(before)?.[0] ?? "";
  const start = before.length - word.length;
  if (!before.startsWith("/") || before.startsWith("//")) {
    const words = word === "" ? [] : usersLike(word, names);
    // Whom a text begins with is whom it is for.
    return { start, words, ...start === 0 && { end: ": " } };
  }
  if (start === 0) return { start, words: commandWords(word, names) };
  const [, name = "", gap = "", rest = ""] = /^\/(\S+)(\s+)(.*)$/su
    .exec(before) ?? [];
  const kinds: readonly Argument[] = commandRow(name)?.arguments ?? [];
  const index = Math.min(rest.split(/\s+/u).length, kinds.length) - 1;
  const kind = kinds[index];
  switch (kind && argumentKind(kind)) {
    case "room": {
      // A room's name may have spaces: it is all that is left.
      const [skipped = ""] =
        new RegExp(`^(?:\\S+\\s+){${index}}`, "u").exec(rest) ?? [];
      const start = 1 + name.length + gap.length + skipped.length;
      return { start, words: roomsFor(name, names) };
    }
    case "user":
      return { start, words: names.users };
    case "@user":
      return { start, words: usersLike("@", names) };
    case "topic": {
      const start = 1 + name.length + gap.length;
      const topic = names.topic ? [names.topic] : [];
      return { start, words: rest === "" ? topic : [DELETE_TOPIC] };
    }
    case "command": {
      const slash = word.startsWith("/") ? "/" : "";
      return { start, words: names.commands.map((name) => slash + name) };
    }
    case "off":
      return { start, words: [SECRET_OFF] };
    case "reason":
    case "message":
      return { start, words: word === "" ? [] : usersLike(word, names) };
    default:
      return { start, words: [] };
  }
}

/** The rooms with which a command can do something. */
function roomsFor(command: string, names: KnownNames): readonly string[] {
  switch (commandName(command)) {
    case "invite":
      return names.ownGroups;
    case "leave":
      // Everybody stays in this one.
      return names.ownRooms.filter((room) =>
        foldName(room) !== foldName(LOBBY)
      );
    default:
      return names.rooms;
  }
}

/** The users, with the `@` in front that a word begins with. */
function usersLike(word: string, { users }: KnownNames): readonly string[] {
  return word.startsWith("@") ? users.map((user) => `@${user}`) : users;
}

/** The commands by name; their aliases where no name fits. */
function commandWords(typed: string, { commands }: KnownNames): string[] {
  const names = commands.map((name) => `/${name}`);
  return names.some((name) => name.startsWith(typed.toLowerCase()))
    ? names
    : commands.flatMap((name) => COMMANDS[name].aliases)
      .map((alias) => `/${alias}`);
}

/** What all words begin with, in the first one's letters. */
function shared(words: readonly string[]): string {
  const [first = "", ...others] = words.map((word) => [...word]);
  let length = 0;
  while (
    length < first.length &&
    others.every((other) =>
      foldName(other[length] ?? "") === foldName(first[length] ?? "")
    )
  ) length++;
  return [...first].slice(0, length).join("");
}
