/**
 * Holds what the log kept against what accounts fetched over CP, over all of
 * their connections and all kills (docs/cp.md, "Receiving").
 *
 * - Every message to one MUST be handed out, until a 250 has answered it.
 * - One server MUST hand out the oldest that waits, and nothing again that was
 *   answered by 250; another may, as a 250 is written some time later.
 *
 * @module
 */

import type { Archive } from "./archive.ts";
import { describeKey } from "./numbered_text.ts";
import type { Fetched, Fetcher, Story } from "./story.ts";

/** Adds every fault to the story. */
export function checkFetchers(story: Story, archive: Archive): void {
  for (const fetcher of story.fetchers) {
    new FetcherCheck(story, archive, fetcher).run();
  }
}

class FetcherCheck {
  readonly #story: Story;
  readonly #archive: Archive;
  readonly #fetcher: Fetcher;

  constructor(story: Story, archive: Archive, fetcher: Fetcher) {
    this.#story = story;
    this.#archive = archive;
    this.#fetcher = fetcher;
  }

  run(): void {
    const { fetched } = this.#fetcher;
    for (const each of fetched) this.#checkOne(each);
    for (const same of Map.groupBy(fetched, ({ life }) => life).values()) {
      this.#checkLife(same);
    }
    this.#checkAll();
  }

  /** It is a message to this one, of whom it says. */
  #checkOne({ key, sender }: Fetched): void {
    // What can't be read is only counted.
    if (key === undefined) return;
    const { name } = this.#fetcher;
    const said = this.#story.said.get(key);
    const what = `${name} was handed ${describeKey(key)}`;
    if (!this.#archive.found.has(key)) {
      this.#story.blame("seen but not kept", what);
    } else if (said?.to !== `@${name}`) this.#story.blame("foreign", what);
    else if (said.visit.name !== sender) {
      this.#story.blame("unexpected", `${what}, as of ${sender}`);
    }
  }

  /** From one server. */
  #checkLife(fetched: readonly Fetched[]): void {
    const taken = new Set<number>();
    let latest = 0;
    for (const { key, fate } of fetched) {
      const id = this.#archive.found.get(key ?? 0)?.message.id;
      if (key === undefined || id === undefined) continue;
      const what = `${this.#fetcher.name} was handed ${describeKey(key)}`;
      if (taken.has(key)) this.#story.blame("repeated", what);
      else if (id < latest) this.#story.blame("out of order", what);
      if (fate !== "confirmed") continue;
      taken.add(key);
      latest = Math.max(latest, id);
    }
  }

  #checkAll(): void {
    const { name } = this.#fetcher;
    const fetched = this.#fetcher.fetched.filter(({ fate }) => fate !== "open");
    const handed = new Set(fetched.map(({ key }) => key));
    const hidden = new Map<string, number>();
    for (const [key, { message: { text, sender } }] of this.#archive.found) {
      if (this.#story.said.get(key)?.to !== `@${name}`) continue;
      if (typeof text !== "string") {
        hidden.set(sender, (hidden.get(sender) ?? 0) + 1);
      } else if (!handed.has(key)) {
        const what = `${name} could never take ${describeKey(key)}`;
        this.#story.blame("missed", what);
      }
    }
    for (const [sender, count] of hidden) {
      const notes = fetched.filter((each) =>
        each.key === undefined && each.sender === sender
      ).length;
      if (notes >= count) {
        continue;
      }
      const what = `${name} could take ${notes} of ${count} encrypted messages`;
      this.#story.blame("missed", `${what} of ${sender}`);
    }
  }
}
