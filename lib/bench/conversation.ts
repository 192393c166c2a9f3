/**
 * Makes a conversation up: who logs in, joins, says and asks what, when.
 *
 * Pure and seeded: the same workload gives the same steps everywhere. The
 * rules, all of them:
 *
 * - Everybody logs in within the first 10 s and quits at the end.
 * - The pauses between messages are log-normal (deviation 1), so that there
 *   are bursts and lulls, and fill the rest of the time.
 * - Some talk more than others (the n-th in proportion to 1/√n), and whoever
 *   spoke last is half as likely to speak next.
 * - Every tenth message is private, to anybody.
 * - Before every 40th message or so somebody goes to another room, before
 *   every 40th somebody lists the users, before every 80th the rooms.
 * - Nobody talks to an empty room: who is alone goes where somebody is.
 * - Lines come from the corpus, in a shuffled order, each once until all were
 *   said.
 *
 * @module
 */

import { LOBBY } from "../wire/mod.ts";
import { ChatModel } from "./chat_model.ts";
import { LINES, NAMES, ROOMS } from "./corpus.ts";
import { SeededRandom } from "./random.ts";
import {
  type Conversation,
  DURATION,
  type Step,
  type Workload,
} from "./workload.ts";

const LOGIN_SPAN = 10_000;
const PRIVATE_SHARE = 1 / 10;
const JOIN_SHARE = 1 / 40;
const LIST_USERS_SHARE = 1 / 40;
const LIST_ROOMS_SHARE = 1 / 80;

/** The name of the `index`-th person. */
function nameOf(index: number): string {
  const name = NAMES[index % NAMES.length] as string;
  const round = Math.floor(index / NAMES.length);
  return round === 0 ? name : `${name}-${round + 1}`;
}

/** When each message is said, ms, rising. */
function messageTimes(count: number, random: SeededRandom): number[] {
  let sum = 0;
  const sums = Array.from(
    { length: count + 1 },
    () => sum += Math.exp(random.normal()),
  );
  const span = DURATION - LOGIN_SPAN;
  return sums.slice(0, count).map((each) => LOGIN_SPAN + span * each / sum);
}

/** Writes a conversation down step by step. */
class Scribe {
  readonly steps: Step[] = [];
  readonly #users: readonly string[];
  readonly #random: SeededRandom;
  readonly #model: ChatModel;
  readonly #rooms: readonly string[];
  #lines: string[] = [];
  #lastSpeaker = -1;

  constructor(users: readonly string[], random: SeededRandom) {
    this.#users = users;
    this.#random = random;
    this.#model = new ChatModel(users);
    this.#rooms = ROOMS.slice(0, 1 + Math.ceil(users.length / 5));
  }

  step(time: number, user: number, action: Step["action"]): void {
    const step = { time: Math.round(time), user, action };
    this.steps.push(step);
    this.#model.apply(step);
  }

  /** A step between the last one and `time`. */
  #before(time: number, user: number, action: Step["action"]): void {
    const last = this.steps.at(-1)?.time ?? 0;
    this.step(last + (time - last) / 2, user, action);
  }

  /** What goes on besides the messages. */
  interlude(time: number): void {
    const random = this.#random;
    const anybody = () => random.integer(this.#users.length);
    if (random.chance(JOIN_SHARE)) this.#move(time, anybody());
    if (random.chance(LIST_USERS_SHARE)) {
      this.#before(time, anybody(), { type: "list_users" });
    }
    if (random.chance(LIST_ROOMS_SHARE)) {
      this.#before(time, anybody(), { type: "list_rooms" });
    }
  }

  message(time: number): void {
    const speaker = this.#speaker();
    const text = this.#line();
    if (this.#random.chance(PRIVATE_SHARE)) {
      const others = this.#users.filter((_, index) => index !== speaker);
      const recipient = this.#random.pick(others);
      return this.step(time, speaker, { type: "private_msg", recipient, text });
    }
    if (this.#model.company(speaker).length === 0) this.#seek(time, speaker);
    this.step(time, speaker, { type: "room_msg", text });
  }

  #speaker(): number {
    const weights = this.#users.map((_, index) =>
      (index === this.#lastSpeaker ? 0.5 : 1) / Math.sqrt(index + 1)
    );
    return this.#lastSpeaker = this.#random.weighted(weights);
  }

  #line(): string {
    if (this.#lines.length === 0) this.#lines = this.#random.shuffled(LINES);
    return this.#lines.pop() as string;
  }

  /** Goes to another room: as often back to the lobby as anywhere else. */
  #move(time: number, user: number): void {
    const here = this.#model.roomOf(user);
    const elsewhere = this.#rooms.filter((room) => room !== here);
    const back = here !== LOBBY && this.#random.chance(0.5);
    const room = back ? LOBBY : this.#random.pick(elsewhere);
    this.#before(time, user, { type: "join_room", room });
  }

  /** Goes where somebody is. */
  #seek(time: number, user: number): void {
    const here = this.#model.roomOf(user);
    const rooms = this.#users.map((_, other) => this.#model.roomOf(other))
      .filter((room) => room !== undefined && room !== here);
    const room = rooms.includes(LOBBY) ? LOBBY : rooms[0];
    if (room !== undefined) {
      this.#before(time, user, { type: "join_room", room });
    }
  }
}

/** The conversation of a workload that is within the bounds. */
export function converse(workload: Workload): Conversation {
  const random = new SeededRandom(workload.seed);
  const users = Array.from(
    { length: workload.users },
    (_, index) => nameOf(index),
  );
  const scribe = new Scribe(users, random);
  users.forEach((username, user) => {
    const time = LOGIN_SPAN * user / users.length;
    scribe.step(time, user, { type: "login", username });
  });
  for (const time of messageTimes(workload.messages, random)) {
    scribe.interlude(time);
    scribe.message(time);
  }
  users.forEach((_, user) => scribe.step(DURATION, user, { type: "quit" }));
  return { workload, users, steps: scribe.steps };
}
