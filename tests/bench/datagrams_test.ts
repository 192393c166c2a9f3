/** The conversation over reliable UDP, with and without losses. */

import { assert, assertEquals } from "@std/assert";
import { benchServers } from "../../commands/bench.ts";
import { isClean } from "../../lib/bench/deliveries.ts";
import {
  type Measurement,
  parseWires,
  playVariant,
  total,
  type Variant,
  type Workload,
} from "../../lib/bench/mod.ts";

const play = (wire: string, workload: Workload, drop = 0) =>
  playVariant(parseWires(wire)[0] as Variant, workload, {
    startServer: benchServers(drop),
  });

/** Bytes of a type that went one way. */
function bytesOf(
  { types }: Measurement,
  direction: "up" | "down",
  type: string,
): number | undefined {
  return types.find((each) =>
    each.direction === direction && each.type === type
  )?.bytes;
}

const LONG =
  "the place on the corner has a new menu, and the soup is actually good";

/** What is said, and by whom. */
const SAID = [
  ["alice", "that's the right one"],
  ["bob", "told you"],
  ["alice", LONG],
] as const;

const REF = "0".repeat(32);
const TIME = "2026-01-01T12:00:00.000000";

function sum(bodies: readonly string[]): number {
  return bodies.reduce((bytes, body) => bytes + 7 + body.length, 0);
}

Deno.test("over udp exactly the bytes of the datagrams are counted", async () => {
  const measurement = await play("udp", { users: 2, messages: 3, seed: 7 });
  assertEquals(measurement.tally, {
    messages: 3,
    acknowledged: 3,
    due: 3,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    // Two logins, two probes, a group made and two times told of, three of
    // one's own messages, six times that everybody has one, and the keepalives.
    notices: 2 + 2 + 1 + 2 + 3 + 6 + (measurement.types.find((
      { direction, type },
    ) => direction === "up" && type === "SYN")?.count ?? 0) - 2,
    noticesLost: 0,
    unexpected: 0,
  });
  const { datagrams, application } = measurement;
  assertEquals(datagrams?.repeats, 0);
  assertEquals(total(measurement), application);
  assertEquals(measurement.curve.at(-1), application);
  const people = ["alice", "bob"];
  const expected: readonly (readonly [
    "up" | "down",
    string,
    readonly string[],
  ])[] = [
    [
      "up",
      "USR_LOGIN",
      people.map((name) =>
        `{"type":"USR_LOGIN","username":"${name}",` +
        `"password":"as long as people's are"}`
      ),
    ],
    ["up", "GRP_ADD", [
      `{"type":"GRP_ADD","group":"commons-1","members":["bob"],` +
      `"username":"alice","ref":"${REF}","n":0}`,
    ]],
    [
      "up",
      "CHT",
      SAID.map(([name, text]) =>
        `{"type":"CHT","group":"commons-1","text":"${text}",` +
        `"username":"${name}","time_sent":"${TIME}","ref":"${REF}","n":0}`
      ),
    ],
    [
      "down",
      "CHT",
      SAID.flatMap(([name, text], index) =>
        people.map((receiver) =>
          `{"type":"CHT","MessageID":1,` +
          `"msg_seqn":${receiver === name ? "1000000000" : index},` +
          `"group":"commons-1","username":"${name}","text":"${text}",` +
          `"time_sent":"${TIME}","sequence":1}`
        )
      ),
    ],
    [
      "down",
      "MSG_RBA",
      [
        ...Array(2).fill(
          `{"type":"MSG_RBA","group":"General Chat Room","MessageID":0,"sequence":0}`,
        ),
        ...Array(6).fill(
          `{"type":"MSG_RBA","group":"commons-1","MessageID":1,"sequence":1}`,
        ),
      ],
    ],
    ["up", "FIN", ["{}", "{}"]],
  ];
  for (const [direction, type, bodies] of expected) {
    assertEquals(bytesOf(measurement, direction, type), sum(bodies), type);
  }
});

Deno.test("over udp everybody gets what the other wires bring them, in the same bytes each time", async () => {
  const workload = { users: 3, messages: 100, seed: 7 };
  const [first, again, json] = [
    await play("udp", workload),
    await play("udp", workload),
    await play("json", workload),
  ];
  assert(isClean(first.tally), JSON.stringify(first.tally));
  assertEquals(first.tally.due, json.tally.due);
  assertEquals(again.types, first.types);
  assertEquals(again.tally, first.tally);
  assertEquals([again.up, again.down], [first.up, first.down]);
  const types = new Set(first.types.map(({ type }) => type));
  for (const type of ["GRP_ADD", "USR_LST", "GRP_HST", "MSG_RBA", "ACK"]) {
    assert(types.has(type), type);
  }
});

Deno.test("over udp nothing is lost where the server ignores a fifth of what comes, and repeats are counted apart", async () => {
  const workload = { users: 3, messages: 15, seed: 5 };
  const whole = await play("udp", workload);
  const lossy = await play("udp", workload, 0.2);
  assert(isClean(lossy.tally), JSON.stringify(lossy.tally));
  assertEquals(lossy.tally.due, whole.tally.due);
  const { repeats = 0, repeatedBytes = 0 } = lossy.datagrams ?? {};
  assert(repeats > 0);
  assert(repeatedBytes >= 7 * repeats);
  // What was said the first time is what is said where nothing gets lost.
  for (const type of ["CHT", "MSG_RBA"]) {
    const count = ({ types }: Measurement) =>
      types.find((each) => each.direction === "down" && each.type === type)
        ?.count ?? 0;
    assert(count(lossy) >= count(whole), type);
  }
  assertEquals(whole.datagrams?.repeats, 0);
});
