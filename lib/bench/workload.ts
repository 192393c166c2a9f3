/**
 * What is played: how many people say how much, and when each thing is said.
 *
 * @module
 */

import type { BasicRequest } from "../wire/mod.ts";

/** The length of the conversation on its own clock, ms: as the published one's. */
export const DURATION = 163_000;

/** What may be asked for, and what is played when nothing is. */
export const WORKLOAD_BOUNDS = {
  users: { least: 2, most: 200, value: 5, help: "How many people" },
  /**
   * One message a second from each of five people, for the whole time. That
   * is more than people type; the published 32 kbit/s were not typed either
   * (docs/bench.md, "How much is said").
   */
  messages: {
    least: 1,
    most: 100_000,
    value: 5 * DURATION / 1000,
    help: "How many room and private messages they say",
  },
  seed: {
    least: 0,
    most: 4_294_967_295,
    value: 1,
    help: "Which conversation, the same for the same number",
  },
} as const;

/** What an option of the workload says about itself in the help. */
export function workloadHelp(name: keyof typeof WORKLOAD_BOUNDS): string {
  const { help, least, most } = WORKLOAD_BOUNDS[name];
  return `${help}: ${least} to ${most.toLocaleString("en")}.`;
}

/** The most that may be asked for at once: every delivery is kept account of. */
const MOST_DELIVERIES = 2_000_000;

/** What is to be played. The same workload is the same conversation. */
export interface Workload {
  /** People, each with one connection. */
  readonly users: number;
  /** Room and private messages together. */
  readonly messages: number;
  readonly seed: number;
}

/** Somebody goes: closes the connection. */
export interface Quit {
  readonly type: "quit";
}

/** One thing that one person does. */
export interface Step {
  /** When, in ms on the conversation's own clock. */
  readonly time: number;
  /** Who, as an index into the conversation's users. */
  readonly user: number;
  readonly action: BasicRequest | Quit;
}

/** Who does what when. */
export interface Conversation {
  readonly workload: Workload;
  /** Names, by index. */
  readonly users: readonly string[];
  /** In the order of their times. */
  readonly steps: readonly Step[];
}

/** What is wrong with a workload, or undefined. */
export function workloadFault(workload: Workload): string | undefined {
  const number = (each: number) => each.toLocaleString("en");
  for (const name of ["users", "messages", "seed"] as const) {
    const { least, most } = WORKLOAD_BOUNDS[name];
    const value = workload[name];
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    return `--${name} is a whole number from ${number(least)} to ${
      number(most)
    }, not ${value}`;
  }
  if (workload.users * workload.messages > MOST_DELIVERIES) {
    return `--users times --messages is at most ${
      number(MOST_DELIVERIES)
    }, for every delivery is kept account of`;
  }
  return undefined;
}
