/**
 * Holds what the log kept against what clients said and saw.
 *
 * Everything a connection saw of a room must be one unbroken piece of that
 * room's log, its own messages in their places, beginning with the newest ones
 * flagged as a replay (`check_views.ts`). So all readers saw the same order,
 * nobody saw what was not kept, and nobody missed what others saw. What is due
 * to an account is due over all its connections (`check_accounts.ts`).
 *
 * @module
 */

import { Archive, type Found } from "./archive.ts";
import { type AccountsChecked, checkAccounts } from "./check_accounts.ts";
import { checkFetchers } from "./check_fetchers.ts";
import { checkFollowers } from "./check_followers.ts";
import { checkViews } from "./check_views.ts";
import type { Kept } from "./kept.ts";
import { describeKey, keyOf } from "./numbered_text.ts";
import {
  type FaultKind,
  runsOf,
  type Said,
  type Story,
  type Visit,
} from "./story.ts";

/** What a check came to, besides faults. */
export interface Checked extends AccountsChecked {
  /** Messages in the log. */
  readonly kept: number;
}

/** Adds every fault to the story. */
export function check(story: Story, kept: readonly Kept[]): Checked {
  const archive = new LogCheck(story, kept).run();
  checkViews(story, archive);
  checkFollowers(story, archive);
  checkFetchers(story, archive);
  const accounts = checkAccounts(story, archive);
  const sum = kept.reduce((sum, { messages }) => sum + messages.length, 0);
  return { kept: sum, ...accounts };
}

class LogCheck {
  readonly #story: Story;
  readonly #kept: readonly Kept[];
  readonly #archive = new Archive();
  /** The stream of each two people, and the people of each such stream. */
  readonly #pairs = new Map<string, string>();

  constructor(story: Story, kept: readonly Kept[]) {
    this.#story = story;
    this.#kept = kept;
  }

  run(): Archive {
    for (const stream of this.#kept) this.#checkStream(stream);
    this.#checkIds();
    for (const said of this.#story.said.values()) this.#checkSaid(said);
    return this.#archive;
  }

  #blame(kind: FaultKind, what: string): void {
    this.#story.blame(kind, what);
  }

  // ---- the log by itself

  #checkStream({ stream, messages, last }: Kept): void {
    this.#archive.lengths.set(stream, messages.length);
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
    if (this.#archive.found.has(key)) {
      return this.#blame("doubled", `${stream}: ${describeKey(key)}`);
    }
    this.#archive.found.set(key, found);
    const direct = said.to.startsWith("@");
    const place = direct ? stream[0] : stream;
    if (
      place !== (direct ? "@" : said.to) || sender !== said.visit.name ||
      said.fate === "refused"
    ) {
      this.#blame("invented", `${stream}: ${describeKey(key)} by ${sender}`);
    } else if (direct) this.#checkPair(stream, said);
  }

  /** Two people have one stream, and nobody else is in it. */
  #checkPair(stream: string, { key, to, visit }: Said): void {
    const pair = [visit.name, to.slice(1)].sort().join(" and ");
    for (const [one, other] of [[stream, pair], [pair, stream]] as const) {
      const known = this.#pairs.get(one);
      if (known === undefined) this.#pairs.set(one, other);
      else if (known !== other) {
        const what = `${one} had ${known}, ${describeKey(key)} has ${other}`;
        this.#blame(one === stream ? "foreign" : "misnumbered", what);
      }
    }
  }

  /** Over all streams: ids rise with what each sends, and with the lives. */
  #checkIds(): void {
    const all = [...this.#archive.found].map(([key, { message }]) => {
      const said = this.#story.said.get(key) as Said;
      return { key, id: message.id, visit: said.visit, ...runsOf(said) };
    }).sort((a, b) => a.id - b.id);
    const latest = new Map<Visit, number>();
    let before = { id: 0, life: 0 };
    for (const { key, id, visit, first, last } of all) {
      if (id <= before.id || last < before.life) {
        const what = `id ${id} of run ${last} follows ` +
          `id ${before.id} of run ${before.life}`;
        this.#blame("misnumbered", what);
      }
      if (key <= (latest.get(visit) ?? 0)) {
        this.#blame("out of order", `id ${id}: ${describeKey(key)}`);
      }
      latest.set(visit, key);
      before = { id, life: Math.max(first, before.life) };
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

  #checkSaid({ key, fate, id, sequence }: Said): void {
    if (fate !== "acknowledged") return;
    const found = this.#archive.found.get(key);
    if (found === undefined) {
      return this.#blame("lost", `${describeKey(key)}, id ${id}`);
    }
    if (sequence !== undefined && sequence !== found.message.sequence) {
      const what = `${describeKey(key)}: acknowledged as ${sequence}, ` +
        `kept as ${found.message.sequence}`;
      this.#blame("misnumbered", what);
    }
    if (id === undefined || id === found.message.id) return;
    this.#blame(
      "misnumbered",
      `${describeKey(key)}: ${id} acknowledged, ${found.message.id} kept`,
    );
  }
}
