/**
 * Which side a load was too much for, and by what that is known.
 *
 * @module
 */

import { count, figure } from "../figures.ts";

/** Who could not keep up. */
export type Side = "neither" | "generator" | "server" | "machine" | "unknown";

/** What is known when a run is over. Shares of CPU are of one core. */
export interface Symptoms {
  /** Messages a second that were asked for, and that the server took. */
  readonly offered: number;
  readonly taken: number;
  /** Messages sent. */
  readonly sent: number;
  /** How late the generator wrote, ms, at the 99th percentile. */
  readonly lateness: number;
  /** The longest that something which had arrived was not read, ms. */
  readonly unread: number;
  /** How long after the last message was due the last thing came, ms. */
  readonly overtime: number;
  /** How long deliveries took, ms, at the 99th percentile. */
  readonly delivery: number;
  readonly generatorCpu: number;
  /** Absent where the server's process is not known. */
  readonly serverCpu?: number | undefined;
  readonly cores: number;
  /** The share of all cores' time that nobody used; absent if not known. */
  readonly idle?: number | undefined;
  /** Connections that ended before the run did. */
  readonly cutOff: number;
  /** Messages that the server refused as too fast. */
  readonly tooFast: number;
  /** Messages that it refused for another reason. */
  readonly refused: number;
  /** Messages that got neither receipt nor refusal. */
  readonly unanswered: number;
  /** Deliveries that did not come. */
  readonly lost: number;
  /**
   * How long nothing at all had come when the rest was given up, ms; absent if
   * it was given up before its time.
   */
  readonly silence?: number | undefined;
}

/** Who, and why. */
export interface Verdict {
  readonly side: Side;
  /** A sentence. */
  readonly reason: string;
}

/** A thread that uses this much of a core has no time left. */
const FULL = 0.9;
/** A generator that is later than this, ms, is a part of what it measures. */
const LATE = 10;
/** A machine that is idle for less than this has nothing more to give. */
const EXHAUSTED = 0.1;
/**
 * Who is done so much after the last message, ms, has fallen behind; and who
 * takes so long for one in a hundred has done so meanwhile.
 */
const BEHIND = 250;

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}

/** How far somebody fell behind. */
function slowness({ delivery, overtime }: Symptoms): string {
  return `deliveries took up to ${figure(delivery)} ms (99 %), the last ` +
    `arrival was ${figure(overtime)} ms after the last message was due`;
}

/** Whether the generator is a part of what it measures. */
function isSlow({ lateness, unread }: Symptoms): boolean {
  return lateness > LATE || unread > BEHIND;
}

/** How far the generator fell behind. */
function tardiness({ lateness, unread }: Symptoms): string {
  return [
    ...lateness > LATE
      ? [`wrote up to ${figure(lateness)} ms late (99 %)`]
      : [],
    ...unread > BEHIND
      ? [`left what had arrived unread for up to ${figure(unread)} ms`]
      : [],
  ].join(" and ");
}

/**
 * Whether something did not come to people who were there for it. What those
 * are short of who were cut off is no riddle.
 */
function isShort({ cutOff, unanswered, lost }: Symptoms): boolean {
  return cutOff === 0 && unanswered + lost > 0;
}

/** What did not come. */
function shortage({ unanswered, lost }: Symptoms): string {
  return [
    ...unanswered > 0 ? [`${count(unanswered)} messages got no answer`] : [],
    ...lost > 0 ? [`${count(lost)} deliveries did not come`] : [],
  ].join(", ");
}

/** No percentile has what never came. */
const OF_THE_REST = "the latencies are those of what came";

