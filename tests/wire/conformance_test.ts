/**
 * What every codec does alike: a codec is done when it passes this. The
 * messages are those of `cases.ts`.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Direction, MESSAGES } from "../../lib/wire/mod.ts";
import { CASES } from "./cases.ts";
import { golden, joined, lineBytes } from "./golden.ts";
import {
  ALL_WIRES,
  decoderOf,
  encode,
  type Message,
  readAll,
  type Wire,
} from "./wires.ts";

function bytesOf(wire: Wire, written: string): Uint8Array<ArrayBuffer> {
  return wire.binary ? golden(written) : lineBytes(written);
}

/** A message that may stand before or behind another. */
function neighbour(wire: Wire, direction: Direction) {
  const found = CASES.find((each) =>
    each.message.type === "join_room" && each.direction === direction
  );
  const written = found?.bytes[wire.id];
  assert(found !== undefined && typeof written === "string");
  return { message: found.message, bytes: bytesOf(wire, written) };
}

for (const wire of ALL_WIRES) {
  for (const { name, direction, message, bytes } of CASES) {
    const written = bytes[wire.id];
    if (typeof written !== "string") {
      Deno.test({
        name: `${wire.id} carries ${name} (skipped: ${written.skip})`,
        ignore: true,
        fn: () => {},
      });
      continue;
    }
    const whole = bytesOf(wire, written);
    const next = neighbour(wire, direction);
    const reader = (...due: Message[]) =>
      decoderOf(
        wire,
        direction,
        due.length > 0 ? due : [message, next.message],
      );

    Deno.test(`${wire.id} carries ${name}`, async (t) => {
      await t.step("it is written as these bytes", () => {
        assertEquals(encode(wire, direction, message), whole);
      });
      await t.step("these bytes are read as it", () => {
        const decoder = reader();
        assertEquals(readAll(decoder, whole), [message]);
        assertStrictEquals(decoder.pending, 0);
      });
      await t.step("so they are byte by byte", () => {
        const decoder = reader();
        const pieces = [...whole].map((byte) => new Uint8Array([byte]));
        const last = pieces.pop();
        assert(last !== undefined);
        assertEquals(readAll(decoder, ...pieces), []);
        assertStrictEquals(decoder.pending, whole.length - 1);
        assertEquals(readAll(decoder, last), [message]);
        assertStrictEquals(decoder.pending, 0);
      });
      await t.step("so they are at every split in two", () => {
        for (let at = 0; at <= whole.length; at++) {
          assertEquals(
            readAll(reader(), whole.subarray(0, at), whole.subarray(at)),
            [message],
            `split at ${at}`,
          );
        }
      });
      await t.step("so they are with others before and behind", () => {
        const stream = joined(next.bytes, whole, next.bytes);
        const all = [next.message, message, next.message];
        assertEquals(readAll(reader(...all), stream), all);
        for (let at = 0; at <= stream.length; at++) {
          assertEquals(
            readAll(
              reader(...all),
              stream.subarray(0, at),
              stream.subarray(at),
            ),
            all,
            `split at ${at}`,
          );
        }
      });
      await t.step("part of the next message stays behind", () => {
        const decoder = reader();
        const part = next.bytes.subarray(0, 5);
        assertEquals(readAll(decoder, joined(whole, part)), [message]);
        assertStrictEquals(decoder.pending, 5);
        assertEquals(readAll(decoder, next.bytes.subarray(5)), [next.message]);
      });
    });
  }
}

Deno.test("the cases hold every type in every direction on every wire", () => {
  for (const { id } of ALL_WIRES) {
    for (const [type, row] of Object.entries(MESSAGES)) {
      for (const direction of ["request", "event"] as const) {
        const due = direction in row && !isPlaced(id, direction, type);
        const held = CASES.some((each) =>
          each.message.type === type && each.direction === direction &&
          typeof each.bytes[id] === "string"
        );
        assertEquals(held, due, `${id} ${direction} ${type}`);
      }
    }
  }
});

/** On ChatProto 2 these have a place, and cases of their own. */
function isPlaced(id: string, direction: Direction, type: string): boolean {
  return id === "chatp2" && direction === "event" &&
    ["room_msg", "private_msg_delivery", "room_msg_ack"].includes(type);
}
