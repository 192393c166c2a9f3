/**
 * Somebody who talks to a server that is killed again and again: says things
 * to rooms and people, changes rooms, hangs up, comes back.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";
import { RawClient, type TestWire } from "../server/raw_client.ts";
import { TortureClient } from "./client.ts";
import { messageKey } from "./numbered_text.ts";
import type { Story } from "./story.ts";

/** The rooms; there are so many that some are empty at times and vanish. */
export const ROOMS: readonly string[] = [
  "general",
  "red",
  "green",
  "blue",
  "grey",
];

/** What a player does next, and how often. */
const DEEDS = ["say", "tell", "join", "list", "hang up"] as const;
const WEIGHTS = [70, 24, 3, 2, 1];

/** The most requests that a player has unanswered. */
const MOST_UNANSWERED = 40;

/** How players talk: each takes the next one. */
const WAYS: readonly { readonly wire: TestWire; readonly secure: boolean }[] = [
  { wire: "chatp1", secure: false },
  { wire: "json2", secure: true },
  { wire: "json1", secure: false },
  { wire: "chatp1", secure: true },
  { wire: "json2", secure: false },
  { wire: "json1", secure: true },
];

/** One run of a server, for those who talk to it. */
export interface Stage {
  readonly port: number;
  readonly life: number;
  /** Settles when the server has died. */
  readonly died: Promise<void>;
  /** The names of those who are here, by player. */
  readonly names: Map<number, string>;
  /** When true, connections may end. */
  dying: boolean;
  /** When true, nobody says anything new any more. */
  quiet: boolean;
  /** Called for every event that a player receives. */
  happened(): void;
}

/** One who plays through all of a server's lives. */
export class Player {
  readonly #index: number;
  readonly #story: Story;
  readonly #random: SeededRandom;
  #said = 0;
  #visits = 0;

  /** `index`: 0, 1, 2 …; decides its wire. */
  constructor(index: number, story: Story, random: SeededRandom) {
    this.#index = index;
    this.#story = story;
    this.#random = random;
  }

  /**
   * Plays until the server dies, or until it is quiet and everything is
   * answered; then answers the client that is still connected.
   */
  async play(stage: Stage): Promise<TortureClient | undefined> {
    for (;;) {
      const client = await this.enter(stage);
      if (client === undefined) return undefined;
      const end = await this.#talk(client, stage);
      stage.names.delete(this.#index);
      if (end === "quiet") return client;
      await client.close();
      if (end === "died") return undefined;
    }
  }

  /** Logs in under a new name; answers undefined when the server dies. */
  async enter(stage: Stage): Promise<TortureClient | undefined> {
    const { wire, secure } = WAYS[this.#index % WAYS.length] as typeof WAYS[0];
    const name = `p${this.#index}v${++this.#visits}`;
    const died = stage.died.then(() => undefined);
    const raw = await Promise.race([
      RawClient.login(stage.port, name, wire, { secure }).catch((error) => {
        this.#lost(stage, error);
        return died;
      }),
      // A connection that breaks amid its handshake need not say so.
      died,
    ]);
    if (raw === undefined) return undefined;
    stage.names.set(this.#index, name);
    return new TortureClient(raw, this.#story, name, stage.life);
  }

  async #talk(
    client: TortureClient,
    stage: Stage,
  ): Promise<"died" | "quiet" | "hung up"> {
    let goal = 0;
    for (;;) {
      if (client.unanswered <= goal / 2) {
        if (stage.quiet && client.unanswered === 0) return "quiet";
        goal = 1 + this.#random.integer(MOST_UNANSWERED);
        while (!stage.quiet && client.unanswered < goal) {
          if (!this.#act(client, stage)) return "hung up";
        }
      }
      try {
        await client.take();
      } catch (error) {
        this.#lost(stage, error);
        return "died";
      }
      stage.happened();
    }
  }

  #lost(stage: Stage, error: unknown): void {
    if (stage.dying) return;
    const what = `A living server lost player ${this.#index}: ${error}`;
    this.#story.blame("unexpected", what);
  }

  /** Does one thing; false when it wants to hang up. */
  #act(client: TortureClient, stage: Stage): boolean {
    const random = this.#random;
    const deed = DEEDS[random.weighted(WEIGHTS)];
    if (deed === "hang up") return false;
    if (deed === "join") client.join(random.pick(ROOMS));
    else if (deed === "list") client.list();
    else {
      const others = [...stage.names.values()]
        .filter((name) => name !== client.visit.name);
      if (deed === "say" || others.length === 0) client.say(this.#next());
      else client.tell(random.pick(others), this.#next());
    }
    return true;
  }

  #next(): number {
    return messageKey(this.#index, ++this.#said);
  }
}