/** The rules, the first that holds decides. */
const RULES: readonly {
  readonly side: Side;
  holds(symptoms: Symptoms): boolean;
  reason(symptoms: Symptoms): string;
}[] = [
  {
    side: "server",
    holds: (symptoms) => isShort(symptoms) && symptoms.silence !== undefined,
    reason: (symptoms) =>
      `${shortage(symptoms)}, and then nothing came for ${
        figure((symptoms.silence ?? 0) / 1000)
      } s: it stopped, or it or the network lost them, see its log; ` +
      OF_THE_REST,
  },
  {
    side: "unknown",
    holds: isShort,
    reason: (symptoms) =>
      `${shortage(symptoms)}, and the wait for them was cut short; ` +
      OF_THE_REST,
  },
  {
    side: "server",
    holds: ({ tooFast }) => tooFast > 0,
    reason: ({ tooFast }) =>
      `the server's rate limits refused ${count(tooFast)} messages (429); ` +
      "to measure what it can do start it with chatp serve --no-rate-limits, " +
      "or use more clients or a lower --rate",
  },
  {
    side: "generator",
    holds: ({ cutOff, unread }) => cutOff > 0 && unread > BEHIND,
    reason: ({ cutOff, unread }) =>
      `${count(cutOff)} connections ended before the run did, while it left ` +
      `what had arrived unread for up to ${figure(unread)} ms: a server ends ` +
      "the connection of who reads too slowly, see its log",
  },
  {
    side: "server",
    holds: ({ cutOff }) => cutOff > 0,
    reason: ({ cutOff }) =>
      `${count(cutOff)} connections to it ended before the run did: ` +
      "see its log",
  },
  {
    side: "server",
    holds: ({ refused }) => refused > 0,
    reason: ({ refused }) =>
      `it refused ${count(refused)} messages, and not as too fast: see its log`,
  },
  {
    side: "unknown",
    holds: ({ sent }) => sent === 0,
    reason: () => "nothing was sent",
  },
  {
    side: "neither",
    holds: ({ lateness, overtime, delivery }) =>
      lateness <= LATE && overtime <= BEHIND && delivery <= BEHIND,
    reason: ({ taken, lateness }) =>
      `all ${figure(taken)} messages a second were sent on time (99 % at ` +
      `most ${figure(lateness)} ms late) and nothing piled up`,
  },
  {
    side: "machine",
    holds: ({ idle = 1 }) => idle < EXHAUSTED,
    reason: ({ generatorCpu, serverCpu, cores, lateness }) =>
      `its ${count(cores)} cores were in use all the time, ${
        percent(generatorCpu)
      } of one by the generator, ${
        serverCpu === undefined ? "" : `${percent(serverCpu)} by the server, `
      }the rest by others, and the generator wrote up to ${
        figure(lateness)
      } ms late (99 %): give generator and server a machine each`,
  },
  {
    side: "generator",
    holds: (symptoms) => isSlow(symptoms) && symptoms.generatorCpu >= FULL,
    reason: (symptoms) =>
      `it used ${percent(symptoms.generatorCpu)} of a core and ${
        tardiness(symptoms)
      }: the server could do more, and its latencies are shorter than those here`,
  },
  {
    side: "server",
    holds: ({ serverCpu = 0 }) => serverCpu >= FULL,
    reason: (symptoms) =>
      `it used ${percent(symptoms.serverCpu ?? 0)} of a core, and ${
        slowness(symptoms)
      }`,
  },
  {
    side: "generator",
    holds: isSlow,
    reason: (symptoms) =>
      `it ${tardiness(symptoms)}, though it used ${
        percent(symptoms.generatorCpu)
      } of a core only`,
  },
  {
    side: "server",
    holds: ({ generatorCpu }) => generatorCpu < FULL,
    reason: (symptoms) =>
      `the generator wrote on time and had time left, but ${
        slowness(symptoms)
      }: CPU, disk or network there`,
  },
];

/** Who could not keep up, by the first rule that holds. */
export function verdictOn(symptoms: Symptoms): Verdict {
  const rule = RULES.find((each) => each.holds(symptoms));
  return rule === undefined
    ? {
      side: "unknown",
      reason: `${slowness(symptoms)}, and the generator had ${
        percent(symptoms.generatorCpu)
      } of a core in use: either may be why`,
    }
    : { side: rule.side, reason: rule.reason(symptoms) };
}
