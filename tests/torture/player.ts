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
import type { Stage } from "./stage.ts";
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

/** How often an account stays away when it could come. */
const AWAY = 0.5;

/** How players talk: each takes the next one. */
const WAYS: readonly { readonly wire: TestWire; readonly secure: boolean }[] = [
  { wire: "chatp1", secure: false },
  { wire: "json2", secure: true },
  { wire: "json1", secure: false },
  { wire: "chatp1", secure: true },
  { wire: "json2", secure: false },
  { wire: "json1", secure: true },
];

/** Who a player is. */
export interface Role {
  /** 0, 1, 2 …; decides its wire. */
  readonly index: number;
  /** Present for the client of an account; others are guests. */
  readonly account?: { readonly name: string; readonly password: string };
  /** The most events that an account is away. */
  readonly rest: number;
}

/** One who plays through all of a server's lives. */
export class Player {
  readonly role: Role;
  readonly #story: Story;
  readonly #random: SeededRandom;
  #said = 0;
  #visits = 0;
  #deed = "plays";

  constructor(role: Role, story: Story, random: SeededRandom) {
    this.role = role;
    this.#story = story;
    this.#random = random;
  }

  /** Who this is and what it is about to do, for a fault. */
  get doing(): string {
    const { wire, secure } = this.#way;
    const way = secure ? `${wire} and TLS` : wire;
    return `player ${this.role.index} on ${way} ${this.#deed}`;
  }

  get #way(): typeof WAYS[0] {
    return WAYS[this.role.index % WAYS.length] as typeof WAYS[0];
  }

  /**
   * Plays until the server dies, or until it is quiet and everything is
   * answered; then answers the client that is still connected.
   */
  async play(stage: Stage): Promise<TortureClient | undefined> {
    for (;;) {
      this.#deed = "is away";
      await this.#rest(stage);
      if (stage.quiet) return undefined;
      const client = await this.enter(stage);
      if (client === undefined) return undefined;
      this.#deed = "talks";
      const end = await this.#talk(client, stage);
      this.#deed = end === "hung up" ? "hangs up" : "reads to the end";
      stage.names.delete(this.role.index);
      if (end === "quiet") return client;
      if (end === "died") await client.close();
      else if (this.role.account === undefined) await client.cut();
      // Its server takes for received what the socket took: it has to read it.
      else await client.leave(() => !stage.dying);
      if (end === "died") return undefined;
    }
  }

  /** An account is away for a while, at times until the server dies. */
  async #rest(stage: Stage): Promise<void> {
    const { account, rest } = this.role;
    if (account === undefined || !this.#random.chance(AWAY)) return;
    await stage.pause(this.#random.integer(rest));
  }

  /** Logs in, a guest under a new name; answers undefined when the server dies. */
  async enter(stage: Stage): Promise<TortureClient | undefined> {
    const { index, account } = this.role;
    this.#deed = "logs in";
    const name = account?.name ?? `p${index}v${++this.#visits}`;
    const began = this.#story.moment();
    const died = stage.died.then(() => undefined);
    const raw = await Promise.race([
      this.#login(stage.port, name).catch((error) => {
        this.#lost(stage, error);
        return died;
      }),
      // A connection that breaks amid its handshake need not say so.
      died,
    ]);
    if (raw === undefined) return undefined;
    stage.names.set(index, name);
    if (account !== undefined) stage.accounts.add(name);
    return new TortureClient(raw, this.#story, {
      name,
      life: stage.life,
      began,
    });
  }

  async #login(port: number, username: string): Promise<RawClient> {
    const { account } = this.role;
    const { wire, secure } = this.#way;
    const client = await RawClient.connect(port, wire, { secure });
    const password = account && { password: account.password };
    client.ask({ type: "login", username, ...password });
    const { type } = await client.next();
    if (type !== "login_ack") throw new Error(`The login was answered ${type}`);
    return client;
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
    const what = `A living server lost player ${this.role.index}: ${error}`;
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
      const others = [...stage.names.values(), ...stage.accounts]
        .filter((name) => name !== client.visit.name);
      if (deed === "say" || others.length === 0) client.say(this.#next());
      else client.tell(random.pick(others), this.#next());
    }
    return true;
  }

  #next(): number {
    return messageKey(this.role.index, ++this.#said);
  }
}
