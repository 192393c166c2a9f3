/**
 * What a load is: how many clients, how fast, how long, in how many rooms; and
 * by that which message is due when, from whom, and to whom.
 *
 * - Message k is due `k * 1000 / rate` ms after the start, whatever became of
 *   those before it: the schedule is open. It MUST NOT wait for a server.
 * - Senders take turns: message k is client `k % clients`'.
 * - Client c is in room `c % rooms`; a message is due to everybody in its room
 *   but its sender.
 *
 * @module
 */

import { LINES } from "../corpus.ts";

/** What may be asked for, and what is done when nothing is. */
export const LOAD_BOUNDS = {
  clients: {
    least: 2,
    most: 5_000,
    value: 50,
    whole: true,
    help: "How many clients, each with a connection",
  },
  rate: {
    least: 0.1,
    most: 100_000,
    value: 100,
    whole: false,
    help: "Messages a second, of all clients together",
  },
  duration: {
    least: 0.1,
    most: 3_600,
    value: 10,
    whole: false,
    help: "For how long messages are sent, in seconds",
  },
  rooms: {
    least: 1,
    most: 2_500,
    value: 1,
    whole: true,
    help: "How many rooms the clients are spread over",
  },
} as const;

/** The name of an option of {@link LOAD_BOUNDS}. */
export type LoadBound = keyof typeof LOAD_BOUNDS;

/** How much is to be said. */
export type Load = { readonly [Name in LoadBound]: number };

/** The most deliveries of a run: a bit is kept for each. */
const MOST_DELIVERIES = 1_000_000_000;

/** What an option of the load says about itself in the help. */
export function loadHelp(name: LoadBound): string {
  const { help, least, most } = LOAD_BOUNDS[name];
  return `${help}: ${least} to ${most.toLocaleString("en")}.`;
}

/** What is wrong with a load, or undefined. */
export function loadFault(load: Load): string | undefined {
  const number = (each: number) => each.toLocaleString("en");
  for (const name of Object.keys(LOAD_BOUNDS) as LoadBound[]) {
    const { least, most, whole } = LOAD_BOUNDS[name];
    const value = load[name];
    const fits = value >= least && value <= most;
    if (fits && (!whole || Number.isInteger(value))) continue;
    return `--${name} is a ${whole ? "whole " : ""}number from ${
      number(least)
    } to ${number(most)}, not ${value}`;
  }
  const { clients, rooms } = load;
  if (rooms * 2 > clients) {
    return `${rooms} rooms are too many for ${clients} clients: each needs two`;
  }
  if (new LoadPlan(load).deliveries > MOST_DELIVERIES) {
    return `The load would be more than ${
      number(MOST_DELIVERIES)
    } deliveries, and account is kept of every one`;
  }
  return undefined;
}

/** A load, worked out. Clients, rooms and messages go by number, from 0. */
export class LoadPlan {
  readonly load: Load;
  /** How many messages there are. */
  readonly messages: number;

  constructor(load: Load) {
    this.load = load;
    // 0.7 s at 10 a second are 7, though not in binary.
    this.messages = Math.max(1, Math.round(load.rate * load.duration));
  }

  /** When a message is due, ms after the start. */
  due(message: number): number {
    return message * 1000 / this.load.rate;
  }

  /** How many messages are due `time` ms after the start. */
  dueBy(time: number): number {
    if (time < 0) return 0;
    let count = Math.floor(time * this.load.rate / 1000);
    // Rounding must make no message early, and none late.
    while (this.due(count) <= time) count++;
    while (count > 0 && this.due(count - 1) > time) count--;
    return Math.min(count, this.messages);
  }

  /** Who sends a message. */
  sender(message: number): number {
    return message % this.load.clients;
  }

  /** Which room a client is in. */
  room(client: number): number {
    return client % this.load.rooms;
  }

  /** How many clients are in a room. */
  members(room: number): number {
    const { clients, rooms } = this.load;
    return Math.ceil((clients - room) / rooms);
  }

  /** A message's place among those of its room, from 0. */
  ordinal(message: number): number {
    const { clients, rooms } = this.load;
    const sender = this.sender(message);
    return Math.floor(message / clients) * this.members(this.room(sender)) +
      Math.floor(sender / rooms);
  }

  /** How many deliveries are due for all messages. */
  get deliveries(): number {
    const { clients, rooms } = this.load;
    // Rooms differ by a member at most.
    return this.messages * (Math.ceil(clients / rooms) - 1);
  }

  /** What a message says: its number, when it is due in ms, and a line. */
  text(message: number): string {
    return `${message} ${this.due(message).toFixed(3)} ${line(message)}`;
  }

  /** Which message a text is, or undefined if none of the plan says that. */
  read(text: string): number | undefined {
    const message = Number.parseInt(text, 10);
    if (!(message >= 0 && message < this.messages)) return undefined;
    return text === this.text(message) ? message : undefined;
  }
}

function line(message: number): string {
  return LINES[message % LINES.length] as string;
}
