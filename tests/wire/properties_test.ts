/**
 * What holds for any message and for any bytes, on every wire, at both ends:
 * any message comes out as it went in, however its bytes are cut; any bytes
 * give messages or a RemoteProtocolError and nothing else, and are never held
 * beyond the limit; after a fatal error nothing comes any more.
 */
import fc from "fast-check";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  detectWire,
  type Direction,
  LocalProtocolError,
  printable,
  WIRE_LIMITS,
} from "../../lib/wire/mod.ts";
import { cut, cuts, message, string } from "./arbitraries.ts";
import { joined } from "./golden.ts";
import {
  decoderOf,
  drain,
  encode,
  type Message,
  type Mistake,
  readAll,
  type Wire,
  WIRES,
} from "./wires.ts";

const DIRECTIONS: readonly Direction[] = ["request", "event"];

/** Reads pieces and checks on the way what holds for any of them. */
function readChecked(
  wire: Wire,
  direction: Direction,
  pieces: readonly Uint8Array[],
): (Message | Mistake)[] {
  const decoder = decoderOf(wire, direction);
  const found: (Message | Mistake)[] = [];
  let dead = false;
  for (const piece of pieces) {
    decoder.receive(piece);
    const now = drain(decoder);
    assertLessOrEqual(
      decoder.pending,
      WIRE_LIMITS.bodyBytes + wire.overhead,
      "more is held than the limit",
    );
    if (dead) assertEquals([now, decoder.pending], [[], 0]);
    const fatal = now.findIndex((each) => "fatal" in each && each.fatal);
    if (fatal >= 0) {
      assertEquals(fatal, now.length - 1, "something came after a fatal error");
      dead = true;
    }
    found.push(...now);
  }
  return found;
}

