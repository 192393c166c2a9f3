/** The dissector for Wireshark, on bytes that nobody should send. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { dissectorSource } from "../../lib/capture/mod.ts";
import { CASES } from "../wire/cases.ts";
import { CASES as CHATPROTO2_CASES } from "../wire/chatproto2_cases.ts";
import { golden } from "../wire/golden.ts";
import {
  fileOf,
  type MadePacket,
  packetsOf,
  type Said,
} from "./made_capture.ts";
import { dissected, hasTshark, skipReason, spoken } from "./tshark.ts";

/** Frames of both wires, as they should be. */
const FRAMES: readonly Uint8Array[] = [
  ...CASES.flatMap(({ bytes: { chatp1 } }) =>
    typeof chatp1 === "string" ? [golden(chatp1)] : []
  ),
  ...CHATPROTO2_CASES.map(({ bytes }) => golden(bytes)),
];
const PREFACE = golden("4350 02 00 01 00000000");

/** A frame with some of its bytes changed, or any bytes. */
const damaged = fc.oneof(
  fc.tuple(
    fc.constantFrom(...FRAMES),
    fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 3 }),
  ).map(([frame, changes]) => {
    const bytes = frame.slice();
    for (const [at, byte] of changes) {
      if (at < bytes.length) bytes[at] = byte;
    }
    return bytes;
  }),
  fc.uint8Array({ minLength: 1, maxLength: 60 }),
);

const connection = fc.array(
  fc.tuple(fc.constantFrom("up" as const, "down" as const), damaged),
  { minLength: 1, maxLength: 12 },
);

Deno.test({
  name: `any bytes are dissected without an error of Lua${skipReason}`,
  ignore: !hasTshark,
  fn: async () => {
    const packets = fc.sample(connection, 400).flatMap((said, index) => {
      const greeted: Said[] = index % 3 === 0
        ? []
        : [["up", PREFACE], ["down", PREFACE]];
      const made: MadePacket[] = packetsOf([...greeted, ...said], index + 1);
      // Some begin in the middle.
      return index % 5 === 0 ? made.slice(3) : made;
    });
    const folder = await Deno.makeTempDir();
    const [path, script] = [`${folder}/a.pcap`, `${folder}/chatp.lua`];
    try {
      await Deno.writeFile(path, fileOf(packets));
      await Deno.writeTextFile(script, dissectorSource());
      const said = await spoken(path, script);
      const errors = said.match(/.*(?:Lua [Ee]rror|lua.*:\d+:).*/g) ?? [];
      assertEquals([...new Set(errors)], []);
      assert((await dissected(path, script, "-2")).length > 1_000);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
