/**
 * One round of torture: a data folder, a server that is killed at random
 * moments and started again, and players who go on through all of it. Then the
 * log is held against what they said and saw.
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";
import { Chatp, Folder, startServer } from "../commands/chatp_process.ts";
import { check } from "./check.ts";
import type { TortureClient } from "./client.ts";
import { addStory, type Figures } from "./figures.ts";
import { readLog } from "./kept.ts";
import { Player, ROOMS, type Stage } from "./player.ts";
import { Story } from "./story.ts";

/** How a round goes. */
export interface RoundOptions {
  /** Decides who does what, and after how many events a server dies. */
  readonly seed: number;
  readonly players: number;
  /** Servers to kill. */
  readonly kills: number;
  /** A server is killed after fewer events than this, received by anybody. */
  readonly mostEvents: number;
  /** When true, the round comes to its end with fewer kills. */
  readonly enough?: () => boolean;
}

/** ms that a server may do nothing, before that is a fault. */
const PATIENCE = 30_000;

/** ms within which a server that just starts is killed. */
const START = 600;

/** Plays a round and adds what it came to. */
export async function playRound(
  options: RoundOptions,
  figures: Figures,
): Promise<void> {
  const start = performance.now();
  await using folder = await Folder.make();
  const round = new Round(options, folder.path, figures);
  await round.play();
  const kept = await readLog(`${folder.path}/chatp`);
  const { story } = round;
  addStory(figures, story, check(story, kept));
  figures.seconds += (performance.now() - start) / 1000;
}

class Round {
  readonly story = new Story();
  readonly #options: RoundOptions;
  readonly #folder: string;
  readonly #figures: Figures;
  readonly #random: SeededRandom;
  readonly #players: Player[];
  #life = 0;

  constructor(options: RoundOptions, folder: string, figures: Figures) {
    this.#options = options;
    this.#folder = folder;
    this.#figures = figures;
    this.#random = new SeededRandom(options.seed);
    this.#players = Array.from({ length: options.players }, (_, index) => {
      const seed = this.#random.integer(2 ** 32);
      return new Player(index, this.story, new SeededRandom(seed));
    });
  }

  async play(): Promise<void> {
    const { kills, enough = () => false } = this.#options;
    for (let kill = 1; kill < kills && !enough(); kill++) {
      if (this.#random.chance(0.15)) await this.#killAtStart();
      else await this.#live();
    }
    await this.#live({ last: true });
    await this.#comeBack();
  }

  /** Kills a server that does not listen yet, or has only just begun to. */
  async #killAtStart(): Promise<void> {
    await using server = await Chatp.start(
      ["serve", "--host", "127.0.0.1", "--port", "0"],
      { data: this.#folder },
    );
    await new Promise((resolve) =>
      setTimeout(resolve, this.#random.integer(START))
    );
    await this.#kill(server);
    this.#figures.killsAtStart++;
  }

  async #kill(server: Chatp): Promise<void> {
    server.signal("SIGKILL");
    await server.status();
    this.#figures.kills++;
  }

  /** A server's life. At the end of the last one everybody sees everything. */
  async #live({ last = false } = {}): Promise<void> {
    const { server, port } = await startServer(
      this.#folder,
      "--no-rate-limits",
    );
    await using _ = server;
    const died = Promise.withResolvers<void>();
    const moment = new Moment(this.#random.integer(this.#options.mostEvents));
    const stage = this.#stage(port, died.promise, moment);
    const playing = Promise.all(this.#players.map((each) => each.play(stage)));
    await this.#inTime(moment.reached);
    if (last) {
      stage.quiet = true;
      await this.#inTime(this.#catchUp(playing));
    }
    stage.dying = true;
    await this.#kill(server);
    died.resolve();
    for (const client of await playing) await client?.close();
  }

  /** Waits for the server to do something, but not for ever. */
  async #inTime(something: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.story.blame("unexpected", "The server does not go on");
      resolve();
    }, PATIENCE);
    const done = something.catch((error: Error) =>
      this.story.blame("unexpected", error.message)
    );
    await Promise.race([done, promise]);
    clearTimeout(timer);
  }

  #stage(port: number, died: Promise<void>, moment: Moment): Stage {
    const life = this.#life++;
    const happened = () => moment.happened();
    const names = new Map();
    return { port, life, died, names, quiet: false, dying: false, happened };
  }

  /** Nobody says anything more: everybody has to see everything. */
  async #catchUp(
    playing: Promise<(TortureClient | undefined)[]>,
  ): Promise<void> {
    for (const client of await playing) await client?.catchUp();
  }

  /** One more server shows the past, on every wire, and stops in peace. */
  async #comeBack(): Promise<void> {
    const { server, port } = await startServer(this.#folder);
    await using _ = server;
    const stage = this.#stage(port, new Promise(() => {}), new Moment(0));
    for (const player of this.#players) {
      await this.#inTime(this.#look(player, stage));
    }
    server.signal("SIGTERM");
    const status = await server.status();
    if (status === 0) return;
    this.story.blame("unexpected", `The server's exit status is ${status}`);
  }

  async #look(player: Player, stage: Stage): Promise<void> {
    const client = await player.enter(stage);
    for (const room of ROOMS) {
      client?.join(room);
      await client?.catchUp();
    }
    await client?.close();
  }
}

/** The moment of a kill: after so many events, whoever receives them. */
class Moment {
  readonly reached: Promise<void>;
  #left: number;
  #resolve: () => void = () => {};

  constructor(events: number) {
    this.#left = events;
    this.reached = new Promise((resolve) => this.#resolve = resolve);
    if (events === 0) this.#resolve();
  }

  happened(): void {
    if (--this.#left === 0) this.#resolve();
  }
}
