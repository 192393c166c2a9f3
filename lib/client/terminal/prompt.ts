/**
 * What stands in front of what is typed, and what is unread elsewhere. Pure.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { foldName, printable } from "../../wire/mod.ts";
import type { Unread } from "../room_book.ts";

/** What it tells. */
export interface PromptState {
  /** Where a line goes, or `@` and to whom; empty: nobody was named yet. */
  readonly room: string;
  readonly online: boolean;
  readonly unread: readonly Unread[];
  /** How wide the terminal is. */
  readonly columns: number;
}

/**
 * Where a line goes, and what is unread elsewhere: `[tea · general 3]`. Of more
 * rooms than fit half a row it tells how many they are.
 */
export function promptText(
  { room, online, unread, columns }: PromptState,
): string {
  const elsewhere = unread.filter(({ room: name, count }) =>
    count > 0 && foldName(name) !== foldName(room)
  );
  let prompt = room === "" ? "[nobody" : `[${printable(room)}`;
  if (!online) prompt += ", offline";
  for (const [index, { room: name, count }] of elsewhere.entries()) {
    const longer = `${prompt} · ${printable(name)} ${count}`;
    if (index > 0 && unicodeWidth(longer) > columns / 2) {
      return `${prompt} · ${elsewhere.length - index} more] `;
    }
    prompt = longer;
  }
  return `${prompt}] `;
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