/** What a stream may be spoilt by. */
type Spoil =
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  | { readonly kind: "drop"; readonly at: number; readonly count: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "repeat"; readonly at: number; readonly count: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const spoil: fc.Arbitrary<Spoil> = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    at: share,
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  fc.record({
    kind: fc.constant("drop" as const),
    at: share,
    count: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: share,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
  fc.record({
    kind: fc.constant("repeat" as const),
    at: share,
    count: fc.integer({ min: 1, max: 20 }),
  }),
);

function spoilt(bytes: Uint8Array, spoils: readonly Spoil[]): Uint8Array {
  return spoils.reduce((stream, each) => {
    const at = Math.floor(each.at * stream.length);
    const before = stream.subarray(0, at);
    switch (each.kind) {
      case "set":
        return joined(
          before,
          new Uint8Array([each.byte]),
          stream.subarray(at + 1),
        );
      case "drop":
        return joined(before, stream.subarray(at + each.count));
      case "insert":
        return joined(before, each.bytes, stream.subarray(at));
      case "repeat": {
        const again = stream.subarray(at, at + each.count);
        return joined(before, again, stream.subarray(at));
      }
    }
  }, bytes);
}

/** Bytes that look like a wire's own, so that its reader gets deep into them. */
const headers = fc.record({
  start: fc.constantFrom([0x43, 0x50, 0x01], [0x43, 0x50, 0x02], [0x43, 0x51]),
  type: fc.integer({ min: 0, max: 16 }),
  flags: fc.integer({ min: 0, max: 255 }),
  length: fc.oneof(
    fc.integer({ min: 0, max: 24 }),
    fc.constantFrom(65_535, 65_536, 65_537, 0xffffffff),
  ),
  body: fc.uint8Array({ maxLength: 24 }),
}).map(({ start, type, flags, length, body }) => {
  const octets = [24, 16, 8, 0].map((bits) => (length >>> bits) & 0xff);
  return new Uint8Array([...start, type, flags, ...octets, ...body]);
});
const encoder = new TextEncoder();
const jsonish = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.record({
    type: fc.oneof(
      fc.constantFrom(
        "login",
        "room_msg",
        "list_users",
        "error_msg",
        "toString",
      ),
      fc.jsonValue(),
    ),
    username: fc.jsonValue(),
    text: fc.jsonValue(),
    room: fc.oneof(fc.jsonValue(), fc.string()),
    users: fc.jsonValue(),
    code: fc.jsonValue(),
    encrypted: fc.boolean(),
    v: fc.jsonValue(),
  }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary" }),
).map((text) => encoder.encode(`${text}\n`));
const nonsense = fc.array(
  fc.oneof(headers, jsonish, fc.uint8Array({ maxLength: 40 })),
  { maxLength: 6 },
).map((pieces) => joined(...pieces));

for (const wire of WIRES) {
  for (const direction of DIRECTIONS) {
    const any = message(wire.id, direction);
    const end = direction === "request" ? "server" : "client";

    Deno.test(`any ${direction} goes through ${wire.id} unchanged, however it is cut`, () => {
      fc.assert(
        fc.property(fc.array(any, { maxLength: 6 }), cuts, (all, shares) => {
          const stream = joined(
            ...all.map((each) => encode(wire, direction, each)),
          );
          assertEquals(readChecked(wire, direction, cut(stream, shares)), all);
        }),
        { numRuns: 300 },
      );
    });

    Deno.test(`any bytes give a ${wire.id} ${end} messages or a RemoteProtocolError`, () => {
      fc.assert(
        fc.property(nonsense, cuts, (stream, shares) => {
          const whole = readChecked(wire, direction, [stream]);
          // How it is cut changes nothing.
          const pieces = cut(stream, shares);
          assertEquals(readChecked(wire, direction, pieces), whole);
        }),
        { numRuns: 500 },
      );
    });

    Deno.test(`a spoilt stream gives a ${wire.id} ${end} messages or a RemoteProtocolError`, () => {
      fc.assert(
        fc.property(
          fc.array(any, { minLength: 1, maxLength: 4 }),
          fc.array(spoil, { minLength: 1, maxLength: 4 }),
          cuts,
          (all, spoils, shares) => {
            const stream = spoilt(
              joined(...all.map((each) => encode(wire, direction, each))),
              spoils,
            );
            const whole = readChecked(wire, direction, [stream]);
            const pieces = cut(stream, shares);
            assertEquals(readChecked(wire, direction, pieces), whole);
          },
        ),
        { numRuns: 500 },
      );
    });

    Deno.test(`what a ${wire.id} ${end} read is written again as something that it reads`, () => {
      fc.assert(
        fc.property(nonsense, (stream) => {
          for (const each of readChecked(wire, direction, [stream])) {
            if ("fatal" in each) continue;
            let bytes;
            try {
              bytes = encode(wire, direction, each);
            } catch (error) {
              // A code that we don't know is absent, and binary needs one.
              assert(error instanceof LocalProtocolError);
              assertEquals(each.type, "error_msg");
              continue;
            }
            const [again] = readAll(decoderOf(wire, direction), bytes);
            assertEquals({ ...again, code: 0, hint: 0 }, {
              ...each,
              code: 0,
              hint: 0,
            });
          }
        }),
        { numRuns: 300 },
      );
    });
  }
}

Deno.test("any opening is decided within eight bytes, and more bytes don't change it", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
    const first = [...bytes.keys(), bytes.length]
      .map((length) => detectWire(bytes.subarray(0, length)))
      .find((opening) => opening !== undefined);
    assertEquals(detectWire(bytes), first);
    if (bytes.length >= 8) assert(first !== undefined);
  }));
});

Deno.test("any text is one line and without controls once it is printable", () => {
  const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;
  fc.assert(
    fc.property(
      fc.oneof(
        string,
        fc.string({
          unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
        }),
      ),
      (text) => {
        const shown = printable(text);
        assert(!unsafe.test(shown), JSON.stringify(shown));
        assertEquals(printable(shown), shown);
      },
    ),
  );
});
