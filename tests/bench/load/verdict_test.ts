import { assertEquals } from "@std/assert";
import {
  type Side,
  type Symptoms,
  verdictOn,
} from "../../../lib/bench/load/mod.ts";

const WELL: Symptoms = {
  offered: 100,
  taken: 100,
  sent: 1000,
  lateness: 2,
  unread: 0,
  overtime: 5,
  delivery: 8,
  generatorCpu: 0.3,
  serverCpu: 0.2,
  standstill: { time: 0 },
  cores: 4,
  idle: 0.7,
  cutOff: 0,
  tooFast: 0,
  refused: 0,
  unanswered: 0,
  lost: 0,
};

const CASES: readonly (readonly [
  what: string,
  change: Partial<Symptoms>,
  side: Side,
])[] = [
  ["who is on time and done at once", {}, "neither"],
  ["a server that refuses what is too fast", { tooFast: 3 }, "server"],
  ["a server that ends connections", { cutOff: 1, idle: 0.01 }, "server"],
  [
    "a generator that reads too slowly to be kept",
    { cutOff: 1, unread: 400 },
    "generator",
  ],
  ["a server that stopped answering", {
    unanswered: 19,
    lost: 57,
    silence: 5_000,
  }, "server"],
  [
    "a server that answers and does not deliver",
    { lost: 1, silence: 5_000 },
    "server",
  ],
  [
    "a server whose answers nobody waited for",
    { unanswered: 2, lost: 6 },
    "unknown",
  ],
  ["a server that refuses for another reason", { refused: 5 }, "server"],
  ["a run in which nothing was sent", { sent: 0, taken: 0 }, "unknown"],
  ["a server that stalled in the middle", { delivery: 980 }, "server"],
  [
    "a stalled server and a generator whose lateness explains little of it",
    { delivery: 980, lateness: 40 },
    "server",
  ],
  [
    "a generator whose lateness explains most of it",
    { delivery: 980, lateness: 700 },
    "generator",
  ],
  [
    "a server that did nothing while it was waited for, on a busy machine",
    { delivery: 980, standstill: { time: 900, cpu: 0.01 }, idle: 0.01 },
    "server",
  ],
  [
    "a server that waits for its disk twice at most, on a busy machine",
    { delivery: 640, standstill: { time: 290, cpu: 0 }, idle: 0.01 },
    "server",
  ],
  [
    "a server that nobody gave a core to, on a busy machine",
    {
      delivery: 980,
      standstill: { time: 900, cpu: 0.01, queued: 0.9 },
      idle: 0.01,
    },
    "machine",
  ],
  [
    "a server that worked while it was waited for, on a busy machine",
    { delivery: 980, standstill: { time: 900, cpu: 0.4 }, idle: 0.01 },
    "machine",
  ],
  [
    "a server that did nothing for a part of the delay, on a busy machine",
    { delivery: 980, standstill: { time: 310, cpu: 0 }, idle: 0.01 },
    "machine",
  ],
  [
    "a server elsewhere, seen on time from a busy machine",
    { delivery: 980, serverCpu: undefined, idle: 0.01 },
    "server",
  ],
  [
    "a full server and a full generator that is late",
    { delivery: 980, lateness: 700, generatorCpu: 0.95, serverCpu: 0.97 },
    "unknown",
  ],
  [
    "a full generator that is late, and a server elsewhere",
    { delivery: 980, lateness: 700, generatorCpu: 0.95, serverCpu: undefined },
    "generator",
  ],
  [
    "a server whose process ended",
    { cutOff: 2, isGone: true, unread: 400 },
    "server",
  ],
  [
    "a machine without a rest",
    { lateness: 40, idle: 0.02, generatorCpu: 0.95 },
    "machine",
  ],
  [
    "a full generator that writes late",
    { lateness: 40, generatorCpu: 0.97 },
    "generator",
  ],
  [
    "a generator that is late for a reason unknown",
    { lateness: 40 },
    "generator",
  ],
  [
    "a generator that writes on time and does not get round to reading",
    { delivery: 900, unread: 400, generatorCpu: 0.97 },
    "generator",
  ],
  ["a full server", { overtime: 900, serverCpu: 0.98 }, "server"],
  [
    "a full server and a late generator that is not full",
    { lateness: 40, overtime: 900, serverCpu: 0.98 },
    "server",
  ],
  [
    "an unknown server behind a generator with time left",
    { overtime: 900, serverCpu: undefined },
    "server",
  ],
  [
    "a generator that is full, but on time",
    { overtime: 900, generatorCpu: 0.95, serverCpu: undefined },
    "unknown",
  ],
];

for (const [what, change, side] of CASES) {
  Deno.test(`of ${what} it is said: ${side}`, () => {
    assertEquals(verdictOn({ ...WELL, ...change }).side, side);
  });
}

