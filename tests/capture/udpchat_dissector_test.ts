/** The dissector for Wireshark on reliable UDP, against our own dissection. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  dissectorSource,
  type FieldValue,
  type Frame,
} from "../../lib/capture/mod.ts";
import { fileOf, type MadePacket, readAll } from "./made_capture.ts";
import {
  type Dissected,
  dissected,
  hasTshark,
  skipReason,
  spoken,
} from "./tshark.ts";
import { ask, bytesOf, type Sent, TALK, udpPackets } from "./udpchat_made.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${skipReason}`, ignore: !hasTshark, fn });
}

/** Both dissections of a capture, and what tshark said of it. */
async function both(packets: readonly MadePacket[]) {
  const folder = await Deno.makeTempDir();
  const [path, script] = [`${folder}/a.pcap`, `${folder}/chatp.lua`];
  try {
    const file = fileOf(packets);
    await Deno.writeFile(path, file);
    await Deno.writeTextFile(script, dissectorSource());
    const events = await readAll(file);
    return {
      ours: events.filter((each) => each.event === "frame")
        .map(({ frame }) => frame),
      theirs: await dissected(path, script),
      second: await dissected(path, script, "-2"),
      said: await spoken(path, script),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The values in a body, with their paths as tshark writes them. */
function leaves(path: string, value: FieldValue): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((each) => leaves(`${path}/[]`, each as FieldValue));
  }
  if (typeof value !== "object" || value === null) return [`${path}:${value}`];
  return Object.entries(value)
    .flatMap(([name, each]) => leaves(`${path}/${name}`, each));
}

/** A frame in words that both dissections have. */
function ourWords({ type, bytes, fields, flags, roundTrip }: Frame): unknown {
  const { SEQN, to, ...body } = fields;
  return {
    type,
    bytes,
    SEQN,
    to,
    repeated: flags.includes("repeated"),
    unmatched: flags.includes("unmatched"),
    roundTrip: roundTrip?.toFixed(3),
    body: leaves("", body),
  };
}

const SECRET = /\/(password|token):/;

function theirWords({ bytes, fields }: Dissected): unknown {
  const one = (name: string) => fields.get(`udpchat.${name}`)?.[0];
  const type = one("type") ?? "";
  const roundTrip = one("round_trip");
  return {
    type,
    bytes,
    SEQN: Number(one("seqn")),
    to: one("to"),
    repeated: fields.has("udpchat.repeated"),
    unmatched: fields.has("udpchat.unmatched"),
    roundTrip: roundTrip && Number(roundTrip).toFixed(3),
    body: (fields.get("json.path_with_value") ?? [])
      .filter((value) => value !== `/type:${type}`)
      .map((value) => {
        const secret = SECRET.exec(value);
        return secret === null
          ? value
          : `${value.slice(0, secret.index)}${secret[0]}***`;
      }),
  };
}

/** Everything that a body can hold. */
const BODIES: readonly Sent[] = [
  ask(1_000, 1, {
    type: "GRP_ADD",
    group: "a",
    members: ["alice", "bob"],
    username: "alice",
  }),
  [1_001, "down", {
    seqn: 1,
    ack: true,
    body: {
      status: 200,
      error: null,
      response: { group: "a", Members: ["alice"] },
    },
  }],
  ask(1_002, 2, { type: "GRP_HST", username: "alice" }),
  [1_003, "down", {
    seqn: 2,
    ack: true,
    body: {
      status: 200,
      error: null,
      response: [{ Name: "a", Members: [], Read_By_All: true }, {}],
    },
  }],
  ask(1_004, 3, {
    type: "CHT",
    text: '"{}[],: \u{1f600}',
    username: "alice",
  }),
  ask(1_005, 4, { type: "XYZ", n: -1.5e3 }),
  ask(1_006, 5, {}),
  [1_007, "down", { seqn: 4, ack: true, body: { status: 400, error: "no" } }],
  [1_008, "down", { seqn: 4, ack: true, body: { status: 400, error: "no" } }],
  [1_009, "down", { seqn: 9, ack: true }],
];

test("tshark and we agree on reliable UDP, datagram by datagram, field by field", async () => {
  const { ours, theirs, second, said } = await both(
    udpPackets([...TALK.slice(0, -1), ...BODIES, ...TALK.slice(-1)]),
  );
  assertEquals(theirs.map(theirWords), ours.map(ourWords));
  assertEquals(second, theirs);
  assertEquals(ours.length, 21);
  assertEquals(said.match(/.*(Malformed|malformed|Lua [Ee]rror).*/g), null);
});

test("on another port tshark finds reliable UDP by its first bytes", async () => {
  const { ours, theirs } = await both(
    udpPackets(TALK, {
      client: { address: "2001:db8::1", port: 40_001 },
      server: { address: "2001:db8::2", port: 46_999 },
    }),
  );
  assertEquals(theirs.map(theirWords), ours.map(ourWords));
  assertEquals(ours.length, 11);
});

const BAD_JSON = [
  "{",
  "{} x",
  '{"a":01}',
  '{"a":1,}',
  '{"a" 1}',
  '{"a":"\u0001"}',
  '{"a":"\\x"}',
  '{"a":tru}',
  "[1]",
  '"a"',
  "{a:1}",
  "\ufeff{}",
  '{"a":'.repeat(33) + "1" + "}".repeat(33),
];

test("tshark is told of each body that we can't read, and of no other", async () => {
  const good = [
    "null",
    " {} ",
    '\t{"a" : [1e5, -0.1E-2, "\\u00e9\\n\x7f", {"type":"CHT"}]}\n',
    '{"a":'.repeat(32) + "1" + "}".repeat(32),
  ];
  const sent = [...BAD_JSON, ...good].map((json, index): Sent => [
    index,
    "up",
    Uint8Array.from([
      ...[0, 0, 0, index + 1, 0, 0, 0],
      ...new TextEncoder().encode(json),
    ]),
  ]);
  const latin = Uint8Array.fromHex("00000063000000" + "7b2261223a22e9227d");
  const { ours, theirs } = await both(udpPackets([...sent, [99, "up", latin]]));
  const types = [
    ...BAD_JSON.map(() => "(malformed)"),
    ...good.map(() => "(unknown)"),
    "(malformed)",
  ];
  assertEquals(ours.map(({ type }) => type), types);
  assertEquals(
    theirs.map(({ fields }) => fields.get("udpchat.type")?.[0]),
    types,
  );
  assertEquals(
    theirs.map(({ fields }) => fields.has("udpchat.malformed")),
    types.map((type) => type === "(malformed)"),
  );
});

const damaged = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      ...[...TALK, ...BODIES].map(([, , what]) => bytesOf(what)),
    ),
    fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 2 }),
    fc.integer({ min: 7, max: 200 }),
  ).map(([bytes, changes, length]) => {
    const copy = bytes.slice(0, length);
    for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte;
    return copy;
  }),
  fc.uint8Array({ minLength: 7, maxLength: 40 }),
);

test("any datagrams are dissected without an error of Lua, as what we take them for", async () => {
  const sent = fc.sample(damaged, 1_500).map((bytes, index): Sent => [
    index,
    index % 3 === 0 ? "down" : "up",
    bytes,
  ]);
  const { ours, theirs, said } = await both(udpPackets(sent));
  const errors = said.match(/.*(?:Lua [Ee]rror|lua.*:\d+:).*/g) ?? [];
  assertEquals([...new Set(errors)], []);
  const words = ({ type, bytes, to = "", repeated = false }: {
    readonly type?: unknown;
    readonly bytes?: unknown;
    readonly to?: unknown;
    readonly repeated?: unknown;
  }) => `${type} ${bytes} ${to} ${repeated}`;
  const known = ours.filter(({ wire }) => wire === "udpchat");
  assert(known.length > 300 && known.length < ours.length);
  assertEquals(
    theirs.map((each) => words(theirWords(each) as Record<string, unknown>)),
    known.map((each) => words(ourWords(each) as Record<string, unknown>)),
  );
});
