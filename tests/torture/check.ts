/**
 * Holds what the log kept against what clients said and saw.
 *
 * Everything a connection saw of a room must be one unbroken piece of that
 * room's log, its own messages in their places, beginning with the newest ones
 * flagged as a replay. So all readers saw the same order, nobody saw what was
 * not kept, and nobody missed what others saw.
 *
 * @module
 */

import type { Message } from "../../lib/chat/mod.ts";
import type { Kept } from "./kept.ts";
import { describeKey, keyOf } from "./numbered_text.ts";
import type { FaultKind, Said, Story, View, Visit } from "./story.ts";

/** Messages that a room shows of its past (docs/limits.md, `joinHistory`). */
export const REPLAYED = 20;

/** A message of ours in the log. */
interface Found {
  readonly stream: string;
  /** 0, 1, 2 … in its stream. */
  readonly place: number;
  readonly message: Message;
}

/** Adds every fault to the story; answers how many messages were looked at. */
export function check(story: Story, kept: readonly Kept[]): number {
  return new Check(story, kept).run();
}

class Check {
  readonly #story: Story;
  readonly #kept: readonly Kept[];
  readonly #found = new Map<number, Found>();
  readonly #lengths = new Map<string, number>();

  constructor(story: Story, kept: readonly Kept[]) {
    this.#story = story;
    this.#kept = kept;
  }

  run(): number {
    for (const stream of this.#kept) this.#checkStream(stream);
    this.#checkIds();
    for (const said of this.#story.said.values()) this.#checkSaid(said);
    for (const visit of this.#story.visits) {
      for (const view of visit.views) this.#checkView(visit, view);
      this.#checkDirect(visit);
    }
    return this.#kept.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  #blame(kind: FaultKind, what: string): void {
    this.#story.blame(kind, what);
  }

  // ---- the log by itself

  #checkStream({ stream, messages, last }: Kept): void {
    this.#lengths.set(stream, messages.length);
    messages.forEach((message, place) => {
      if (message.sequence !== place + 1) {
        const what = `${stream}: ${message.sequence} in place ${place + 1}`;
        this.#blame("misnumbered", what);
      }
      this.#find({ stream, place, message });
    });
    if (last !== messages.length) {
      const what = `${stream}: the last is ${last} of ${messages.length}`;
      this.#blame("misnumbered", what);
    }
  }

  #find(found: Found): void {
    const { stream, message: { id, text, sender } } = found;
    const key = keyOf(text);
    const said = key === undefined ? undefined : this.#story.said.get(key);
    if (key === undefined || said === undefined) {
      return this.#blame("invented", `${stream}: id ${id} by ${sender}`);
    }
    if (this.#found.has(key)) {
      return this.#blame("doubled", `${stream}: ${describeKey(key)}`);
    }
    this.#found.set(key, found);
    const place = said.to.startsWith("#") ? stream : stream[0];
    const expected = said.to.startsWith("#") ? said.to : "@";
    if (
      place !== expected || sender !== said.visit.name ||
      said.fate === "refused"
    ) {
      this.#blame("invented", `${stream}: ${describeKey(key)} by ${sender}`);
    }
  }

  /** Over all streams: ids rise with what each sends, and with the lives. */
  #checkIds(): void {
    const all = [...this.#found].map(([key, { message }]) => {
      const { visit } = this.#story.said.get(key) as Said;
      return { key, id: message.id, visit };
    }).sort((a, b) => a.id - b.id);
    const latest = new Map<Visit, number>();
    let before = { id: 0, life: 0 };
    for (const { key, id, visit } of all) {
      if (id <= before.id || visit.life < before.life) {
        const what = `id ${id} of run ${visit.life} follows ` +
          `id ${before.id} of run ${before.life}`;
        this.#blame("misnumbered", what);
      }
      if (key <= (latest.get(visit) ?? 0)) {
        this.#blame("out of order", `id ${id}: ${describeKey(key)}`);
      }
      latest.set(visit, key);
      before = { id, life: visit.life };
    }
    this.#checkSequences();
  }

  /** Ids rise along each stream. */
  #checkSequences(): void {
    for (const { stream, messages } of this.#kept) {
      messages.forEach(({ id }, place) => {
        const before = messages[place - 1]?.id ?? 0;
        if (id > before) return;
        this.#blame("misnumbered", `${stream}: id ${id} behind ${before}`);
      });
    }
  }

  // ---- the log against what was said

  #checkSaid({ key, fate, id }: Said): void {
    if (fate !== "acknowledged") return;
    const found = this.#found.get(key);
    if (found === undefined) {
      return this.#blame("lost", `${describeKey(key)}, id ${id}`);
    }
    if (id === undefined || id === found.message.id) return;
    this.#blame(
      "misnumbered",
      `${describeKey(key)}: ${id} acknowledged, ${found.message.id} kept`,
    );
  }

  // ---- the log against what was seen

  #checkView({ name }: Visit, view: View): void {
    const { room, replayed, live, whole } = view;
    const places = this.#places(name, room, [...replayed, ...live]);
    if (places === undefined) return;
    this.#checkUnbroken(`${name} in ${room}`, places);
    const length = this.#lengths.get(room) ?? 0;
    if (whole && (places.at(-1) ?? -1) !== length - 1) {
      const what = `${name} in ${room}: ${length - 1 - (places.at(-1) ?? -1)}`;
      this.#blame("missed", `${what} at the end`);
    }
    // Who was cut off before the first news may lack a part of the replay.
    const news = places[replayed.length] ?? (whole ? length : undefined);
    if (news === undefined && replayed.length <= REPLAYED) return;
    if (replayed.length === Math.min(REPLAYED, news ?? Infinity)) return;
    const what = `${name} in ${room}: ${replayed.length} before ${news}`;
    this.#blame("wrong replay", what);
  }

  /** A stream of two begins with its first message: both see a whole start. */
  #checkDirect(visit: Visit): void {
    const streams = Map.groupBy(
      visit.direct,
      (key) => this.#found.get(key)?.stream,
    );
    for (const [stream, keys] of streams) {
      const places = this.#places(visit.name, stream, keys);
      if (places === undefined || stream === undefined) continue;
      const where = `${visit.name} in ${stream}`;
      this.#checkUnbroken(where, [-1, ...places]);
      const length = this.#lengths.get(stream) ?? 0;
      if (visit.whole && places.at(-1) !== length - 1) {
        this.#blame("missed", `${where}: the end of ${length}`);
      }
    }
  }

  /** Where in a stream these are kept, or undefined when one isn't. */
  #places(
    name: string,
    stream: string | undefined,
    keys: readonly number[],
  ): number[] | undefined {
    const strange = keys.filter((key) =>
      this.#found.get(key)?.stream !== stream || stream === undefined
    );
    for (const key of strange) {
      const what = `${describeKey(key)}, by ${name} in ${stream}`;
      this.#blame("seen but not kept", what);
    }
    if (strange.length > 0) return undefined;
    return keys.map((key) => this.#found.get(key)?.place as number);
  }

  #checkUnbroken(where: string, places: readonly number[]): void {
    places.forEach((place, index) => {
      const before = places[index - 1];
      if (before === undefined || place === before + 1) return;
      this.#blame(
        place > before ? "missed" : "out of order",
        `${where}: place ${place} behind ${before}`,
      );
    });
  }
}
