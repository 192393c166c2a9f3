/** The conversation over CP, with a real server and with bad ones. */

import { assert, assertEquals } from "@std/assert";
import { benchServers } from "../../commands/bench.ts";
import { isClean } from "../../lib/bench/deliveries.ts";
import {
  type Measurement,
  parseWires,
  playVariant,
  recordOverhead,
  total,
  type Variant,
  type Workload,
} from "../../lib/bench/mod.ts";
import { type CpFaults, startBadCpServer } from "./bad_cp_server.ts";

/** alice says something, bob answers, alice says something longer. */
const TINY: Workload = { users: 2, messages: 3, seed: 7 };

const play = (wire: string, workload: Workload) =>
  playVariant(parseWires(wire)[0] as Variant, workload, {
    startServer: benchServers(),
  });

const playBadly = (
  faults: CpFaults,
  workload = TINY,
  deadline = 100,
): Promise<Measurement> =>
  playVariant(parseWires("cp")[0] as Variant, workload, {
    startServer: () => startBadCpServer(faults),
    deadline,
  });

const LONG =
  "the place on the corner has a new menu, and the soup is actually good";

const SAID = [
  ["alice", "bob", "that's the right one"],
  ["bob", "alice", "told you"],
  ["alice", "bob", LONG],
] as const;

const PASSWORD = "15 bytes of it.";

/**
 * alice comes at 0 s and asks then, every 3 s up to 162 s, and when she goes at
 * 163 s; bob comes at 5 s and asks every 3 s up to 161 s.
 */
const ASKED = (1 + 54 + 1) + (1 + 52 + 1);

/** Every PDU, by direction and type. */
const PDUS: readonly (readonly ["up" | "down", string, readonly string[]])[] = [
  ["up", "USER", ["USERalice", "USERbob"]],
  ["down", "220", Array(2).fill("220 received username successfully")],
  ["up", "PASS", Array(2).fill(`PASS${PASSWORD}`)],
  ["down", "230", Array(2).fill("230 user authenticated successfully")],
  ["up", "SMSG", SAID.map(([, to, text]) => `SMSG${to}:${text}`)],
  ["down", "240", Array(3).fill("240 message successfully sent")],
  ["up", "RMSG", Array(ASKED).fill("RMSG")],
  ["down", "RMSG", SAID.map(([from, , text]) => `RMSG${from}:${text}`)],
  ["up", "250", Array(3).fill("250 message successfully received")],
  ["down", "255", Array(3).fill("255 end of messages")],
  ["down", "256", Array(ASKED - 3).fill("256 no new messages")],
  ["up", "TERM", ["TERM", "TERM"]],
];

const bytesOf = (pdus: readonly string[]) =>
  pdus.reduce((sum, { length }) => sum + length + 2, 0);

const CLEAN = {
  messages: 3,
  acknowledged: 3,
  due: 3,
  lost: 0,
  doubled: 0,
  outOfOrder: 0,
  // Two logins, and the end of each answer.
  notices: 2 + ASKED,
  noticesLost: 0,
  unexpected: 0,
};

Deno.test("over cp exactly the bytes of the PDUs are counted, those of asking in vain too", async () => {
  const measurement = await play("cp", TINY);
  assertEquals(measurement.tally, CLEAN);
  const found = measurement.types.map(({ direction, type, count, bytes }) =>
    [direction, type, count, bytes].join(" ")
  );
  assertEquals(
    found.toSorted(),
    PDUS.map(([direction, type, pdus]) =>
      [direction, type, pdus.length, bytesOf(pdus)].join(" ")
    ).toSorted(),
  );
  const sum = PDUS.reduce((all, [, , pdus]) => all + bytesOf(pdus), 0);
  assertEquals(measurement.application, sum);
  assertEquals(total(measurement), sum);
  assertEquals(measurement.curve.at(-1), sum);
});

Deno.test("over cp in TLS they are the same with 22 bytes for each PDU", async () => {
  const measurement = await play("cp+tls", TINY);
  assertEquals(measurement.tally, CLEAN);
  const pdus = PDUS.reduce((all, [, , { length }]) => all + length, 0);
  assertEquals(measurement.records, pdus);
  assertEquals(recordOverhead(measurement), 22 * pdus);
  const sum = PDUS.reduce((all, [, , pdus]) => all + bytesOf(pdus), 0);
  assertEquals(measurement.application, sum);
});

Deno.test("over cp everybody gets what the other wires bring them, a copy for each, in the same bytes each time", async () => {
  const workload = { users: 4, messages: 200, seed: 7 };
  const [first, again, json] = [
    await play("cp", workload),
    await play("cp", workload),
    await play("json", workload),
  ];
  assert(isClean(first.tally), JSON.stringify(first.tally));
  const { due } = json.tally;
  assertEquals(first.tally.due, due);
  for (const key of ["up SMSG", "down 240", "down RMSG", "up 250"]) {
    const found = first.types.find(({ direction, type }) =>
      `${direction} ${type}` === key
    );
    assertEquals(found?.count, due, key);
  }
  assertEquals(again.types, first.types);
  assertEquals(again.tally, first.tally);
  assertEquals([again.up, again.down], [first.up, first.down]);
});

Deno.test("what a bad server of cp loses and doubles is counted, and the play goes on", async () => {
  const { tally } = await playBadly({ losesAndDoubles: true });
  assertEquals(tally, { ...CLEAN, lost: 1, doubled: 1 });
});

Deno.test("what a bad server of cp hands out backwards is out of order", async () => {
  const workload = { users: 2, messages: 50, seed: 7 };
  const { tally } = await playBadly({ backwards: true }, workload);
  const { messages, acknowledged, due, lost, outOfOrder, unexpected } = tally;
  assertEquals(
    { messages, acknowledged, due, lost, unexpected },
    { messages: 50, acknowledged: 50, due: 50, lost: 0, unexpected: 0 },
  );
  assert(outOfOrder > 0);
});

Deno.test("what a bad server of cp refuses has no receipt, and does not come", async () => {
  const { tally } = await playBadly({ refuses: 2 });
  assertEquals(tally, { ...CLEAN, acknowledged: 2, lost: 1, unexpected: 1 });
});

Deno.test("a client that a server of cp cuts off loses what it is due, without any waiting", async () => {
  // Longer than the test may take: no deadline is waited for.
  const { tally } = await playBadly({ cutsOffAfter: 1 }, TINY, 3_600_000);
  const { messages, acknowledged, due, lost } = tally;
  assertEquals({ messages, acknowledged, due, lost }, {
    messages: 3,
    acknowledged: 1,
    due: 3,
    lost: 3,
  });
});
