/**
 * What stands in front of what is typed, and what is unread elsewhere. Pure.
 *
 * @module
 */

import { foldName, printable } from "../../wire/mod.ts";
import type { Unread } from "../room_book.ts";

/** What it tells. */
export interface PromptState {
  /** Where a line goes, or `@` and to whom; empty: nobody was named yet. */
  readonly room: string;
  readonly online: boolean;
  readonly unread: readonly Unread[];
}

/** Where a line goes, and what is unread elsewhere: `[tea · general 3]`. */
export function promptText({ room, online, unread }: PromptState): string {
  const elsewhere = unread.filter(({ room: name, count }) =>
    count > 0 && foldName(name) !== foldName(room)
  ).map(({ room: name, count }) => ` · ${printable(name)} ${count}`);
  const where = room === "" ? "nobody" : printable(room);
  return `[${where}${online ? "" : ", offline"}${elsewhere.join("")}] `;
}

/** The first room behind this one, from the last to the first, with unread. */
export function nextUnread(
  unread: readonly Unread[],
  room: string,
): string | undefined {
  const here = unread.findIndex(({ room: name }) =>
    foldName(name) === foldName(room)
  );
  const others = [...unread.slice(here + 1), ...unread.slice(0, here + 1)];
  return others.find(({ room: name, count }) =>
    count > 0 && foldName(name) !== foldName(room)
  )?.room;
}
