/**
 * Holds what the log kept against what players with kept sessions were shown
 * and answered, over all of their connections and all kills.
 *
 * - Of each of its rooms one MUST be shown every message from the first on, to
 *   the end, once, under the sequence that it has.
 * - Everything that it said MUST be answered, once, and by the truth.
 *
 * @module
 */

import type { Archive } from "./archive.ts";
import { describeKey, keyOf } from "./numbered_text.ts";
import type { Followed, Story } from "./story.ts";

/** Adds every fault to the story. */
export function checkFollowers(story: Story, archive: Archive): void {
  for (const follower of story.followers) {
    new FollowerCheck(story, archive, follower).run();
  }
}

class FollowerCheck {
  readonly #story: Story;
  readonly #archive: Archive;
  readonly #follower: Followed;

  constructor(story: Story, archive: Archive, follower: Followed) {
    this.#story = story;
    this.#archive = archive;
    this.#follower = follower;
  }

  run(): void {
    const { faults, name, seen, unanswered } = this.#follower;
    for (const fault of faults) this.#story.blame("unexpected", fault);
    if (unanswered > 0) {
      this.#story.blame("unanswered", `${name}: ${unanswered} messages`);
    }
    const streams = new Set<string>();
    for (const [room, shown] of Map.groupBy(seen, ({ room }) => room)) {
      const stream = this.#checkRoom(`${name} in room ${room}`, shown);
      if (stream !== undefined) streams.add(stream);
    }
    for (const [key, { stream }] of this.#archive.found) {
      if (streams.has(stream) || !this.#isDue(key)) continue;
      const what = `${name} saw nothing of ${stream}`;
      this.#story.blame("missed", what);
      streams.add(stream);
    }
  }

  /** Whether a message is from it or to it. */
  #isDue(key: number): boolean {
    const { name } = this.#follower;
    const said = this.#story.said.get(key);
    return said?.visit.name === name || said?.to === `@${name}`;
  }

  /** Answers the stream of a room, as the log has it. */
  #checkRoom(where: string, shown: Followed["seen"]): string | undefined {
    let stream: string | undefined;
    let last: number | undefined;
    for (const { sequence, text } of shown) {
      if (last !== undefined && sequence !== last + 1) {
        const kind = sequence <= last ? "repeated" : "missed";
        this.#story.blame(kind, `${where}: ${sequence} behind ${last}`);
      }
      last = sequence;
      const key = keyOf(text);
      const found = this.#archive.found.get(key ?? 0);
      const what = `${where}: ${describeKey(key ?? 0)}`;
      if (found === undefined) this.#story.blame("seen but not kept", what);
      else if (found.place !== sequence - 1) {
        this.#story.blame("misnumbered", what);
      } else if (found.stream !== (stream ??= found.stream)) {
        this.#story.blame("foreign", what);
      }
    }
    if (stream === undefined) return undefined;
    const length = this.#archive.length(stream);
    if (last !== length) {
      this.#story.blame("missed", `${where}: shown to ${last} of ${length}`);
    }
    return stream;
  }
}
