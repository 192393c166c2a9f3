/**
 * What has to hold in the end, whatever was cut: every text in everybody's
 * history once, in one order; shown once; answered once.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Text } from "../../lib/wire/mod.ts";
import type { Follower } from "./follower.ts";

/** Texts of a room, in order. */
type Lines = readonly string[];

const PAGE = 100;

/** A text, as something that can be compared. */
export function line(text: Text): string {
  return typeof text === "string" ? text : `0x${text.toHex()}`;
}

/** All that was said in a room, as a follower can look it up. */
export async function history(
  follower: Follower,
  room: number,
): Promise<Lines> {
  const lines: string[] = [];
  let more = true;
  while (more) {
    let answered = false;
    await follower.wish(
      { type: "history", room, after: lines.length, limit: PAGE },
      () => answered,
      (event) => {
        assert(event.type === "history", `${event.type} answers a history`);
        for (const { place, text } of event.messages) {
          assertEquals(place?.sequence, lines.length + 1, "no hole in a page");
          lines.push(line(text));
        }
        answered = true;
        ({ more } = event);
      },
    );
  }
  return lines;
}

/** What all of these have to agree on; answers the lines of every room. */
export async function verify(
  followers: readonly Follower[],
): Promise<ReadonlyMap<number, Lines>> {
  const kept = new Map<number, Lines>();
  for (const follower of followers) {
    for (const [room, { name }] of follower.rooms.all) {
      const lines = await history(follower, room);
      assertEquals(kept.get(room) ?? lines, lines, `one history of ${name}`);
      kept.set(room, lines);
      const shown = follower.seen.filter((seen) => seen.room === room);
      assertEquals(
        shown.map(({ text }) => line(text)),
        lines,
        `${follower.name} was shown all of ${name}, once`,
      );
    }
  }
  const all = [...kept.values()].flat();
  assertEquals(all.length, new Set(all).size, "every text is there once");
  for (const follower of followers) checkSettled(follower, kept, all);
  return kept;
}

function checkSettled(
  { name, faults, settled, unanswered }: Follower,
  kept: ReadonlyMap<number, Lines>,
  all: Lines,
): void {
  assertEquals(faults, [], name);
  assertEquals(unanswered, 0, `${name} has an answer to everything`);
  const refs = settled.map(({ ref }) => ref);
  assertEquals(refs, refs.map((_, index) => index), `${name}: each ref once`);
  for (const { text, place } of settled) {
    if (place === undefined) assert(!all.includes(line(text)), line(text));
    else {
      const at = kept.get(place.room)?.[place.sequence - 1];
      assertEquals(at, line(text), `${name} was told where it stands`);
    }
  }
}
