/**
 * ChatProto 2, byte for byte: the cases of `chatproto2_cases.ts`.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { CLIENT_FRAMES, SERVER_FRAMES } from "../../lib/wire/mod.ts";
import { type Case, CASES } from "./chatproto2_cases.ts";
import { Pair } from "./chatproto2_pair.ts";
import { golden, joined } from "./golden.ts";
import { readAll } from "./wires.ts";

/** A reader to which everything before has happened. */
function prepared({ before, step }: Case) {
  const pair = new Pair();
  pair.run(before);
  // What is awaited is remembered by the one who asks.
  if ("ask" in step) return pair.server;
  return pair.client;
}

function expected({ step, read }: Case) {
  if (read !== undefined) return read === null ? [] : [read];
  return [
    "ask" in step ? step.ask : "tell" in step ? step.tell : step.reply,
  ];
}

for (const each of CASES) {
  Deno.test(`ChatProto 2 carries ${each.name}`, async (t) => {
    const whole = golden(each.bytes);
    const events = expected(each);
    await t.step("it is written as these bytes", () => {
      const pair = new Pair();
      pair.run(each.before);
      assertEquals(pair.bytes(each.step).toHex(), whole.toHex());
    });
    await t.step("these bytes are read as it", () => {
      const reader = prepared(each);
      assertEquals(readAll(reader, whole), events);
      assertStrictEquals(reader.pending, 0);
    });
    await t.step("so they are byte by byte", () => {
      const reader = prepared(each);
      const pieces = [...whole].map((byte) => new Uint8Array([byte]));
      const last = pieces.pop();
      assert(last !== undefined);
      assertEquals(readAll(reader, ...pieces), []);
      assertEquals(readAll(reader, last), events);
      assertStrictEquals(reader.pending, 0);
    });
    await t.step(
      "so they are at every split in two, with a frame behind",
      () => {
        const stream = joined(whole, golden("00 02 00 01"));
        for (let at = 0; at <= stream.length; at++) {
          assertEquals(
            readAll(
              prepared(each),
              stream.subarray(0, at),
              stream.subarray(at),
            ),
            events,
            `split at ${at}`,
          );
        }
      },
    );
    await t.step("part of the next frame stays behind", () => {
      const reader = prepared(each);
      assertEquals(readAll(reader, joined(whole, golden("05 00 01"))), events);
      assertStrictEquals(reader.pending, 3);
    });
  });
}

/** The kinds of the frames in these bytes. */
function kinds(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += 1 + (bytes[at] as number)) {
    const kind = (bytes[at + 1] as number) >> 4;
    found.push(kind === 15 ? 16 + (bytes[at + 2] as number) : kind);
  }
  return found;
}

Deno.test("the cases of ChatProto 2 hold every kind of frame", () => {
  const shown = (requests: boolean) =>
    new Set(
      CASES.filter(({ step }) => "ask" in step === requests)
        .flatMap(({ bytes }) => kinds(golden(bytes))),
    );
  assertEquals(
    [...shown(true)].sort(),
    CLIENT_FRAMES.map(({ kind }) => kind).sort(),
  );
  assertEquals(
    [...shown(false)].sort(),
    SERVER_FRAMES.map(({ kind }) => kind).sort(),
  );
});
