/**
 * One round of torture: a data folder, a server that is killed at random
 * moments and started again, and players who go on through all of it. Then the
 * log is held against what they said and saw.
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";
import { StoreError } from "../../lib/store/mod.ts";
import { Folder } from "../commands/chatp_process.ts";
import { Cast, type CastOptions } from "./cast.ts";
import { check, type Checked } from "./check.ts";
import type { TortureClient } from "./client.ts";
import { FetchingPlayer } from "./fetching_player.ts";
import { addStory, type Figures } from "./figures.ts";
import { readLog } from "./kept.ts";
import { seesTheEnd } from "./patience.ts";
import { type Player, ROOMS } from "./player.ts";
import { Stage } from "./stage.ts";
import { Story } from "./story.ts";
import { TorturedServer } from "./tortured_server.ts";

/** How a round goes. */
export interface RoundOptions extends CastOptions {
  /** Decides who does what, and after how many events a server dies. */
  readonly seed: number;
  /** Servers to kill. */
  readonly kills: number;
  /**
   * A server is killed after fewer events than this, received by anybody; one
   * in eight goes on for longer, so that it writes cursors.
   */
  readonly mostEvents: number;
  /** When true, the round comes to its end with fewer kills. */
  readonly enough?: () => boolean;
}

/** ms within which a server that just starts is killed. */
const START = 600;

/** How many times as long the long lives are. */
const LONGER = 6;

/** Plays a round and adds what it came to. */
export async function playRound(
  options: RoundOptions,
  figures: Figures,
): Promise<void> {
  const start = performance.now();
  await using folder = await Folder.make();
  const round = new Round(options, folder.path, figures);
  await round.play();
  const { story } = round;
  addStory(figures, story, await look(story, `${folder.path}/chatp`));
  figures.seconds += (performance.now() - start) / 1000;
}

/** Holds the log against what was said and seen, if it can be read. */
async function look(story: Story, folder: string): Promise<Checked> {
  try {
    return check(story, await readLog(folder));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    story.blame("lost", `The log can't be read: ${error.message}`);
    return { kept: 0, shownAgain: 0, unread: 0 };
  }
}

class Round {
  readonly story = new Story();
  readonly #options: RoundOptions;
  readonly #folder: string;
  readonly #figures: Figures;
  readonly #random: SeededRandom;
  readonly #cast: Cast;
  /** Accounts that there are. */
  readonly #accounts = new Set<string>();
  /** The last account, as soon as somebody begins to make it. */
  #late: Promise<void> | undefined;
  #life = 0;

  constructor(options: RoundOptions, folder: string, figures: Figures) {
    this.#options = options;
    this.#folder = folder;
    this.#figures = figures;
    this.#random = new SeededRandom(options.seed);
    this.#cast = new Cast(options, this.story, this.#random);
  }

