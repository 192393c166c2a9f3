/**
 * Which side a load was too much for, and by what that is known.
 *
 * @module
 */

import { counted, figure } from "../figures.ts";
import type { Standstill } from "./standstill.ts";

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
  /** Whether its process was there at the beginning and is no more. */
  readonly isGone?: boolean | undefined;
  /** The longest that nothing came from it though something was due. */
  readonly standstill: Standstill;
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
/** A server that uses less of a core than this waits for something itself. */
const STILL = 0.05;
/**
 * Who wrote late by so much of the delay explains it, and who waited for a core
 * for so much of a time was short of CPU in it.
 */
const MOST = 0.5;
/**
 * A standstill of so much of the delay explains it: what comes during one wait,
 * as of a commit, may have to wait for the next as well.
 */
const LONG = 1 / 3;
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

/** How far somebody fell behind, ms. */
function delay({ delivery, overtime }: Symptoms): number {
  return Math.max(delivery, overtime);
}

/** The same, in words. */
function slowness({ delivery, overtime }: Symptoms): string {
  return `deliveries took up to ${figure(delivery)} ms (99 %), the last ` +
    `arrival was ${figure(overtime)} ms after the last message was due`;
}

/**
 * Whether the generator is a part of what it measures, and no small one: by so
 * much as it wrote late everything came late, and who leaves something unread
 * has more of it waiting in its sockets.
 */
function isSlow(symptoms: Symptoms): boolean {
  const { lateness, unread } = symptoms;
  const whole = delay(symptoms);
  return unread > BEHIND ||
    lateness > LATE && (whole <= BEHIND || lateness >= whole * MOST);
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

/** Whether nothing came for so long that it explains the delay. */
function isStandstill(symptoms: Symptoms): boolean {
  const { time } = symptoms.standstill;
  return delay(symptoms) > BEHIND && time >= delay(symptoms) * LONG;
}

/** Whether the server had nothing to do in it: it waited for something itself. */
function isStill({ standstill: { cpu = 1, queued = 0 } }: Symptoms): boolean {
  return cpu < STILL && queued < MOST;
}

/** That time, and what the server did in it, in words behind others. */
function standing(symptoms: Symptoms): string {
  const { time, cpu, queued } = symptoms.standstill;
  if (!isStandstill(symptoms)) return "";
  return `, and for ${figure(time)} ms nothing came though something was due` +
    (cpu === undefined
      ? ""
      : `, while the server used ${percent(cpu)} of a core`) +
    (queued === undefined || queued < MOST
      ? ""
      : ` and its threads waited for one for ${percent(queued)} of the time`);
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
    ...unanswered > 0
      ? [`${counted(unanswered, "message")} got no answer`]
      : [],
    ...lost > 0
      ? [`${counted(lost, "delivery", "deliveries")} did not come`]
      : [],
  ].join(", ");
}

/** No percentile has what never came. */
const OF_THE_REST = "the latencies are those of what came";

/** A rule of who could not keep up. */
interface Rule {
  readonly side: Side;
  /** When it holds, a sentence, as docs/bench.md has it. */
  readonly when: string;
  holds(symptoms: Symptoms): boolean;
  reason(symptoms: Symptoms): string;
}

