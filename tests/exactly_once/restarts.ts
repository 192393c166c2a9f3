/**
 * A conversation with a server that is killed again and again, and started
 * again with the same log on the same port.
 *
 * @module
 */

import { SeededRandom } from "../../lib/bench/random.ts";
import { Chatp, Folder } from "../commands/chatp_process.ts";
import { RawClient } from "../server/raw_client.ts";
import { keepAlive } from "./conversation.ts";
import { Follower } from "./follower.ts";
import { verify } from "./verify.ts";

/** How it goes. */
export interface RestartOptions {
  /** Decides who says what where, and after how much a server dies. */
  readonly seed: number;
  readonly kills: number;
  /** A server is killed after fewer messages than this were shown. */
  readonly mostShown: number;
}

/** What it came to. */
export interface Restarted {
  readonly said: number;
  /** Answered by what had been stored before a kill. */
  readonly repeated: number;
  readonly resumed: number;
}

const ROOMS = ["general", "red", "den"] as const;
const OTHERS = ["general", "red", "den", "@"] as const;
/** How much each has on its way at most. */
const AT_ONCE = 12;
const PASSWORD = "correct horse battery staple";

/** Two whose sessions are kept, a guest who comes and goes, and the server. */
class Restarts {
  readonly ann: Follower;
  readonly ben: Follower;
  readonly #folder: string;
  readonly #random: SeededRandom;
  readonly #options: RestartOptions;
  /** Settles when there is a server to connect to. */
  #up = Promise.withResolvers<number>();
  /** Messages until the server dies, and what then happens. */
  #left = Infinity;
  #time = () => {};
  #talking = false;
  #said = 0;
  #port = 0;

  constructor(folder: string, options: RestartOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const onSeen = () => {
      if (--this.#left === 0) this.#time();
    };
    const settles = (follower: () => Follower) => () => this.#talk(follower());
    this.ann = new Follower({
      name: "ann",
      password: PASSWORD,
      onSeen,
      onSettled: settles(() => this.ann),
    });
    this.ben = new Follower({
      name: "ben",
      onSeen,
      onSettled: settles(() => this.ben),
    });
  }

  /** Says as much as may be on its way. */
  #talk(follower: Follower): void {
    if (!this.#talking || follower.unanswered > AT_ONCE / 2) return;
    const other = follower === this.ann ? this.ben : this.ann;
    while (follower.unanswered < AT_ONCE) {
      const room = this.#random.pick(OTHERS);
      const text = `${follower.name} says ${++this.#said} to ${room}`;
      if (room !== "@") follower.say(room, text);
      // A guest is not there while the server starts: that is refused, once.
      else follower.tell(other.name, text);
    }
  }

  async #start(): Promise<Chatp> {
    const at = ["--host", "127.0.0.1", "--port", String(this.#port)];
    const server = await Chatp.start(
      ["serve", "--no-rate-limits", ...at],
      { data: this.#folder },
    );
    const [, found] = await server.out.find(/Server started on .*:(\d+)/);
    const port = this.#port = Number(found);
    this.#up.resolve(port);
    return server;
  }

  /** Lets the server live until so much was shown, then kills it. */
  async #live(server: Chatp): Promise<void> {
    const bob = await RawClient.login(this.#port, "bob", "json2");
    bob.say(`bob says ${++this.#said}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#time = resolve;
    this.#left = 1 + this.#random.integer(this.#options.mostShown);
    await promise;
    this.#up = Promise.withResolvers();
    // Which kills it.
    await server[Symbol.asyncDispose]();
    await bob.closed();
  }

  async #gather(): Promise<void> {
    const { ann, ben } = this;
    await Promise.all([ann, ben].map((each) => each.until(() => each.welcome)));
    const group = { type: "make_group", room: "den", users: ["ben"] } as const;
    await ann.wish(group, () => ann.isIn("den"));
    for (const each of [ann, ben]) {
      const join = { type: "join_room", room: "red" } as const;
      await each.wish(join, () => each.isIn("red"));
    }
    await ben.until(() => ROOMS.every((room) => ben.isIn(room)));
  }

  async play(): Promise<Restarted> {
    const { ann, ben } = this;
    const both = [ann, ben];
    let server = await this.#start();
    const living = both.map((each) => keepAlive(each, () => this.#up.promise));
    try {
      await this.#gather();
      this.#talking = true;
      both.forEach((each) => this.#talk(each));
      for (let kill = 0; kill < this.#options.kills; kill++) {
        await this.#live(server);
        server = await this.#start();
      }
      this.#talking = false;
      for (const each of both) await each.until(() => each.unanswered === 0);
      const level = () =>
        ann.position("@ben") === ben.position("@ann") &&
        ROOMS.every((room) => ann.position(room) === ben.position(room));
      await Promise.race(both.map((each) => each.until(level)));
      await verify(both);
    } finally {
      both.forEach((each) => each.stop());
      this.#up.resolve(this.#port);
      await Promise.all(living);
      await server[Symbol.asyncDispose]();
    }
    return {
      said: ann.settled.length + ben.settled.length,
      repeated: ann.saidAgain + ben.saidAgain,
      resumed: ann.resumed + ben.resumed,
    };
  }
}

/** Plays it, and holds everybody's history to what was said. */
export async function playRestarts(
  options: RestartOptions,
): Promise<Restarted> {
  await using folder = await Folder.make();
  return await new Restarts(folder.path, options).play();
}