Deno.test("a verdict says what it goes by", () => {
  assertEquals(
    verdictOn({ ...WELL, lateness: 40, generatorCpu: 0.97 }).reason,
    "it used 97.0 % of a core and wrote up to 40.0 ms late (99 %): the server's " +
      "own latencies are shorter than those here",
  );
  assertEquals(
    verdictOn({ ...WELL, delivery: 900, unread: 400 }).reason,
    "it left what had arrived unread for up to 400.0 ms, though it used " +
      "30.0 % of a core only",
  );
  assertEquals(
    verdictOn({ ...WELL, cutOff: 3, unread: 400 }).reason,
    "3 connections ended before the run did, while it left what had arrived " +
      "unread for up to 400.0 ms: a server ends the connection of who reads " +
      "too slowly, see its log",
  );
  assertEquals(
    verdictOn({ ...WELL, tooFast: 1200 }).reason,
    "the server's rate limits refused 1,200 messages (429); to measure what " +
      "it can do start it with chatp serve --no-rate-limits, or use more " +
      "clients or a lower --rate",
  );
});

Deno.test("a verdict says for how long nothing came, and what the server did meanwhile", () => {
  const stopped = { ...WELL, delivery: 1024, lateness: 29.4 };
  assertEquals(
    verdictOn({ ...stopped, standstill: { time: 982, cpu: 0 } }).reason,
    "deliveries took up to 1,024.0 ms (99 %), the last arrival was 5.0 ms " +
      "after the last message was due, and for 982.0 ms nothing came though " +
      "something was due, while the server used 0.0 % of a core: it was " +
      "stopped, or waited for its disk or the network",
  );
  assertEquals(
    verdictOn({
      ...stopped,
      lateness: 600,
      standstill: { time: 982, cpu: 0 },
    }).reason.endsWith("; the generator wrote up to 600.0 ms late (99 %) too"),
    true,
  );
  assertEquals(
    verdictOn({ ...stopped, standstill: { time: 982, cpu: 0.99 } }).reason,
    "the generator had time left and wrote at most 29.4 ms late (99 %), but " +
      "deliveries took up to 1,024.0 ms (99 %), the last arrival was 5.0 ms " +
      "after the last message was due, and for 982.0 ms nothing came though " +
      "something was due, while the server used 99.0 % of a core: CPU, disk " +
      "or network there",
  );
  assertEquals(
    verdictOn({
      ...stopped,
      standstill: { time: 982, cpu: 0.01, queued: 0.9 },
    }).reason,
    "the generator had time left and wrote at most 29.4 ms late (99 %), but " +
      "deliveries took up to 1,024.0 ms (99 %), the last arrival was 5.0 ms " +
      "after the last message was due, and for 982.0 ms nothing came though " +
      "something was due, while the server used 1.0 % of a core and its " +
      "threads waited for one for 90.0 % of the time: CPU, disk or network " +
      "there",
  );
  assertEquals(
    verdictOn({ ...stopped, serverCpu: undefined }).reason,
    "the generator had time left and wrote at most 29.4 ms late (99 %), but " +
      "deliveries took up to 1,024.0 ms (99 %), the last arrival was 5.0 ms " +
      "after the last message was due: CPU, disk or network there",
  );
  assertEquals(
    verdictOn({ ...stopped, idle: 0.01 }).reason,
    "its 4 cores were in use all the time, 30.0 % of one by the generator, " +
      "20.0 % by the server, the rest by others, and deliveries took up to " +
      "1,024.0 ms (99 %), the last arrival was 5.0 ms after the last message " +
      "was due: give generator and server a machine each",
  );
});

Deno.test("a verdict says what did not come, and how long it was waited for", () => {
  assertEquals(
    verdictOn({ ...WELL, unanswered: 19, lost: 57, silence: 5_000 }).reason,
    "19 messages got no answer, 57 deliveries did not come, and then nothing " +
      "came for 5.0 s: it stopped, or it or the network lost them, see its " +
      "log; the latencies are those of what came",
  );
  // Limits on haste answer too, and explain no silence.
  assertEquals(
    verdictOn({ ...WELL, tooFast: 3, unanswered: 1, silence: 300 }).reason,
    "1 message got no answer, and then nothing came for 0.3 s: it stopped, " +
      "or it or the network lost them, see its log; the latencies are those " +
      "of what came",
  );
  assertEquals(
    verdictOn({ ...WELL, lost: 6 }).reason,
    "6 deliveries did not come, and the wait for them was cut short; the " +
      "latencies are those of what came",
  );
  // Of those who were cut off it is known why they lack something.
  assertEquals(
    verdictOn({ ...WELL, lost: 6, cutOff: 1 }).reason,
    "1 connection to it ended before the run did: see its log",
  );
  assertEquals(
    verdictOn({ ...WELL, lost: 6, cutOff: 2, isGone: true }).reason,
    "its process ended during the run, and 2 connections with it: see its log",
  );
  assertEquals(
    verdictOn({ ...WELL, refused: 5 }).reason,
    "it refused 5 messages, and not as too fast: see its log",
  );
  assertEquals(verdictOn({ ...WELL, sent: 0 }).reason, "nothing was sent");
});
