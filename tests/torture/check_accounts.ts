/**
 * Holds what the log kept against what accounts were shown, over all of their
 * clients, over their absences and over all kills.
 *
 * - What was said where an account belongs MUST be shown to it: everything in
 *   its private conversations, in the room where everybody begins from its
 *   first login on, in another room from when it entered until it left. The
 *   wires that are used here have no receipts: what a connection took that the
 *   system cut before it was read counts as unread, and is no fault.
 * - Whoever hung up in peace and comes back to the same server MUST NOT be
 *   shown again, behind its login, what it saw.
 *
 * @module
 */

import type { Archive } from "./archive.ts";

import { LOBBY, type Story, type View, type Visit } from "./story.ts";

/** What came to accounts that is no fault. */
export interface AccountsChecked {
  /** Messages that came a second time behind a login. */
  readonly shownAgain: number;
  /** Messages that went down with a connection that was cut. */
  readonly unread: number;
}

/** Adds every fault to the story. */
export function checkAccounts(
  story: Story,
  archive: Archive,
): AccountsChecked {
  let [shownAgain, unread] = [0, 0];
  const { followers, fetchers } = story;
  const others = new Set([...followers, ...fetchers].map(({ name }) => name));
  for (const name of story.accounts) {
    if (others.has(name)) continue;
    const visits = story.visits.filter((visit) => visit.name === name);
    const account = new Account(story, archive, name, visits);
    unread += account.checkCovered();
    account.checkReturns();
    shownAgain += account.countAgain();
  }
  return { shownAgain, unread };
}

/** Everything that a view shows. */
function* keysOf({ replayed, live }: View): Generator<number> {
  yield* replayed;
  yield* live;
}

/** What comes behind a login, in the room where everybody begins. */
function arrivalOf({ views }: Visit): View | undefined {
  return views[0];
}

class Account {
  readonly #story: Story;
  readonly #archive: Archive;
  readonly #name: string;
  /** In the order in which they began. */
  readonly #visits: readonly Visit[];
  #unread = 0;

  constructor(
    story: Story,
    archive: Archive,
    name: string,
    visits: readonly Visit[],
  ) {
    this.#story = story;
    this.#archive = archive;
    this.#name = name;
    this.#visits = visits.toSorted((a, b) => a.began - b.began);
  }

  // ---- nothing is missed

  /** Answers how much is missing because connections were cut. */
  checkCovered(): number {
    const lobby = this.#visits.flatMap(({ views }) => views)
      .filter(({ room }) => room === LOBBY);
    this.#checkViews(LOBBY, lobby, true);
    for (const { name, room, views, open } of this.#story.stays) {
      if (name === this.#name) this.#checkViews(room, views, open);
    }
    const shown = this.#visits.flatMap(({ direct }) =>
      direct.map(({ key }) => key)
    );
    for (const stream of this.#conversations()) {
      const places = new Set(this.#archive.places(stream, shown));
      this.#checkRange(stream, places, 0, this.#archive.length(stream));
    }
    return this.#unread;
  }

  /** From the first that was seen to the last, or to the end. */
  #checkViews(room: string, views: readonly View[], toEnd: boolean): void {
    const places = new Set<number>();
    let [first, last] = [Infinity, -1];
    for (const view of views) {
      for (const place of this.#archive.places(room, keysOf(view))) {
        places.add(place);
        first = Math.min(first, place);
        last = Math.max(last, place);
      }
    }
    if (places.size === 0) return;
    const end = toEnd ? this.#archive.length(room) : last + 1;
    this.#checkRange(room, places, first, end);
  }

