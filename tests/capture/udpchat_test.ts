/** Reading captures of reliable UDP. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  captureFormatter,
  type Frame,
  type ReadingEvent,
} from "../../lib/capture/mod.ts";
import type { Datagram } from "../../lib/wire/mod.ts";
import { fileOf, packetsOf, readAll } from "./made_capture.ts";
import {
  ask,
  bytesOf,
  type Ends,
  type Sent,
  TALK,
  udpPackets,
} from "./udpchat_made.ts";

const read = (sent: readonly Sent[], ends: Ends = {}) =>
  readAll(fileOf(udpPackets(sent, ends)));

function framesOf(events: readonly ReadingEvent[]) {
  return events.filter((each) => each.event === "frame");
}

function summaryOf(events: readonly ReadingEvent[]) {
  const last = events.at(-1);
  assert(last?.event === "summary");
  return last.summary;
}

async function linesOf(sent: readonly Sent[], ends: Ends = {}) {
  const toLine = captureFormatter("text");
  return (await read(sent, ends)).flatMap((event) =>
    toLine(event).replaceAll(/ +/g, " ").split("\n")
  );
}

Deno.test("a session over reliable UDP is told datagram by datagram, without its secrets", async () => {
  const lines = await linesOf(TALK);
  assertEquals(lines.slice(1, 14), [
    " 0.000000 #1 open 192.0.2.1:50001 -> 192.0.2.2:5000 (udp)",
    " 0.000000 #1 -> udpchat SYN 24 B SEQN=0 username=null",
    ' 0.000500 #1 <- udpchat ACK 9 B SEQN=0 to="SYN" (0.500 ms)',
    ' 0.001000 #1 -> udpchat USR_LOGIN 73 B SEQN=4660 username="alice" password="***"',
    ' 0.003000 #1 <- udpchat ACK 83 B SEQN=4660 to="USR_LOGIN" status=200 error=null response={"username":"alice","token":"***"} (2.000 ms)',
    ' 0.010000 #1 -> udpchat CHT 136 B SEQN=4700 group="General Chat Room" text="grüß dich" username="alice" time_sent="2026-01-02T03:04:05.123456" n=0',
    ' 0.260000 #1 -> udpchat CHT 136 B SEQN=4700 group="General Chat Room" text="grüß dich" username="alice" time_sent="2026-01-02T03:04:05.123456" n=0 [repeated]',
    ' 0.261000 #1 <- udpchat ACK 50 B SEQN=4700 to="CHT" status=200 error=null response=null',
    ' 0.262000 #1 <- udpchat CHT 160 B SEQN=77 MessageID=9 msg_seqn=4700 group="General Chat Room" username="alice" text="grüß dich" time_sent="2026-01-02T03:04:05.123456"',
    ' 0.263250 #1 -> udpchat ACK 69 B SEQN=77 to="CHT" MessageID=9 group="General Chat Room" username="alice" (1.250 ms)',
    ' 0.270000 #1 <- udpchat MSG_RBA 67 B SEQN=300 group="General Chat Room" MessageID=9',
    " 0.300000 #1 -> udpchat FIN 7 B SEQN=-1",
    " 0.300000 #1 close (fin)",
  ]);
  assertEquals(lines.slice(14, 20), [
    "",
    "11 packets, 1 connection, 814 bytes of payload: 445 up (->), 369 down (<-)",
    "1 datagram was sent again ->, 136 bytes",
    "2 datagrams were not acknowledged",
    "2 round trips of datagrams ->: 0.500 to 2.000 ms, 1.250 on average",
    "1 round trip of datagrams <-: 1.250 to 1.250 ms, 1.250 on average",
  ]);
});

Deno.test("JSON has round trips, repeats and what was not acknowledged", async () => {
  const toLine = captureFormatter("json");
  const events = (await read(TALK)).map((event) => JSON.parse(toLine(event)));
  assertEquals(events[0].transport, "udp");
  assertEquals(events[2], {
    event: "frame",
    time: "2026-01-02T03:04:05.000500Z",
    connection: 1,
    direction: "down",
    wire: "udpchat",
    type: "ACK",
    bytes: 9,
    fields: { SEQN: 0, to: "SYN" },
    flags: [],
    roundTrip: 0.5,
  });
  assertEquals(events.at(-1).reliability, {
    repeated: {
      up: { datagrams: 1, bytes: 136 },
      down: { datagrams: 0, bytes: 0 },
    },
    unacknowledged: 2,
    roundTrips: {
      up: { count: 2, least: 0.5, mean: 1.25, most: 2 },
      down: { count: 1, least: 1.25, mean: 1.25, most: 1.25 },
    },
  });
});

const shapes = (events: readonly ReadingEvent[]) =>
  framesOf(events).map(({ direction, frame }) =>
    [direction === "up" ? "->" : "<-", frame.wire, frame.type, ...frame.flags]
      .join(" ")
  );

Deno.test("a repeated answer, an answer to nothing and a late repeat are told apart", async () => {
  const events = await read([
    ask(0, 5, { type: "USR_LST" }),
    ask(250, 5, { type: "USR_LST" }),
    [251, "down", { seqn: 5, ack: true }],
    [252, "down", { seqn: 5, ack: true }],
    [253, "down", { seqn: 6, ack: true }],
    // More than a minute later nobody remembers that SEQN.
    ask(60_001, 5, { type: "USR_LST" }),
    // A SYN's SEQN is used again sooner.
    [70_000, "up", { syn: true }],
    [70_250, "up", { syn: true }],
    [76_000, "up", { syn: true }],
  ]);
  assertEquals(shapes(events), [
    "-> udpchat USR_LST",
    "-> udpchat USR_LST repeated",
    "<- udpchat ACK",
    "<- udpchat ACK repeated",
    "<- udpchat ACK unmatched",
    "-> udpchat USR_LST",
    "-> udpchat SYN",
    "-> udpchat SYN repeated",
    "-> udpchat SYN",
  ]);
  assertEquals(summaryOf(events).reliability?.roundTrips, {});
});

Deno.test("secrets are hidden wherever they stand, with texts under unknown names; other types and fields are shown", async () => {
  const events = await read([
    ask(0, 1, {
      type: "NEW",
      token: "a",
      list: [{ password: "b", SEQN: 2 }, true, null],
      SEQN: "c",
      to: 1,
      __proto__: null,
    }),
    ask(1, 2, { type: ["CHT"], ["__proto__"]: "d" }),
  ]);
  assertEquals(
    framesOf(events).map(({ frame }) => [frame.type, frame.fields]),
    [
      ["(unknown)", {
        SEQN: 1,
        type: "NEW",
        token: "***",
        list: [{ password: "***", SEQN: 2 }, true, null],
        "body.SEQN": "***",
        "body.to": 1,
      }],
      [
        "(unknown)",
        Object.fromEntries([["SEQN", 2], ["type", ["CHT"]], [
          "__proto__",
          "***",
        ]]),
      ],
    ] as [string, Frame["fields"]][],
  );
});

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));
const latin = (text: string) => new TextEncoder().encode(text);

Deno.test("damaged datagrams and those of others are told apart on the wire's own port", async () => {
  const events = await read([
    // Other protocols: nothing of this wire was heard yet.
    [0, "up", latin("hi")],
    [1, "up", hex("80 60 1234 05000000 deadbeef 7b7d")],
    [2, "up", hex("00000001 00 00 00 7b7d")],
    // Damaged: a body that is cut, one that is no object, too few bytes.
    [3, "up", hex("00000002 00 00 00 7b2261")],
    [4, "up", hex("00000003 00 00 00 5b5d")],
    [5, "up", hex("00 00 00")],
    [6, "down", hex("00000002 01 00 00 7b7d")],
    [7, "up", hex("80 60 1234 05000000 deadbeef")],
  ]);
  assertEquals(
    framesOf(events).map(({ frame: { wire, type, bytes, error = "" } }) =>
      [wire, type, bytes, error].join(" ").trim()
    ),
    [
      "unknown (bytes) 2",
      "unknown (bytes) 14",
      "udpchat (unknown) 9",
      "udpchat (malformed) 10 Malformed: the body is not JSON",
      "udpchat (malformed) 9 Malformed: the body is not a JSON object",
      "udpchat (malformed) 3 Malformed: a datagram has at least 7 bytes, this one has 3",
      "udpchat ACK 9",
      "unknown (bytes) 12",
    ],
  );
  // The ACK is to the damaged one.
  assertEquals(framesOf(events)[6]?.frame.fields["to"], "(malformed)");
  assertEquals(summaryOf(events).errors, 3);
});

const ELSEWHERE: Ends = {
  client: { address: "192.0.2.1", port: 7_000 },
  server: { address: "192.0.2.2", port: 8_000 },
};

Deno.test("on other ports datagrams are told from the first that is plainly of this wire", async () => {
  const events = await read([
    [0, "up", latin("hi")],
    [1, "up", hex("00000001 00 00 00")],
    [2, "down", { seqn: 3, ack: true, body: { status: 200 } }],
    [3, "up", latin("hi")],
  ], ELSEWHERE);
  assertEquals(shapes(events), [
    "<- udpchat ACK unmatched",
    "-> udpchat (malformed)",
  ]);
  assertEquals(summaryOf(events).leftOut, { "other UDP": 2 });
});

const SIDES: readonly (readonly [string, Partial<Datagram>, boolean])[] = [
  ["a SYN", { syn: true, body: { username: null } }, true],
  ["a request", { body: { type: "GRP_SUB", group: "a" } }, true],
  ["a receipt", { ack: true, body: { MessageID: 1, group: "a" } }, true],
  ["a push", { body: { type: "GRP_SUB", group: "a", Members: [] } }, false],
  ["an answer", { ack: true, body: { status: 200 } }, false],
];

for (const [name, datagram, isClients] of SIDES) {
  Deno.test(`without the port ${name} tells the client from the server`, async () => {
    for (const direction of ["up", "down"] as const) {
      const [open] = await read([[0, direction, datagram]], ELSEWHERE);
      assert(open?.event === "open");
      const source = direction === "up" ? 7_000 : 8_000;
      assertEquals(open.client.port === source, isClients);
    }
  });
}

Deno.test("who comes again after leaving is another connection, a late answer is not", async () => {
  const events = await read([
    [0, "up", { syn: true }],
    [1, "up", { seqn: -1, fin: true }],
    [2, "up", { seqn: -1, fin: true }],
    [3, "down", { seqn: -1, ack: true }],
    [4, "up", { syn: true }],
    [5, "down", { ack: true }],
  ]);
  assertEquals(
    events.map((each) =>
      each.event === "close"
        ? `close ${each.connection} ${each.how}`
        : each.event
    ),
    [
      ...["open", "frame", "frame", "frame", "frame", "close 1 fin"],
      ...["open", "frame", "frame", "close 2 unfinished", "summary"],
    ],
  );
});

Deno.test("a datagram that the capture holds the front of is told by its header", async () => {
  const packets = udpPackets([
    ask(0, 5, { type: "CHT", text: "x".repeat(100) }),
    [1, "down", { seqn: 5, ack: true }],
  ]);
  const file = fileOf(packets);
  // The first packet: 28 bytes of headers, and 7 + 5 of 133.
  const view = new DataView(file.buffer);
  const kept = 40;
  const length = view.getUint32(24 + 8);
  view.setUint32(24 + 8, kept);
  const cut = Uint8Array.from([
    ...file.subarray(0, 40 + kept),
    ...file.subarray(40 + length),
  ]);
  const frames = framesOf(await readAll(cut)).map(({ frame }) => frame);
  assertEquals(frames.map(({ type, bytes, fields }) => [type, bytes, fields]), [
    ["(incomplete)", length - 28, { SEQN: 5 }],
    ["ACK", 9, { SEQN: 5, to: "(incomplete)" }],
  ]);
});

Deno.test("IPv6 and TCP beside it are read", async () => {
  const ends = {
    client: { address: "2001:db8::1", port: 50_001 },
    server: { address: "2001:db8::2", port: 5_000 },
  };
  const events = await readAll(
    fileOf([...udpPackets(TALK, ends), ...packetsOf([["up", "{}\n"]])]),
  );
  const { connections, wires } = summaryOf(events);
  assertEquals(connections, 2);
  assertEquals(wires.map(({ wire }) => wire), ["udpchat", "json1"]);
  const [open] = events;
  assert(open?.event === "open");
  assertEquals(open.client, ends.client);
});

const damagedTalk = fc.array(
  fc.tuple(
    fc.constantFrom("up" as const, "down" as const),
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.tuple(
        fc.constantFrom(...TALK.map(([, , what]) => bytesOf(what))),
        fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 }),
        fc.nat(200),
      ).map(([bytes, changes, length]) => {
        const damaged = bytes.slice(0, length);
        for (const [at, byte] of changes) {
          if (at < damaged.length) damaged[at] = byte;
        }
        return damaged;
      }),
    ),
  ),
  { minLength: 1, maxLength: 12 },
);

Deno.test("any datagrams are told, each byte once, and no line has a control character", async () => {
  await fc.assert(fc.asyncProperty(
    damagedTalk,
    fc.boolean(),
    async (said, elsewhere) => {
      const sent = said.map(([direction, bytes], index) =>
        [index, direction, bytes] as const
      );
      const events = await read(sent, elsewhere ? ELSEWHERE : {});
      const { total, leftOut } = summaryOf(events);
      const frames = framesOf(events);
      assertEquals(
        frames.reduce((sum, { frame }) => sum + frame.bytes, 0),
        total,
      );
      assertEquals(frames.length + (leftOut["other UDP"] ?? 0), said.length);
      for (const event of events) {
        for (const format of ["text", "json"] as const) {
          const told = captureFormatter(format)(event).replaceAll("\n", "");
          assert(!/\p{Cc}/u.test(told), told);
          assert(!told.includes("correct horse"));
        }
      }
    },
  ));
});

Deno.test("more pairs of addresses than are kept end the ones that were silent", async () => {
  const packets = Array.from(
    { length: 10_001 },
    (_, index) =>
      udpPackets([[index, "up", { syn: true }]], {
        client: { address: `10.0.${index >> 8}.${index & 0xff}`, port: 1_024 },
      }),
  ).flat();
  const events = await readAll(fileOf(packets));
  const closed = events.findIndex(({ event }) => event === "close");
  const last = events.findLastIndex(({ event }) => event === "open");
  assert(closed < last);
  assertStringIncludes(JSON.stringify(events[closed]), '"connection":1,');
});
