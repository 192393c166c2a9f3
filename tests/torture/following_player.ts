/**
 * A player on ChatProto 2: an account or a guest whose session is kept through
 * all of a server's lives. It says again what was not answered, with its
 * number, and is to see everything once.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";
import { Follower } from "../exactly_once/follower.ts";
import type { Settled } from "../exactly_once/sayings.ts";
import { messageKey, numberedText } from "./numbered_text.ts";
import type { Stage } from "./stage.ts";
import type { Said, Story, Visit } from "./story.ts";

/** The group that those players have to themselves. */
const GROUP = "den";

/** Rooms that they are in all the time, with others. */
const ROOMS = ["general", "red"] as const;

/** The most messages that one has unanswered. */
const MOST_UNANSWERED = 40;

/** How often one tells somebody something rather than a room. */
const TELLS = 0.25;

/** How often one cuts its connection when it has seen something. */
const CUTS = 0.001;

/** Who a player is. */
export interface FollowingRole {
  /** As that of other players: no two have the same. */
  readonly index: number;
  readonly name: string;
  /** Absent for a guest, who takes another name if its first one is lost. */
  readonly password?: string;
  /** With whom it makes the group, if it does. */
  readonly friends?: readonly string[];
  /** Who asks it into the group, once it is there. */
  readonly host?: FollowingPlayer;
}

/** One who goes on through all of a server's lives. */
export class FollowingPlayer {
  readonly follower: Follower;
  readonly #role: FollowingRole;
  readonly #story: Story;
  readonly #random: SeededRandom;
  /** What was said, by its ref. */
  readonly #said: Said[] = [];
  readonly #visit: Visit;
  #stage: Stage | undefined;
  #gathered: Promise<unknown> | undefined;
  #cut = false;

  constructor(role: FollowingRole, story: Story, random: SeededRandom) {
    this.#role = role;
    this.#story = story;
    this.#random = random;
    const { name, password } = role;
    const follower = new Follower({
      name,
      ...password !== undefined && { password, exists: true },
      onSeen: () => this.#happened(),
      onSettled: (settled) => this.#settle(settled),
    });
    this.#visit = {
      get name() {
        return follower.name;
      },
      life: 0,
      began: 0,
      views: [],
      direct: [],
      whole: false,
    };
    this.follower = follower;
    story.followers.push(follower);
  }

  /** Who this is and what it does, for a fault. */
  get doing(): string {
    const deed = this.follower.welcome ? "talks" : "connects";
    return `${this.follower.name} on chatproto2 ${deed}`;
  }

  /** Goes on over as many connections as it takes, until the server dies. */
  async play(stage: Stage): Promise<void> {
    this.#stage = stage;
    for (const said of this.#said) {
      if (said.fate === "unconfirmed" && said.runs) said.runs.last = stage.life;
    }
    this.#gathered ??= this.#gather();
    while (!stage.dying && !this.follower.stopped) {
      this.#cut = false;
      await this.follower.live(stage.port);
      if (stage.dying || this.#cut || this.follower.stopped) continue;
      const what = `A living server lost ${this.follower.name}`;
      return this.#story.blame("unexpected", what);
    }
  }

  /** Comes into its rooms, whatever fails meanwhile. */
  async #gather(): Promise<void> {
    const { follower } = this;
    const { friends, host } = this.#role;
    if (friends !== undefined) {
      await follower.wish(
        { type: "make_group", room: GROUP, users: friends },
        () => follower.isIn(GROUP),
      );
    }
    for (const room of ROOMS) {
      await follower.wish(
        { type: "join_room", room },
        () => follower.isIn(room),
      );
    }
    this.#talk();
    await host?.invite(this);
  }

  /** Asks somebody into the group. */
  async invite({ follower: { name } }: FollowingPlayer): Promise<void> {
    const { follower: own } = this;
    await own.until(() => own.isIn(GROUP));
    const room = own.rooms.find(GROUP) ?? GROUP;
    let answered = false;
    await own.wish(
      { type: "invite", room, user: name },
      () => answered,
      () => answered = true,
    );
  }

  /** Has an answer to everything. */
  answered(): Promise<void> {
    return this.follower.until(() => this.follower.unanswered === 0);
  }

  /** Sees everything that was said so far, with everybody quiet. */
  async catchUp(): Promise<void> {
    let answered = false;
    await this.follower.wish(
      { type: "history", room: "general", limit: 1 },
      () => answered,
      () => answered = true,
    );
  }

  /** Comes back to see everything, and goes. */
  async comeHome(stage: Stage): Promise<void> {
    const playing = this.play(stage);
    await this.answered();
    await this.catchUp();
    this.follower.stop();
    await playing;
  }

  #happened(): void {
    const { index, password } = this.#role;
    // An account can always be written to, a guest when it is here.
    if (password === undefined) {
      this.#stage?.names.set(index, this.follower.name);
    }
    this.#stage?.happened();
    if (this.#random.chance(CUTS)) {
      this.#cut = true;
      this.follower.cut();
    }
    this.#talk();
  }

  #talk(): void {
    const stage = this.#stage;
    const { follower } = this;
    if (follower.unanswered > MOST_UNANSWERED / 2 || stage === undefined) {
      return;
    }
    const rooms = [...ROOMS, GROUP].filter((room) => follower.isIn(room));
    if (rooms.length === 0) return;
    const goal = 1 + this.#random.integer(MOST_UNANSWERED);
    while (!stage.quiet && follower.unanswered < goal) {
      const others = [...stage.names.values(), ...stage.accounts]
        .filter((name) => name !== follower.name);
      if (others.length > 0 && this.#random.chance(TELLS)) {
        const name = this.#random.pick(others);
        follower.tell(name, this.#next(`@${name}`, stage));
      } else {
        const room = this.#random.pick(rooms);
        const handle = follower.rooms.find(room);
        const to = room === GROUP ? `&${handle}` : `#${room}`;
        follower.say(room, this.#next(to, stage));
      }
    }
  }

  /** Notes what is about to be said. */
  #next(to: string, { life }: Stage) {
    const key = messageKey(this.#role.index, this.#said.length + 1);
    const runs = { first: life, last: life };
    const visit = this.#visit;
    const said: Said = { key, visit, to, fate: "unconfirmed", runs };
    this.#said.push(said);
    this.#story.said.set(key, said);
    return numberedText(key);
  }

  /** A guest who has left is the one thing refused. */
  #settle({ ref, place, code }: Settled): void {
    const said = this.#said[ref] as Said;
    if (place !== undefined) {
      said.fate = "acknowledged";
      said.sequence = place.sequence;
    } else {
      said.fate = "refused";
      const account = this.#story.accounts.has(said.to.slice(1));
      if (code !== 404 || account || !said.to.startsWith("@")) {
        const what = `${this.follower.name} was refused ${said.to}: ${code}`;
        this.#story.blame("unexpected", what);
      }
    }
    this.#talk();
  }
}