  #checkRange(
    stream: string,
    places: ReadonlySet<number>,
    from: number,
    end: number,
  ): void {
    for (let place = from; place < end; place++) {
      if (places.has(place)) continue;
      const first = place;
      while (place + 1 < end && !places.has(place + 1)) place++;
      if (this.#cutBetween(stream, first - 1, place + 1)) {
        this.#unread += place + 1 - first;
        continue;
      }
      for (let missed = first; missed <= place; missed++) {
        const what = `${this.#name} in ${stream}: place ${missed} of ${end}`;
        this.#story.blame("missed", what);
      }
    }
  }

  /**
   * Whether a connection was cut between the last that saw one message and the
   * first that saw another, these two included.
   */
  #cutBetween(stream: string, before: number, after: number): boolean {
    const saw = (place: number) => ({ views, direct }: Visit) => {
      const keys = views.flatMap((view) => [...keysOf(view)])
        .concat(direct.map(({ key }) => key));
      return this.#archive.places(stream, keys).includes(place);
    };
    const from = this.#visits.findLastIndex(saw(before));
    const to = this.#visits.findIndex(saw(after));
    return this.#visits.slice(Math.max(from, 0), to < 0 ? undefined : to + 1)
      .some(({ failure }) => failure !== undefined);
  }

  /** The streams of all private messages by it and to it. */
  #conversations(): Set<string> {
    const streams = new Set<string>();
    for (const [key, { stream }] of this.#archive.found) {
      const said = this.#story.said.get(key);
      if (!said?.to.startsWith("@")) continue;
      const name = this.#name;
      if (said.visit.name === name || said.to === `@${name}`) {
        streams.add(stream);
      }
    }
    return streams;
  }

  // ---- nothing comes again without a reason

  /** Whoever said goodbye to this server goes on where it was. */
  checkReturns(): void {
    const peaceful = this.#visits.filter(({ ended }) => ended !== undefined)
      .toSorted((a, b) => (a.ended as number) - (b.ended as number));
    let life = -1;
    let floors = new Map<string, number>();
    for (const visit of this.#visits) {
      if (visit.life !== life) floors = new Map();
      life = visit.life;
      while ((peaceful[0]?.ended ?? Infinity) < visit.began) {
        const before = peaceful.shift() as Visit;
        if (before.life === life) this.#raise(floors, before);
      }
      this.#checkReturn(visit, floors);
    }
  }

  /** Notes how far a connection was when it ended. */
  #raise(floors: Map<string, number>, { views, direct }: Visit): void {
    const raise = (stream: string, place: number) =>
      floors.set(stream, Math.max(floors.get(stream) ?? -1, place));
    for (const { key } of direct) {
      const found = this.#archive.found.get(key);
      if (found !== undefined) raise(found.stream, found.place);
    }
    for (const view of views) {
      if (view.room !== LOBBY) continue;
      for (const place of this.#archive.places(LOBBY, keysOf(view))) {
        raise(LOBBY, place);
      }
    }
  }

  #checkReturn(visit: Visit, floors: ReadonlyMap<string, number>): void {
    const keys = [
      ...keysOf(arrivalOf(visit) ?? EMPTY),
      ...visit.direct.map(({ key }) => key),
    ];
    for (const key of keys) {
      const found = this.#archive.found.get(key);
      const floor = floors.get(found?.stream ?? "") ?? -1;
      if (found === undefined || found.place > floor) continue;
      const what = `${this.#name} in ${found.stream}: place ${found.place}, ` +
        `had ${floor} before`;
      this.#story.blame("repeated", what);
    }
  }

  /** How many came behind a login that it had been shown before. */
  countAgain(): number {
    const seen = new Set<number>();
    let again = 0;
    for (const visit of this.#visits) {
      const due = [
        ...arrivalOf(visit)?.replayed ?? [],
        ...visit.direct.filter(({ history }) => history).map(({ key }) => key),
      ];
      for (const key of due) if (seen.has(key)) again++;
      for (const view of visit.views) {
        for (const key of keysOf(view)) seen.add(key);
      }
      for (const { key } of visit.direct) seen.add(key);
    }
    return again;
  }
}

const EMPTY: View = {
  room: LOBBY,
  entered: "login",
  replayed: [],
  live: [],
  whole: false,
};
