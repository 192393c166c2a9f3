/**
 * What rooms are called on this wire (docs/udpchat.md, "Groups"): everything is
 * a group, the lobby has a name of its own, and a room of two is `@` and the
 * name of the other one.
 *
 * @module
 */

import { foldName, LOBBY, RESERVED_ROOM } from "../names.ts";

const RESERVED_KEY = foldName(RESERVED_ROOM);

/** Units of UTF-16; a longer text is no name, and folding it takes its time. */
export const LONGEST_NAME = 256;

/** Whether two texts name the same; neither need be a name. */
export function sameName(one: string, other: string): boolean {
  return one === other ||
    one.length <= LONGEST_NAME && other.length <= LONGEST_NAME &&
      foldName(one) === foldName(other);
}

/** The room that a group is. */
export function roomOfGroup(group: string): string {
  const lobby = group.length <= LONGEST_NAME &&
    foldName(group) === RESERVED_KEY;
  return lobby ? LOBBY : group;
}

/** What a public room or a group is called here. */
export function groupOfRoom(room: string): string {
  return room === LOBBY ? RESERVED_ROOM : room;
}

/** What the room that one has to oneself with somebody is called here. */
export function groupOfTwo(other: string): string {
  return `@${other}`;
}

/** With whom one has a group to oneself; undefined for other groups. */
export function otherOf(group: string): string | undefined {
  return group.startsWith("@") ? group.slice(1) : undefined;
}
