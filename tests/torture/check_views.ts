/**
 * Holds what the log kept against what each connection saw.
 *
 * @module
 */

import type { Archive } from "./archive.ts";
import { describeKey } from "./numbered_text.ts";
import {
  runsOf,
  type Shown,
  type Story,
  type View,
  type Visit,
} from "./story.ts";

/** Messages that a room shows of its past (docs/limits.md, `joinHistory`). */
export const REPLAYED = 20;

/** Adds every fault to the story. */
export function checkViews(story: Story, archive: Archive): void {
  for (const visit of story.visits) {
    new VisitCheck(story, archive, visit).run();
  }
}

class VisitCheck {
  readonly #story: Story;
  readonly #archive: Archive;
  readonly #visit: Visit;
  readonly #account: boolean;

  constructor(story: Story, archive: Archive, visit: Visit) {
    this.#story = story;
    this.#archive = archive;
    this.#visit = visit;
    this.#account = story.accounts.has(visit.name);
  }

  run(): void {
    const seen = new Map<string, number>();
    for (const view of this.#visit.views) {
      this.#checkNews(view.live);
      this.#checkView(view, seen);
    }
    this.#checkNews(
      this.#visit.direct.filter(({ history }) => !history)
        .map(({ key }) => key),
    );
    this.#checkDirect(this.#visit.direct.filter(({ key }) => this.#own(key)));
  }

  /** Whether a private message is its own, sent or received. */
  #own(key: number): boolean {
    const { name } = this.#visit;
    const said = this.#story.said.get(key);
    if (said?.visit.name === name || said?.to === `@${name}`) return true;
    const what = `${describeKey(key)}, to ${said?.to}, shown to ${name}`;
    this.#story.blame("foreign", what);
    return false;
  }

  /** What comes without the flag is said now: not in an earlier run. */
  #checkNews(keys: readonly number[]): void {
    for (const key of keys) {
      const said = this.#story.said.get(key);
      const { life, name } = this.#visit;
      const { first, last } = said ? runsOf(said) : { first: life, last: life };
      if (first <= life && life <= last) continue;
      const what = `${name}: ${describeKey(key)} of run ${first} ` +
        `as news of run ${life}`;
      this.#story.blame("wrong replay", what);
    }
  }

  /** `seen`: the last place that this connection saw of each room so far. */
  #checkView(view: View, seen: Map<string, number>): void {
    const { room, replayed, live, whole } = view;
    const where = `${this.#visit.name} in ${room}`;
    const places = this.#places(where, room, [...replayed, ...live]);
    if (places === undefined) return;
    this.#checkUnbroken(where, places);
    const before = seen.get(room) ?? -1;
    if ((places[replayed.length] ?? Infinity) <= before) {
      this.#story.blame("repeated", `${where}: news behind ${before}`);
    }
    seen.set(room, Math.max(before, places.at(-1) ?? -1));
    const length = this.#archive.length(room);
    if (whole && (places.at(-1) ?? -1) !== length - 1) {
      const what = `${where}: the end of ${length}`;
      this.#story.blame("missed", what);
    }
    this.#checkReplay(where, view, places);
  }

  #checkReplay(where: string, view: View, places: readonly number[]): void {
    const { room, replayed, entered, whole } = view;
    // To an account that comes back that is due which it has not got.
    if (this.#account && entered === "login") return;
    // Who was cut off before the first news may lack a part of the replay.
    const end = whole ? this.#archive.length(room) : undefined;
    const news = places[replayed.length] ?? end;
    if (news === undefined && replayed.length <= REPLAYED) return;
    const due = Math.min(REPLAYED, news ?? Infinity);
    // A member that comes back is shown more: what it has not got.
    if (this.#account ? replayed.length >= due : replayed.length === due) {
      return;
    }
    const what = `${where}: ${replayed.length} before ${news}`;
    this.#story.blame("wrong replay", what);
  }

  /** Guests begin a conversation; accounts go on with it. */
  #checkDirect(direct: readonly Shown[]): void {
    const streams = Map.groupBy(
      direct,
      ({ key }) => this.#archive.found.get(key)?.stream,
    );
    for (const [stream, shown] of streams) {
      const where = `${this.#visit.name} in ${stream}`;
      const places = this.#places(where, stream, shown.map(({ key }) => key));
      if (places === undefined || stream === undefined) continue;
      const start = this.#account ? [] : [-1];
      this.#checkUnbroken(where, [...start, ...places]);
      const news = shown.findIndex(({ history }) => !history);
      if (news >= 0 && shown.slice(news).some(({ history }) => history)) {
        this.#story.blame("wrong replay", `${where}: a replay behind news`);
      }
      const length = this.#archive.length(stream);
      if (this.#visit.whole && places.at(-1) !== length - 1) {
        this.#story.blame("missed", `${where}: the end of ${length}`);
      }
    }
  }

  /** Where in a stream these are kept, or undefined when one isn't. */
  #places(
    where: string,
    stream: string | undefined,
    keys: readonly number[],
  ): number[] | undefined {
    const places = this.#archive.places(stream ?? "", keys);
    if (places.length === keys.length) return places;
    for (const key of keys) {
      const found = this.#archive.found.get(key);
      if (found !== undefined && found.stream === stream) continue;
      const direct = this.#story.said.get(key)?.to.startsWith("@");
      const kind = direct && found ? "foreign" : "seen but not kept";
      this.#story.blame(kind, `${where}: ${describeKey(key)}`);
    }
    return undefined;
  }

  #checkUnbroken(where: string, places: readonly number[]): void {
    const seen = new Set<number>();
    places.forEach((place, index) => {
      const before = places[index - 1];
      const again = seen.has(place);
      seen.add(place);
      if (before === undefined || place === before + 1) return;
      this.#story.blame(
        again ? "repeated" : place > before ? "missed" : "out of order",
        `${where}: place ${place} behind ${before}`,
      );
    });
  }
}
