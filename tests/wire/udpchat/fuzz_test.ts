/**
 * Whatever comes: any bytes give events or a DatagramError, nothing else, and
 * what is held stays within the bounds.
 */
import fc from "fast-check";
import { assertEquals } from "@std/assert";
import {
  type DatagramBody,
  decodeDatagram,
  encodeDatagram,
} from "../../../lib/wire/mod.ts";
import { LinkUser } from "./link_user.ts";

/** Few, so that they meet. */
const seqn = fc.oneof(
  fc.integer({ min: -2, max: 4 }),
  fc.constantFrom(1000, 1009, 2_147_483_647, -2_147_483_648),
);

const body: fc.Arbitrary<DatagramBody> = fc.oneof(
  fc.record({
    n: fc.oneof(fc.integer({ min: -1, max: 5 }), fc.jsonValue()),
    ref: fc.constantFrom("a", "b"),
    link: fc.constantFrom(1, 2, null),
    seqn: fc.oneof(seqn, fc.constant("1")),
  }, { requiredKeys: [] }),
  fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
);

const flag = fc.boolean();
const datagram = fc.record({ seqn, ack: flag, syn: flag, fin: flag, body });

/** Bytes of a datagram, some of them damaged. */
const damaged = fc.tuple(
  datagram.map(encodeDatagram),
  fc.option(fc.tuple(fc.nat(), fc.nat(255))),
  fc.option(fc.nat(12)),
).map(([bytes, damage, length]) => {
  if (damage !== null) bytes[damage[0] % bytes.length] = damage[1];
  return length === null ? bytes : bytes.subarray(0, length);
});

const bytes = fc.oneof(
  damaged,
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom("NaN", "[".repeat(40), "null", " ").map((text) =>
    new Uint8Array([0, 0, 0, 1, 0, 0, 0, ...new TextEncoder().encode(text)])
  ),
);

Deno.test("any datagram is read as it was written", () => {
  fc.assert(fc.property(datagram, (written) => {
    // JSON knows one zero.
    const read = JSON.parse(JSON.stringify(written));
    assertEquals(decodeDatagram(encodeDatagram(written)), read);
  }));
});

/** A step of somebody who uses a link. */
const step = fc.oneof(
  { weight: 6, arbitrary: bytes.map((came) => ({ came })) },
  { weight: 1, arbitrary: fc.constant("say" as const) },
  { weight: 1, arbitrary: fc.constant("answer" as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 250, 5_000, 60_000).map((later) => ({
      later,
    })),
  },
);

Deno.test("whatever comes, a link gives events or a DatagramError, and stays in bounds", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const user = new LinkUser();
      for (const each of steps) {
        if (each === "say") user.say();
        else if (each === "answer") user.answer();
        else if ("came" in each) user.receive(each.came);
        else user.pass(each.later);
        user.take();
      }
    }),
    { numRuns: 1_000 },
  );
});
