/** The dissector for Wireshark, against our own dissection. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  dissectorSource,
  type Frame,
  type ReadingEvent,
} from "../../lib/capture/mod.ts";
import { frameFields } from "../../lib/capture/dissector/tables.ts";
import {
  CLIENT_FRAMES,
  ERROR_CODES,
  MESSAGES,
  SERVER_FRAMES,
} from "../../lib/wire/mod.ts";
import { CASES as CHATPROTO2_CASES } from "../wire/chatproto2_cases.ts";
import { LOGGED_IN, Pair, type Step } from "../wire/chatproto2_pair.ts";
import { CASES } from "../wire/cases.ts";
import { golden } from "../wire/golden.ts";
import { compare } from "./dissections.ts";
import {
  fileOf,
  type MadePacket,
  packetsOf,
  readAll,
  type Said,
} from "./made_capture.ts";
import {
  type Dissected,
  dissected,
  hasTshark,
  skipReason,
  spoken,
} from "./tshark.ts";

/** Writes a capture and the dissector, and tells where they are. */
async function written(
  packets: readonly MadePacket[],
  check: (path: string, script: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const [path, script] = [`${folder}/a.pcap`, `${folder}/chatp.lua`];
  try {
    await Deno.writeFile(path, fileOf(packets));
    await Deno.writeTextFile(script, dissectorSource());
    await check(path, script);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function framesOf(events: readonly ReadingEvent[]): Frame[] {
  return events.filter((each) => each.event === "frame")
    .map(({ frame }) => frame);
}

/** Both dissections of a capture, and what tshark said of it. */
async function both(
  packets: readonly MadePacket[],
  ...more: readonly string[]
): Promise<{
  readonly ours: readonly Frame[];
  readonly theirs: readonly Dissected[];
  readonly said: string;
}> {
  let theirs: Dissected[] = [];
  let said = "";
  await written(packets, async (path, script) => {
    theirs = await dissected(path, script, ...more);
    said = await spoken(path, script);
  });
  return { ours: framesOf(await readAll(fileOf(packets))), theirs, said };
}

/** Both agree, and nothing is wrong for tshark. */
async function agree(
  packets: readonly MadePacket[],
  ...more: readonly string[]
): Promise<void> {
  const { ours, theirs, said } = await both(packets, ...more);
  compare(ours, theirs);
  assert(ours.length > 0);
  assertEquals(said.match(/.*(Malformed|malformed|Lua [Ee]rror).*/g), null);
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${skipReason}`, ignore: !hasTshark, fn });
}

/** What ChatProto 1.0 can say. */
const SAID_1: readonly Said[] = CASES.flatMap(({ direction, bytes }) =>
  typeof bytes.chatp1 === "string"
    ? [[direction === "request" ? "up" : "down", golden(bytes.chatp1)] as const]
    : []
);

/** What is said on a connection of ChatProto 2, prefaces and all. */
function conversation(steps: readonly Step[], coded = false): Said[] {
  const pair = new Pair(coded ? {} : { textCode: false });
  const features = coded ? "01" : "00";
  const preface = golden(`4350 02 00 ${features} 00000000`);
  const said: Said[] = [["up", preface], ["down", preface]];
  for (const step of steps) {
    const bytes = pair.bytes(step);
    pair.reader(step).receive(bytes);
    while (pair.reader(step).next() !== undefined);
    said.push(["ask" in step ? "up" : "down", bytes]);
  }
  return said;
}

/** A connection for each case of ChatProto 2. */
function packets2(): MadePacket[] {
  return CHATPROTO2_CASES.flatMap(({ before, step }, index) =>
    packetsOf(conversation([...before, step]), index + 1)
  );
}

Deno.test("the dissector has every kind, type, field and code of the codecs", () => {
  const source = dissectorSource();
  const names = [
    ...Object.keys(MESSAGES),
    ...[...CLIENT_FRAMES, ...SERVER_FRAMES].map(({ name }) =>
      name.toLowerCase()
    ),
    ...Object.values(ERROR_CODES).map(({ title }) => title),
  ];
  for (const name of names) assertStringIncludes(source, `"${name}"`);
  // No filter is a number here and a text there: this would throw.
  assertEquals(frameFields().get("sequence"), "number");
});

test("tshark and we agree on everything that ChatProto 1.0 can say", () =>
  agree(packetsOf(SAID_1)));

test("tshark and we agree on everything that ChatProto 2 can say", () =>
  agree(packets2()));

/** Several frames in a segment, and frames in several segments. */
function cutAnew(said: readonly Said[], sizes: readonly number[]): Said[] {
  const runs: { direction: Said[0]; bytes: number[] }[] = [];
  for (const [direction, bytes] of said) {
    const last = runs.at(-1);
    if (last?.direction === direction) last.bytes.push(...bytes as Uint8Array);
    else runs.push({ direction, bytes: [...bytes as Uint8Array] });
  }
  let turn = 0;
  return runs.flatMap(({ direction, bytes }) => {
    const pieces: Said[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = sizes[turn++ % sizes.length] as number;
      pieces.push([direction, Uint8Array.from(bytes.slice(at, at + size))]);
      at += size;
    }
    return pieces;
  });
}

/** Two people who talk. */
const TALK: readonly Step[] = [
  ...LOGGED_IN,
  ...["see you tomorrow", "no", "€ 3,50 €", "x".repeat(3_000)].flatMap(
    (text, index): Step[] => [
      { ask: { type: "room_msg", text } },
      {
        reply: {
          type: "room_msg_ack",
          id: 0,
          place: {
            id: 0,
            room: 2,
            sequence: 17 + index,
            time: 1_800_000_000_000 + 1_000 * index,
            sender: 1,
            pause: index === 0 ? 0 : 1,
          },
        },
      },
    ],
  ),
];

for (const sizes of [[1_000_000], [1], [2, 3, 5, 7, 11], [40, 1]]) {
  const name = sizes.join(", ");
  test(`tshark and we agree on ChatProto 1.0 in segments of ${name} bytes`, () =>
    agree(packetsOf(cutAnew(SAID_1, sizes))));
  test(`tshark and we agree on ChatProto 2 in segments of ${name} bytes`, () =>
    agree(packetsOf(cutAnew(conversation(TALK, true), sizes))));
}

test("a second pass, as in Wireshark, makes the same of it", () =>
  agree(packetsOf(cutAnew(conversation(TALK, true), [2, 3, 5, 7, 11])), "-2"));

/** The same on another port than chatp's. */
function elsewhere(packets: readonly MadePacket[]): MadePacket[] {
  return packets.map(({ time, packet }) => {
    const other = packet.slice();
    const view = new DataView(other.buffer);
    for (const at of [20, 22]) {
      if (view.getUint16(at) === 5_555) view.setUint16(at, 47_555);
    }
    return { time, packet: other };
  });
}

test("on another port tshark tells both wires by their first bytes", async () => {
  await agree(elsewhere(packetsOf(SAID_1)));
  await agree(elsewhere(packetsOf(conversation(TALK, true))));
});

test("tshark and we agree on a capture that begins in the middle", () =>
  agree(packetsOf(conversation(TALK, true)).slice(9)));

test("Decode as ChatProto 2 works on any port", () =>
  agree(
    elsewhere(packetsOf(conversation(TALK, true)).slice(9)),
    "-d",
    "tcp.port==47555,chatp2",
  ));

/** What no wire allows, in the order in which it comes. */
const MISTAKES: readonly (readonly [string, readonly Said[], number])[] = [
  [
    "a type that does not exist",
    [["up", golden("4350 01 7f 00 00000001 00")]],
    1,
  ],
  ["a body that ends within a field", [
    ["up", golden("4350 01 01 00 00000003 0005 61")],
    ["up", golden("4350 01 08 00 00000000")],
  ], 1],
  ["a body that is too long", [["up", golden("4350 01 01 00 00010001")]], 1],
  ["a frame that ends within a field", [
    ["up", golden("4350 02 00 00 00000000 03 d8 02 02 01 c0")],
  ], 1],
  ["a frame that is too long", [
    ["up", golden("4350 02 00 00 00000000 818004")],
    ["up", golden("01 c0")],
  ], 2],
];

for (const [name, said, count] of MISTAKES) {
  test(`tshark is told of ${name}, and no error of Lua`, async () => {
    const { theirs, said: output } = await both(packetsOf(said));
    const bad = theirs.filter(({ fields }) =>
      fields.has("chatp.malformed") || fields.has("chatp2.malformed")
    );
    assertEquals(bad.length, count);
    assert(!/Lua [Ee]rror/.test(output), output);
  });
}

test("tshark is told of messages that were lost", async () => {
  const { theirs } = await both(packetsOf([
    ...conversation(LOGGED_IN),
    ["down", golden("02 30 02 04 40 02 14 00")],
  ]));
  assert(theirs.at(-1)?.fields.has("chatp2.lost"));
});

test("other wires on chatp's port are left to whom they belong to", async () => {
  const { theirs, said } = await both([
    ...packetsOf([["up", '{"type":"list_rooms"}\n']], 1),
    ...packetsOf([["up", golden("16 0301 0004 01000000")]], 2),
    ...packetsOf([["up", "GET / HTTP/1.1\r\n\r\n"]], 3),
  ]);
  assertEquals(theirs, []);
  assertMatch(said, /TLS|Transport Layer Security/);
});

test("tshark knows sequences, rooms and people that do not travel", async () => {
  const { theirs } = await both(packetsOf(conversation(TALK, true)));
  const stored = theirs.filter(({ fields }) =>
    fields.get("chatp2.kind")?.[0] === "stored"
  );
  assertEquals(
    stored.map(({ fields }) => [
      fields.get("chatp2.n")?.[0],
      fields.get("chatp2.room")?.[0],
      fields.get("chatp2.sequence")?.[0],
    ]),
    [17, 18, 19, 20].map((sequence) => ["0", "general", `${sequence}`]),
  );
});