  async play(): Promise<void> {
    const { kills, enough = () => false } = this.#options;
    const names = await this.#cast.makeAccounts(`${this.#folder}/chatp`);
    for (const name of names) this.#accounts.add(name);
    for (let kill = 1; kill < kills && !enough(); kill++) {
      if (this.#random.chance(0.15)) await this.#killAtStart();
      else await this.#live();
    }
    await this.#live({ last: true });
    await this.#comeBack();
  }

  /** Kills a server that does not listen yet, or has only just begun to. */
  async #killAtStart(): Promise<void> {
    await using server = await this.#start();
    await new Promise((resolve) =>
      setTimeout(resolve, this.#random.integer(START))
    );
    if (await this.#kill(server)) this.#figures.killsAtStart++;
  }

  #start(...more: string[]): Promise<TorturedServer> {
    const { story } = this;
    return TorturedServer.start({ data: this.#folder, story, more });
  }

  async #kill(server: TorturedServer): Promise<boolean> {
    const killed = await server.kill();
    if (killed) this.#figures.kills++;
    return killed;
  }

  /** A server's life. At the end of the last one everybody sees everything. */
  async #live({ last = false } = {}): Promise<void> {
    await using server = await this.#start("--no-rate-limits");
    if (!await server.listens()) return;
    const stage = this.#stage(server.port, this.#lifetime());
    const { guests, accounts, late, followers, fetchers } = this.#cast;
    const playing = [...guests, ...accounts].map((player) => ({
      player,
      end: player.play(stage),
    }));
    playing.push({ player: late, end: this.#playLate(stage) });
    const others = [...followers, ...fetchers].map((player) => ({
      player,
      end: player.play(stage),
    }));
    await server.brings("to go on", stage.time, stage);
    if (last) {
      stage.hush();
      const clients = Promise.all(playing.map(({ end }) => end));
      await server.brings("to show everything", this.#catchUp(clients), stage);
      const fetching = others.filter(({ player }) =>
        player instanceof FetchingPlayer
      );
      for (const { end } of fetching) {
        await server.brings("to hand out everything", end, stage);
      }
    }
    stage.die();
    await this.#kill(server);
    stage.end();
    await Promise.all([
      ...playing.map(({ player, end }) =>
        seesTheEnd(player, end.then((client) => client?.close()), this.story)
      ),
      ...others.map(({ player, end }) => seesTheEnd(player, end, this.story)),
    ]);
  }

  /** Makes the last account while the first server runs that can be talked to. */
  async #playLate(stage: Stage): Promise<TortureClient | undefined> {
    this.#late ??= this.#cast.makeLate(this.#folder);
    try {
      await this.#late;
    } catch (error) {
      this.story.blame("unexpected", (error as Error).message);
      return undefined;
    }
    return stage.dying ? undefined : this.#cast.late.play(stage);
  }

  /** How many events it takes until a server is killed. */
  #lifetime(): number {
    const { mostEvents } = this.#options;
    const times = this.#random.chance(0.125) ? LONGER : 1;
    return this.#random.integer(mostEvents * times);
  }

  #stage(port: number, events: number): Stage {
    const accounts = this.#accounts;
    return new Stage({ port, life: this.#life++, events, accounts });
  }

  /** Nobody says anything more: everybody has to see everything. */
  async #catchUp(
    playing: Promise<(TortureClient | undefined)[]>,
  ): Promise<void> {
    const { followers } = this.#cast;
    const clients = await playing;
    // They go on with what the last one did not answer.
    for (const follower of followers) await follower.answered();
    for (const client of clients) await client?.catchUp();
    for (const follower of followers) await follower.catchUp();
  }

  /** One more server shows the past, on every wire, and stops in peace. */
  async #comeBack(): Promise<void> {
    // There can be much to fetch one by one.
    await using server = await this.#start("--no-rate-limits");
    if (!await server.listens()) return;
    const stage = this.#stage(server.port, 0);
    const { guests, accounts, late, followers, fetchers } = this.#cast;
    const ends = new Map<string, number>();
    const looks = [
      ...guests.map((guest) => () => this.#look(guest, stage, ends)),
      ...[...accounts, late].map((account) => () =>
        this.#comeHome(account, stage, ends)
      ),
      ...[...followers, ...fetchers].map((each) => () => each.comeHome(stage)),
    ];
    for (const look of looks) {
      if (!await server.brings("to show the past", look(), stage)) break;
    }
    await server.end();
  }

  /** A guest looks into every room; `ends` is how each of them ends. */
  async #look(
    guest: Player,
    stage: Stage,
    ends: Map<string, number>,
  ): Promise<void> {
    const client = await guest.enter(stage);
    for (const room of ROOMS) {
      client?.join(room);
      await client?.catchUp();
      const last = client?.visit.views.at(-1)?.replayed.at(-1);
      if (last !== undefined) ends.set(room, last);
    }
    await client?.cut();
  }

  /**
   * An account sees what it missed. A room's past comes behind that of the
   * rooms before, so whoever saw the end of one has seen all of those, and all
   * private messages.
   */
  async #comeHome(
    account: Player,
    stage: Stage,
    ends: ReadonlyMap<string, number>,
  ): Promise<void> {
    const client = await account.enter(stage);
    for (const room of ROOMS.toReversed()) {
      await client?.visitUntil(room, ends.get(room));
    }
    await client?.leave(() => true);
  }
}