/** The rules, the first that holds decides. */
export const VERDICT_RULES: readonly Rule[] = [
  {
    side: "server",
    when: "Messages got no answer or deliveries did not come, though no " +
      "connection ended, and then nothing at all came for 5 s: the **server**, " +
      "or the network.",
    holds: (symptoms) => isShort(symptoms) && symptoms.silence !== undefined,
    reason: (symptoms) =>
      `${shortage(symptoms)}, and then nothing came for ${
        figure((symptoms.silence ?? 0) / 1000)
      } s: it stopped, or it or the network lost them, see its log; ` +
      OF_THE_REST,
  },
  {
    side: "unknown",
    when: "The same, but Ctrl+C cut that wait short: **unknown**.",
    holds: isShort,
    reason: (symptoms) =>
      `${shortage(symptoms)}, and the wait for them was cut short; ` +
      OF_THE_REST,
  },
  {
    side: "server",
    when:
      "The server refused something as too fast (429): the **server**, by " +
      "its limits.",
    holds: ({ tooFast }) => tooFast > 0,
    reason: ({ tooFast }) =>
      `the server's rate limits refused ${
        counted(tooFast, "message")
      } (429); ` +
      "to measure what it can do start it with chatp serve --no-rate-limits, " +
      "or use more clients or a lower --rate",
  },
  {
    side: "server",
    when: "Connections ended, and the server's process with them: the " +
      "**server**.",
    holds: ({ cutOff, isGone }) => cutOff > 0 && isGone === true,
    reason: ({ cutOff }) =>
      `its process ended during the run, and ${
        counted(cutOff, "connection")
      } ` +
      "with it: see its log",
  },
  {
    side: "generator",
    when: "Connections ended, and the generator had left what had arrived " +
      "unread for more than 250 ms: the **generator**, for a server lets go " +
      "of who reads too slowly.",
    holds: ({ cutOff, unread }) => cutOff > 0 && unread > BEHIND,
    reason: ({ cutOff, unread }) =>
      `${
        counted(cutOff, "connection")
      } ended before the run did, while it left ` +
      `what had arrived unread for up to ${figure(unread)} ms: a server ends ` +
      "the connection of who reads too slowly, see its log",
  },
  {
    side: "server",
    when: "Connections ended otherwise: the **server**.",
    holds: ({ cutOff }) => cutOff > 0,
    reason: ({ cutOff }) =>
      `${counted(cutOff, "connection")} to it ended before the run did: ` +
      "see its log",
  },
  {
    side: "server",
    when: "The server refused something for another reason: the **server**.",
    holds: ({ refused }) => refused > 0,
    reason: ({ refused }) =>
      `it refused ${
        counted(refused, "message")
      }, and not as too fast: see its log`,
  },
  {
    side: "unknown",
    when: "Nothing was sent, since Ctrl+C came first: **unknown**.",
    holds: ({ sent }) => sent === 0,
    reason: () => "nothing was sent",
  },
  {
    side: "neither",
    when:
      "99 % of the messages were written at most 10 ms late, and the delay " +
      "is at most 250 ms: **neither**.",
    holds: (symptoms) => symptoms.lateness <= LATE && delay(symptoms) <= BEHIND,
    reason: ({ taken, lateness }) =>
      `all ${figure(taken)} messages a second were sent on time (99 % at ` +
      `most ${figure(lateness)} ms late) and nothing piled up`,
  },
  {
    side: "server",
    when: "For at least a third of the delay nothing came though something " +
      "was due, and the server used less than 5 % of a core meanwhile and hardly waited for one: the **server**, which was stopped or waited for its disk, or " +
      "the network.",
    holds: (symptoms) => isStandstill(symptoms) && isStill(symptoms),
    reason: (symptoms) =>
      `${slowness(symptoms)}${standing(symptoms)}: it was stopped, or waited ` +
      `for its disk or the network${
        isSlow(symptoms) ? `; the generator ${tardiness(symptoms)} too` : ""
      }`,
  },
  {
    side: "machine",
    when: "All cores of this machine were in use for more than 90 % of the " +
      "time, and the generator explains the delay or the server is on it too: " +
      "the **machine**. Generator and server, or others, got in each other's " +
      "way.",
    holds: (symptoms) =>
      (symptoms.idle ?? 1) < EXHAUSTED &&
      (isSlow(symptoms) || symptoms.serverCpu !== undefined),
    reason: (symptoms) =>
      `its ${
        counted(symptoms.cores, "core was", "cores were")
      } in use all the time, ${
        percent(symptoms.generatorCpu)
      } of one by the generator, ${
        symptoms.serverCpu === undefined
          ? ""
          : `${percent(symptoms.serverCpu)} by the server, `
      }the rest by others, and ${
        isSlow(symptoms)
          ? `the generator ${tardiness(symptoms)}`
          : slowness(symptoms)
      }: give generator and server a machine each`,
  },
  {
    side: "unknown",
    when: "Both generator and server used more than 90 % of a core, and the " +
      "generator explains the delay: **unknown**, for either may.",
    holds: (symptoms) =>
      isSlow(symptoms) && symptoms.generatorCpu >= FULL &&
      (symptoms.serverCpu ?? 0) >= FULL,
    reason: (symptoms) =>
      `the generator ${tardiness(symptoms)} and used ${
        percent(symptoms.generatorCpu)
      } of a core, the server ${percent(symptoms.serverCpu ?? 0)}: either ` +
      "may be why",
  },
  {
    side: "generator",
    when: "The generator explains the delay, and used more than 90 % of a " +
      "core: the **generator**. The latencies say little of the server.",
    holds: (symptoms) => isSlow(symptoms) && symptoms.generatorCpu >= FULL,
    reason: (symptoms) =>
      `it used ${percent(symptoms.generatorCpu)} of a core and ${
        tardiness(symptoms)
      }: the server's own latencies are shorter than those here`,
  },
  {
    side: "server",
    when: "The server used more than 90 % of a core: the **server**.",
    holds: ({ serverCpu = 0 }) => serverCpu >= FULL,
    reason: (symptoms) =>
      `it used ${percent(symptoms.serverCpu ?? 0)} of a core, and ${
        slowness(symptoms)
      }`,
  },
  {
    side: "generator",
    when: "The generator explains the delay: the **generator**, whatever the " +
      "reason.",
    holds: isSlow,
    reason: (symptoms) =>
      `it ${tardiness(symptoms)}, though it used ${
        percent(symptoms.generatorCpu)
      } of a core only`,
  },
  {
    side: "server",
    when:
      "The generator used at most 90 % of a core: the **server**, its disk " +
      "or the network.",
    holds: ({ generatorCpu }) => generatorCpu < FULL,
    reason: (symptoms) =>
      `the generator had time left and wrote at most ${
        figure(symptoms.lateness)
      } ms late (99 %), but ${slowness(symptoms)}${standing(symptoms)}: CPU, ` +
      "disk or network there",
  },
  {
    side: "unknown",
    when: "Otherwise it is **unknown**.",
    holds: () => true,
    reason: (symptoms) =>
      `${slowness(symptoms)}, and the generator had ${
        percent(symptoms.generatorCpu)
      } of a core in use: either may be why`,
  },
];

/** Who could not keep up, by the first rule that holds. */
export function verdictOn(symptoms: Symptoms): Verdict {
  const { side, reason } = VERDICT_RULES.find((each) =>
    each.holds(symptoms)
  ) as Rule;
  return { side, reason: reason(symptoms) };
}
