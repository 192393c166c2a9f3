/** Captured ChatProto 2 of which something is missing, and what it is told as. */

import { assertEquals } from "@std/assert";
import {
  captureFormatter,
  type ReadingEvent,
  TCP_FLAGS,
} from "../../lib/capture/mod.ts";
import { clientOf } from "../../lib/capture/roles.ts";
import { golden } from "../wire/golden.ts";
import { down, ENTERED, lines, up } from "./chatproto2_made.ts";
import { fileOf, packetsOf, readAll, type Said } from "./made_capture.ts";

/** What follows the handshake, from somewhere on. */
const amid = (...said: Said[]) => packetsOf(said).slice(3);

Deno.test("a capture that begins in the middle is read from its first whole frame on", async () => {
  const cases: readonly (readonly [Said[], string[]])[] = [
    [
      [up(`18 01 "yes"`), down("28 01", `10 03 "hi"`)],
      [
        '-> chatp2 say 6 B n=1 text="yes"',
        "<- chatp2 stored 3 B n=1",
        '<- chatp2 message 5 B sender="#3" text="hi"',
      ],
    ],
    [
      [["up", golden("00")], ["down", golden("00")], up("20")],
      [
        "-> chatp2 keepalive 1 B",
        "-> chatp2 receipt 2 B",
        "<- chatp2 keepalive 1 B",
      ],
    ],
    [
      [down("30 02"), ["up", golden("ff 00 ff")], up("c0")],
      [
        '<- chatp2 select 3 B room="#2"',
        "-> chatp2 (undecoded) 3 B",
        "-> chatp2 list 2 B n=0",
      ],
    ],
    [[["up", golden("00")]], ["-> unknown (bytes) 1 B"]],
    [[["up", golden("05 10 41")]], ["-> unknown (bytes) 3 B"]],
  ];
  for (const [said, expected] of cases) {
    assertEquals(await lines(amid(...said)), expected);
  }
});

Deno.test("without handshake and port the frames tell client from server", () => {
  const said = [
    [up(`40 02 "al"`), "source"],
    [down("30 02", `10 03 "hi"`), "destination"],
    [["up", golden(`4350 0200 00 00000000 04 40 02 "al"`)], "source"],
  ] as const;
  for (const [one, expected] of said) {
    assertEquals(
      clientOf({
        source: { address: "192.0.2.1", port: 7_000 },
        destination: { address: "192.0.2.2", port: 7_000 },
        seqn: 0,
        ack: 0,
        flags: TCP_FLAGS.ack,
        window: 1_000,
        payload: one[1] as Uint8Array,
        length: one[1].length,
      }),
      expected,
    );
  }
});

Deno.test("behind a gap names are known, counts are not", async () => {
  const packets = packetsOf([
    ...ENTERED,
    down(`10 03 "hi"`),
    down(`10 03 "lost"`),
    down(`10 03 "ho"`),
    down("30 02", "40 02 2d 00", `10 03 "!"`),
  ]);
  // The second message and its acknowledgement.
  const without = packets.toSpliced(3 + 2 * (ENTERED.length + 1), 2);
  assertEquals((await lines(without)).slice(-6), [
    '<- chatp2 message 5 B room="general" sequence=42 sender="bo" text="hi"',
    "<- gap: the capture lacks 7 bytes",
    '<- chatp2 message 5 B sender="bo" text="ho"',
    '<- chatp2 select 3 B room="general"',
    '<- chatp2 position 5 B room="general" sequence=45 time=0',
    '<- chatp2 message 4 B room="general" sequence=46 sender="bo" text="!"',
  ]);
});

Deno.test("a frame as JSON has the handles beside the names", async () => {
  const packets = packetsOf([...ENTERED, down(`10 03 "hi"`)]);
  const events = await readAll(fileOf(packets));
  const frame = events.findLast(({ event }) => event === "frame");
  const { event: _event, time: _time, ...told } = JSON.parse(
    captureFormatter("json")(frame as ReadingEvent),
  );
  assertEquals(told, {
    connection: 1,
    direction: "down",
    wire: "chatp2",
    type: "message",
    bytes: 5,
    fields: { room: "general", sequence: 42, sender: "bo", text: "hi" },
    flags: [],
    handles: { room: 2, sender: 3 },
  });
});

Deno.test("a frame in as many segments as it has bytes is one frame", async () => {
  const said = ENTERED.flatMap(([direction, bytes]) =>
    [...bytes as Uint8Array].map((
      byte,
    ): Said => [direction, Uint8Array.of(byte)])
  );
  assertEquals(await lines(packetsOf(said)), await lines(packetsOf(ENTERED)));
});
