import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  captureFormatter,
  pcapFileHeader,
  type ReadingEvent,
} from "../../lib/capture/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import {
  fileOf,
  type MadePacket,
  packetsOf,
  readAll,
  type Said,
} from "./made_capture.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(/\s/g, ""));

/** Only what was said, without times, widths and figures. */
async function lines(packets: readonly MadePacket[]): Promise<string[]> {
  const toLine = captureFormatter("text");
  return (await readAll(fileOf(packets)))
    .filter(({ event }) => event !== "summary")
    .map((event) => toLine(event).split("\n").at(-1) as string)
    .map((line) => line.replaceAll(/ +/g, " ").replace(/^ ?\S+ #1 /, ""));
}

const OPEN = "open 192.0.2.1:50001 -> 192.0.2.2:5555";

/** LOGIN of al with the password pw, in ChatProto 1.0. */
const LOGIN = hex("4350 01 01 00 00000008 0002 616c 0002 7077");
/** LOGIN_ACK of al in the room general. */
const LOGIN_ACK = hex("4350 01 02 00 0000000d 0002 616c 0007 67656e6572616c");
/** ROOM_MSG from bo: four bytes of ciphertext, replayed. */
const SECRET = hex("4350 01 04 03 0000000d 0001 67 0002 626f 0004 00ff1b80");

const CASES: readonly {
  readonly name: string;
  readonly said: readonly Said[];
  readonly lines: readonly string[];
}[] = [
  {
    name: "binary frames are told with type, size and fields, but no password",
    said: [["up", LOGIN], ["down", LOGIN_ACK], ["down", SECRET]],
    lines: [
      '-> chatp1 login 17 B username="al" password="***"',
      '<- chatp1 login_ack 22 B username="al" room="general"',
      '<- chatp1 room_msg 22 B room="g" sender="bo" text="<4 bytes>" [encrypted] [history]',
      "close (unfinished)",
    ],
  },
  {
    name: "JSON lines are told with the version that the login says",
    said: [
      ["up", '{"type":"login","username":"al","password":"pw","v":2}\n'],
      ["down", '{"type":"login_ack","username":"al","room":"general"}\n'],
      ["up", "fin"],
      ["down", "fin"],
    ],
    lines: [
      '-> json2 login 55 B username="al" password="***"',
      '<- json2 login_ack 54 B username="al" room="general"',
      "close (fin)",
    ],
  },
  {
    name: "two frames in a segment and one in two are three frames",
    said: [
      ["up", '{"type":"list_users"}\n{"type":"list_rooms"}\n{"type":"list'],
      ["up", '_users"}\n'],
    ],
    lines: [
      "-> json1 list_users 22 B",
      "-> json1 list_rooms 22 B",
      "-> json1 list_users 22 B",
      "close (unfinished)",
    ],
  },
  {
    name:
      "what is malformed stands in its place, and reading goes on behind it",
    said: [
      ["up", LOGIN],
      ["up", hex("4350 01 7f 00 00000001 00")],
      ["up", LOGIN],
    ],
    lines: [
      '-> chatp1 login 17 B username="al" password="***"',
      "-> chatp1 (malformed) 10 B error: Malformed: no request has the type 0x7f",
      '-> chatp1 login 17 B username="al" password="***"',
      "close (unfinished)",
    ],
  },
  {
    name: "behind what can't be understood the rest is counted",
    said: [["up", LOGIN], ["up", "XYZ"], ["up", "1234"]],
    lines: [
      '-> chatp1 login 17 B username="al" password="***"',
      "-> chatp1 (malformed) 3 B error: Malformed: a frame begins with the protocol number 0x4350",
      "-> chatp1 (undecoded) 4 B",
      "close (unfinished)",
    ],
  },
  {
    name: "half a frame at the end is incomplete, a blank line is one",
    said: [["up", '{"type":"list_users"}\n\r\n'], ["up", '{"type"']],
    lines: [
      "-> json1 list_users 22 B",
      "-> json1 (blank) 2 B",
      "-> json1 (incomplete) 7 B",
      "close (unfinished)",
    ],
  },
  {
    name: "unsafe characters are made visible",
    said: [[
      "down",
      '{"type":"system_msg","text":"a\\u001b[31m\\u202eb\\n"}\n',
    ]],
    lines: [
      '<- json1 system_msg 52 B text="a\\u001b[31m\\u202eb\\n"',
      "close (unfinished)",
    ],
  },
  {
    name: "wires that aren't read are bytes",
    said: [["up", "GET / HTTP/1.1\r\n\r\n"], ["down", "HTTP/1.1 400 No\r\n"]],
    lines: [
      "-> http (bytes) 18 B",
      "<- http (bytes) 17 B",
      "close (unfinished)",
    ],
  },
  {
    name: "bytes that could still become several wires are unknown in the end",
    said: [["up", "C"], ["up", "reset"]],
    lines: ["-> unknown (bytes) 1 B", "close (reset)"],
  },
  {
    name: "TLS records are told by type, with what TLS 1.3 leaves for content",
    said: [
      ["up", hex("16 0301 0004 01000000")],
      // A ServerHello: version, random, no session id, 1301, no compression,
      // and supported_versions 0304.
      [
        "down",
        hex(
          `16 0303 0032 0200002e 0303 ${"00".repeat(32)} 00 1301 00
           0006 002b 0002 0304 14 0303 0001 01`,
        ),
      ],
      ["up", hex(`17 0303 0013 ${"00".repeat(19)}`)],
      ["down", hex("15 0303")],
    ],
    lines: [
      '-> tls handshake 9 B messages=["client_hello"]',
      '<- tls handshake 55 B messages=["server_hello"] version="TLS 1.3"',
      "<- tls change_cipher_spec 6 B",
      "-> tls application_data 24 B content_bytes=2",
      "<- tls (incomplete) 3 B",
      "close (unfinished)",
    ],
  },
];

for (const { name, said, lines: expected } of CASES) {
  Deno.test(name, async () => {
    assertEquals(await lines(packetsOf(said)), [OPEN, ...expected]);
  });
}

Deno.test("a capture without the handshake still tells client from server", async () => {
  const cases: readonly (readonly Said[])[] = [
    [["up", LOGIN]],
    [["down", LOGIN_ACK]],
    [["up", '{"type":"login","username":"al"}\n']],
    [["down", '{"type":"system_msg","text":"hi"}\n']],
    [["up", hex("16 0301 0004 01000000")]],
    [["down", '{"type":"list_rooms","rooms":[]}\n']],
  ];
  for (const said of cases) {
    const [open] = await lines(packetsOf(said).slice(3));
    assertEquals(open, OPEN);
  }
});

Deno.test("packets out of order and repeated make the same frames", async () => {
  const packets = packetsOf([["up", LOGIN], ["down", LOGIN_ACK], [
    "down",
    SECRET,
  ]]);
  const [syn, synAck, ack, login, ackLogin, first, ackFirst, second] = packets;
  const shuffled = [
    syn,
    synAck,
    ack,
    login,
    login,
    ackLogin,
    second,
    first,
    ackFirst,
    first,
  ].map((each) => each as MadePacket);
  assertEquals(await lines(shuffled), [
    OPEN,
    '-> chatp1 login 17 B username="al" password="***"',
    '<- chatp1 login_ack 22 B username="al" room="general"',
    '<- chatp1 room_msg 22 B room="g" sender="bo" text="<4 bytes>" [encrypted] [history]',
    "close (unfinished)",
  ]);
});

Deno.test("a gap is told, and reading begins anew behind it", async () => {
  const packets = packetsOf([["up", LOGIN], ["up", LOGIN], ["up", LOGIN]]);
  const without = packets.filter((_, index) => index !== 5 && index !== 6);
  assertEquals(await lines(without), [
    OPEN,
    '-> chatp1 login 17 B username="al" password="***"',
    "-> gap: the capture lacks 17 bytes",
    '-> chatp1 login 17 B username="al" password="***"',
    "close (unfinished)",
  ]);
});

Deno.test("late segments of a closed connection are no new one", async () => {
  const packets = packetsOf([["up", LOGIN], ["up", "fin"], ["down", "fin"]]);
  const late = packets[3] as MadePacket;
  const events = await readAll(fileOf([...packets, late]));
  const summary = events.at(-1) as ReadingEvent & { event: "summary" };
  assertEquals(summary.summary.connections, 1);
  assertEquals(summary.summary.repeated, 17);
});

Deno.test("a port that is used again is another connection", async () => {
  const first = packetsOf([["up", LOGIN]]);
  const again = first.map(({ time, packet }) => {
    const other = packet.slice();
    // Another initial sequence number each way, and in the acknowledgements.
    for (const at of [24, 28]) other[at] = (other[at] as number) ^ 0x40;
    return { time, packet: other };
  });
  const events = await readAll(fileOf([...first, ...again]));
  assertEquals(
    events.map((each) =>
      "connection" in each ? `${each.event} ${each.connection}` : each.event
    ),
    ["open 1", "frame 1", "close 1", "open 2", "frame 2", "close 2", "summary"],
  );
});

Deno.test("the figures are by wire, direction and type, and add up", async () => {
  const events = await readAll(fileOf([
    ...packetsOf([["up", LOGIN], ["down", LOGIN_ACK]], 1),
    ...packetsOf([["up", LOGIN], ["up", '{"']], 2),
    ...packetsOf([["up", '{"type":"list_users"}\n']], 3),
  ]));
  const summary = events.at(-1) as ReadingEvent & { event: "summary" };
  assertEquals(summary.summary, {
    packets: 19,
    connections: 3,
    up: 58,
    down: 22,
    total: 80,
    missing: 0,
    repeated: 0,
    errors: 1,
    leftOut: {},
    wires: [
      {
        wire: "chatp1",
        up: 36,
        down: 22,
        total: 58,
        types: [
          {
            wire: "chatp1",
            direction: "up",
            type: "login",
            count: 2,
            bytes: 34,
          },
          {
            wire: "chatp1",
            direction: "down",
            type: "login_ack",
            count: 1,
            bytes: 22,
          },
          {
            wire: "chatp1",
            direction: "up",
            type: "(malformed)",
            count: 1,
            bytes: 2,
          },
        ],
      },
      {
        wire: "json1",
        up: 22,
        down: 0,
        total: 22,
        types: [
          {
            wire: "json1",
            direction: "up",
            type: "list_users",
            count: 1,
            bytes: 22,
          },
        ],
      },
    ],
  });
});

Deno.test("a capture as JSON has an object a line", async () => {
  const toLine = captureFormatter("json");
  const events = await readAll(fileOf(packetsOf([["up", LOGIN]])));
  const [open, frame] = events.map(toLine);
  assertEquals(
    open,
    '{"event":"open","time":"2026-01-02T03:04:05.000000Z","connection":1,' +
      '"client":{"address":"192.0.2.1","port":50001},' +
      '"server":{"address":"192.0.2.2","port":5555}}',
  );
  assertEquals(
    frame,
    '{"event":"frame","time":"2026-01-02T03:04:05.001000Z","connection":1,' +
      '"direction":"up","wire":"chatp1","type":"login","bytes":17,' +
      '"fields":{"username":"al","password":"***"},"flags":[]}',
  );
});

Deno.test("packets that are not read are counted by cause", async () => {
  const packet = packetsOf([])[0] as MadePacket;
  const icmp = packet.packet.slice();
  icmp[9] = 1;
  const events = await readAll(
    fileOf([packet, { time: 0, packet: icmp }, { time: 0, packet: icmp }]),
  );
  const summary = events.at(-1) as ReadingEvent & { event: "summary" };
  assertEquals(summary.summary.leftOut, { "not TCP or UDP": 2 });
});

/** Bytes of all frames, which must be those of the summary. */
function checkSums(events: readonly ReadingEvent[]): void {
  const last = events.at(-1);
  assert(last?.event === "summary");
  const frames = events.filter((each) => each.event === "frame");
  const bytes = frames.reduce((sum, { frame }) => sum + frame.bytes, 0);
  assertEquals(bytes, last.summary.total);
  for (const event of events) {
    for (const format of ["text", "json"] as const) {
      const told = captureFormatter(format)(event).replaceAll("\n", "");
      assert(!/\p{Cc}/u.test(told), told);
    }
  }
}

Deno.test("any bytes behind a file header give findings, notes and figures", async () => {
  await fc.assert(fc.asyncProperty(
    fc.uint8Array({ maxLength: 2_000 }),
    async (bytes) => {
      const file = Uint8Array.from([...pcapFileHeader(), ...bytes]);
      checkSums(await readAll(file));
    },
  ));
});

Deno.test("any bytes as a file give findings, notes and figures or a UserError", async () => {
  await fc.assert(fc.asyncProperty(
    fc.uint8Array({ maxLength: 100 }),
    async (bytes) => {
      try {
        checkSums(await readAll(bytes));
      } catch (error) {
        assert(error instanceof UserError, String(error));
      }
    },
  ));
});

const OPENINGS = [
  LOGIN,
  hex("4350 02 00 01 00000000"),
  hex("160301"),
  hex("7b"),
  new Uint8Array(0),
];

Deno.test("any bytes said on any wire are frames that add up to them", async () => {
  const piece = fc.tuple(
    fc.constantFrom("up" as const, "down" as const),
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
  );
  await fc.assert(fc.asyncProperty(
    fc.constantFrom(...OPENINGS),
    fc.array(piece, { maxLength: 8 }),
    async (opening, pieces) => {
      const events = await readAll(
        fileOf(packetsOf([["up", opening], ...pieces])),
      );
      checkSums(events);
      const summary = events.at(-1) as ReadingEvent & { event: "summary" };
      const said = pieces.reduce((sum, [, { length }]) => sum + length, 0);
      assertEquals(summary.summary.total, opening.length + said);
    },
  ));
});

Deno.test("packets with any bytes changed, lost or repeated give findings", async () => {
  const packets = packetsOf([
    ["up", LOGIN],
    ["down", LOGIN_ACK],
    ["down", SECRET],
    ["up", "fin"],
    ["down", "fin"],
  ]);
  const change = fc.record({
    packet: fc.nat(packets.length - 1),
    at: fc.nat(60),
    value: fc.nat(255),
  });
  await fc.assert(fc.asyncProperty(
    fc.array(change, { maxLength: 20 }),
    fc.array(fc.nat(packets.length - 1), { maxLength: 30 }),
    async (changes, order) => {
      const changed = packets.map(({ time, packet }) => ({
        time,
        packet: packet.slice(),
      }));
      for (const { packet, at, value } of changes) {
        const bytes = changed[packet]?.packet as Uint8Array;
        if (at < bytes.length) bytes[at] = value;
      }
      const chosen = [...order, ...changed.keys()]
        .map((index) => changed[index] as MadePacket);
      checkSums(await readAll(fileOf(chosen)));
    },
  ));
});
