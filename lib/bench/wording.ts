/**
 * What the formats for people have in common.
 *
 * @module
 */

import type { BreakEven } from "./comparison.ts";
import { clock, count, counted, percent } from "./figures.ts";
import type { FramePair } from "./frames.ts";
import type { Report } from "./report.ts";
import { type Conversation, DURATION } from "./workload.ts";

/** What was played, in a line. */
export function headline({ workload, steps }: Conversation): string {
  const { users, messages, seed } = workload;
  return `${users} people, ${counted(messages, "message")} in ${
    count(steps.length)
  } steps, ${clock(DURATION)} on the conversation's clock, seed ${seed}`;
}

/** What stands over each table. */
export const TITLES = {
  traffic: "Payload of TCP and UDP, both directions, in bytes",
  parts: "Where it went, in bytes",
  datagrams: "Datagrams of UDP",
  deliveries: "Deliveries",
} as const;

/** What the columns of published figures are, and where they differ in time. */
export function publishedLine({ rows }: Report): string {
  const others = rows.flatMap(({ measurement: { variant } }) =>
    variant.published !== undefined &&
      variant.published.seconds * 1000 !== DURATION
      ? [
        `; their ${variant.publishedName} (${variant.wire}) ran for ${variant.published.seconds} s, not ${
          DURATION / 1000
        } s`,
      ]
      : []
  );
  return `EE586: the figures published with the protocol${others.join("")}`;
}

/** When a wire breaks even, in a sentence. */
export function breakEvenText({ wire, against, kind, time }: BreakEven) {
  if (kind === "never" || time === undefined) {
    return `${wire} never breaks even with ${against}: ` +
      "each message costs no less.";
  }
  if (kind === "within") {
    return `${wire} breaks even with ${against} after ${clock(time)} ` +
      "on the conversation's clock.";
  }
  return `${wire} never breaks even with ${against} within ${
    clock(DURATION)
  }; extrapolated at the conversation's own rates, after ${clock(time)}.`;
}

/** What stands over a message that is shown byte for byte. */
export function frameTitle(pair: FramePair): string {
  const { type, direction, json, binary, saving, publishedSaving } = pair;
  return `${type} ${
    direction === "up" ? "to" : "from"
  } the server: JSON ${json.length} bytes, binary ${binary.length}, ${
    percent(saving)
  } (EE586 ${percent(publishedSaving).replace(".0", "")})`;
}
