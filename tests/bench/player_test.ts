import { assert, assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import {
  type Measurement,
  parseWires,
  playVariant,
  recordOverhead,
  total,
  type Variant,
  type Workload,
} from "../../lib/bench/mod.ts";
import { ByteMeter } from "../net/byte_meter.ts";
import { startServer } from "./bench_server.ts";
import { startBadServer } from "./bad_server.ts";

/** alice says something, bob answers, alice says something longer. */
const TINY: Workload = { users: 2, messages: 3, seed: 7 };

const LONG =
  "the place on the corner has a new menu, and the soup is actually good";

const JSON_UP = [
  `{"type":"login","username":"alice","v":2}`,
  `{"type":"login","username":"bob","v":2}`,
  `{"type":"room_msg","text":"that's the right one"}`,
  `{"type":"room_msg","text":"told you"}`,
  `{"type":"room_msg","text":"${LONG}"}`,
];

const JSON_DOWN = [
  `{"type":"login_ack","username":"alice","room":"general"}`,
  `{"type":"login_ack","username":"bob","room":"general"}`,
  `{"type":"system_msg","text":"bob joined general"}`,
  `{"type":"room_msg_ack","id":1}`,
  `{"type":"room_msg","room":"general","sender":"alice",` +
  `"text":"that's the right one"}`,
  `{"type":"room_msg_ack","id":2}`,
  `{"type":"room_msg","room":"general","sender":"bob","text":"told you"}`,
  `{"type":"room_msg_ack","id":3}`,
  `{"type":"room_msg","room":"general","sender":"alice","text":"${LONG}"}`,
  `{"type":"system_msg","text":"alice left general"}`,
];

/** The fields of the same messages; each frame is 9 bytes, each field 2 more. */
const BINARY_UP = [
  ["alice"],
  ["bob"],
  ["that's the right one"],
  ["told you"],
  [LONG],
];

const BINARY_DOWN = [
  ["alice", "general"],
  ["bob", "general"],
  ["bob joined general"],
  ["1"],
  ["general", "alice", "that's the right one"],
  ["2"],
  ["general", "bob", "told you"],
  ["3"],
  ["general", "alice", LONG],
  ["alice left general"],
];

function lineBytes(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

function frameBytes(frames: readonly (readonly string[])[]): number {
  return frames.reduce(
    (sum, fields) =>
      sum + 9 + fields.reduce((bytes, { length }) => bytes + 2 + length, 0),
    0,
  );
}

const EXPECTED = {
  json: { up: lineBytes(JSON_UP), down: lineBytes(JSON_DOWN) },
  chatp1: { up: frameBytes(BINARY_UP), down: frameBytes(BINARY_DOWN) },
};

function variant(wire: string): Variant {
  return parseWires(wire)[0] as Variant;
}

async function testCertificate() {
  const file = (name: string) =>
    readFile(new URL(`../../certs/${name}`, import.meta.url), "utf8");
  return createSecureContext({
    cert: await file("server.crt"),
    key: await file("server.key"),
  });
}

/** The checks that hold for every clean measurement of {@link TINY}. */
function checkTiny(measurement: Measurement): void {
  assertEquals(measurement.tally, {
    messages: 3,
    acknowledged: 3,
    due: 3,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    notices: 4,
    noticesLost: 0,
    unexpected: 0,
  });
  assertEquals(total(measurement), measurement.up + measurement.down);
  assertEquals(measurement.curve.at(-1), total(measurement));
  assertEquals(
    measurement.types.reduce((sum, { bytes }) => sum + bytes, 0),
    measurement.application,
  );
}

for (const wire of ["json", "chatp1"] as const) {
  Deno.test(`over ${wire} exactly the bytes of the frames are counted`, async () => {
    const measurement = await playVariant(variant(wire), TINY, {
      startServer: (_, clock) => startServer(clock),
    });
    checkTiny(measurement);
    assertEquals(measurement.up, EXPECTED[wire].up);
    assertEquals(measurement.down, EXPECTED[wire].down);
    assertEquals(measurement.handshake, 0);
    assertEquals(measurement.records, 0);
    assertEquals(measurement.closing, 0);
    assertEquals(
      measurement.types.find(({ direction, type }) =>
        direction === "down" && type === "room_msg_ack"
      )?.count,
      3,
    );
  });

  Deno.test(`over ${wire} in TLS they are the same with 22 bytes a record`, async () => {
    const context = await testCertificate();
    const measurement = await playVariant(variant(`${wire}+tls`), TINY, {
      startServer: (_, clock) => startServer(clock, context),
    });
    checkTiny(measurement);
    const { up, down } = EXPECTED[wire];
    const { application, handshake, closing, records } = measurement;
    assertEquals(application, up + down);
    // 5 requests and 10 events: nothing is coalesced, nothing is split.
    assertEquals(records, 15);
    assertEquals(
      total(measurement),
      application + 15 * 22 + handshake + closing,
    );
    // Two handshakes with an ECDSA certificate.
    assert(handshake > 2 * 1000 && handshake < 2 * 2000, `${handshake}`);
  });
}

Deno.test("over chatp2 everything comes as it is due, receipts too, in the same bytes each time", async () => {
  const context = await testCertificate();
  const workload = { users: 5, messages: 200, seed: 4 };
  const play = (wire: string) =>
    playVariant(variant(wire), workload, {
      startServer: (_, clock) =>
        startServer(clock, wire === "chatp2" ? undefined : context),
    });
  const [first, again, tls] = [
    await play("chatp2"),
    await play("chatp2"),
    await play("chatp2+tls"),
  ];
  const { acknowledged, lost, doubled, outOfOrder, noticesLost, unexpected } =
    first.tally;
  assertEquals(
    { acknowledged, lost, doubled, outOfOrder, noticesLost, unexpected },
    {
      acknowledged: 200,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      noticesLost: 0,
      unexpected: 0,
    },
  );
  assertEquals(total(first), first.application);
  assertEquals(
    first.types.reduce((sum, { bytes }) => sum + bytes, 0),
    total(first),
  );
  const types = new Set(first.types.map(({ type }) => type));
  for (const type of ["receipt", "received_by_all", "position", "rooms"]) {
    assert(types.has(type), type);
  }
  for (const other of [again, tls]) {
    assertEquals(other.tally, first.tally);
    assertEquals(other.frames, first.frames);
    assertEquals(other.application, first.application);
  }
  assertEquals(recordOverhead(tls), tls.records * 22);
});

Deno.test("between the steps nobody is silent for more than ten seconds over chatp2", async () => {
  // Two people say three things in 163 s.
  const measurement = await playVariant(variant("chatp2"), TINY, {
    startServer: (_, clock) => startServer(clock),
  });
  const echoes = measurement.frames?.filter(({ frame }) =>
    frame === "keepalive"
  );
  const [up, down] = ["up", "down"].map((direction) =>
    echoes?.find((each) => each.direction === direction)?.count
  );
  assert(up !== undefined && up > 20, `${up}`);
  assertEquals(down, up);
});

Deno.test("another observer sees the same bytes, and progress is told", async () => {
  const other = new ByteMeter();
  const steps: number[] = [];
  const measurement = await playVariant(variant("json"), TINY, {
    startServer: (_, clock) => startServer(clock),
    observers: [other],
    onProgress: (done) => steps.push(done),
  });
  assertEquals(other.total, { up: measurement.up, down: measurement.down });
  assertEquals(steps, [1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("joins, listings and private messages come as they are due", async () => {
  const measurement = await playVariant(
    variant("chatp1"),
    { users: 7, messages: 300, seed: 5 },
    { startServer: (_, clock) => startServer(clock) },
  );
  const { tally, types } = measurement;
  assertEquals(tally, {
    ...tally,
    messages: 300,
    acknowledged: 300,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    noticesLost: 0,
    unexpected: 0,
  });
  for (const type of ["join_room", "list_users", "list_rooms", "private_msg"]) {
    assert(types.some((each) => each.type === type), type);
  }
});

Deno.test("what a bad server loses and doubles is counted, and the play goes on", async () => {
  const measurement = await playVariant(variant("json"), TINY, {
    startServer: () => startBadServer(),
    deadline: 100,
  });
  // It delivers the first message twice, the second never, the third rightly.
  assertEquals(measurement.tally, {
    messages: 3,
    acknowledged: 3,
    due: 3,
    lost: 1,
    doubled: 1,
    outOfOrder: 0,
    notices: 4,
    noticesLost: 0,
    unexpected: 0,
  });
});

Deno.test("a client that is cut off loses what it is due, without any waiting", async () => {
  const measurement = await playVariant(variant("json"), TINY, {
    startServer: () => startBadServer({ cutOffAfter: 1 }),
    // Longer than the test may take: no deadline is waited for.
    deadline: 3_600_000,
  });
  assertEquals(measurement.tally.acknowledged, 1);
  assertEquals(measurement.tally.messages, 3);
  assertEquals(measurement.tally.due, 3);
  assertEquals(measurement.tally.lost, 2);
});
