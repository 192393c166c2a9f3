import { assertEquals } from "@std/assert";
import { DatagramMeter } from "../../lib/bench/datagram_meter.ts";
import type { Direction } from "../../lib/net/mod.ts";

const ALICE = {
  id: 1,
  client: { address: "127.0.0.1", port: 50_001 },
  server: { address: "127.0.0.1", port: 5_000 },
  time: 0,
};
const BOB = { ...ALICE, id: 2 };

/** What passes, by whom: SEQN, flags, and whether it is there once more. */
const PASSES: readonly (readonly [
  typeof ALICE,
  Direction,
  string,
  repeated: boolean,
])[] = [
  // A SYN, its ACK; the next has the other SEQN, then the first comes again.
  [ALICE, "up", "00000000 000100", false],
  [ALICE, "up", "00000000 000100", true],
  [ALICE, "down", "00000000 010000", false],
  [ALICE, "down", "00000000 010000", true],
  [ALICE, "up", "ffffffff 000100", false],
  [ALICE, "down", "ffffffff 010000", false],
  [ALICE, "up", "00000000 000100", false],
  [ALICE, "down", "00000000 010000", false],
  // A request, and one with the same SEQN of the other side, and of another.
  [ALICE, "up", "00000007 000000", false],
  [ALICE, "down", "00000007 000000", false],
  [BOB, "up", "00000007 000000", false],
  [ALICE, "down", "00000007 010000", false],
  [ALICE, "up", "00000007 000000", true],
  [ALICE, "down", "00000007 010000", true],
  [ALICE, "up", "00000007 010000", false],
  // No header at all.
  [ALICE, "up", "0000", false],
];

Deno.test("datagrams that are sent again are told from those that are not", () => {
  const meter = new DatagramMeter();
  const found = PASSES.map(([connection, direction, hex]) => {
    const before = meter.counts.repeats;
    const bytes = Uint8Array.fromHex(hex.replaceAll(" ", ""));
    meter.data(connection, direction, bytes);
    return meter.counts.repeats > before;
  });
  assertEquals(found, PASSES.map(([, , , repeated]) => repeated));
  assertEquals(meter.counts, { datagrams: 16, repeats: 4, repeatedBytes: 28 });
});
