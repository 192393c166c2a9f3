import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { HalfStream } from "../../lib/capture/half_stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What came out: texts, and numbers of missing bytes. */
function taken(stream: HalfStream): (string | number)[] {
  return stream.take().map((piece) =>
    "missing" in piece ? piece.missing : new TextDecoder().decode(piece.bytes)
  );
}

/** Segments as they come, `end` for the capture's end, and what is due then. */
const CASES: readonly {
  readonly name: string;
  readonly segments: readonly (readonly [seqn: number, text: string])[];
  readonly acknowledged?: number;
  readonly due: readonly (string | number)[];
  readonly atEnd?: readonly (string | number)[];
  readonly repeated?: number;
}[] = [
  {
    name: "segments in order are passed on as they come",
    segments: [[100, "ab"], [102, "cd"]],
    due: ["ab", "cd"],
  },
  {
    name: "segments out of order are put in order",
    segments: [[100, "ab"], [104, "ef"], [102, "cd"]],
    due: ["ab", "cd", "ef"],
  },
  {
    name: "a segment that comes again is passed on once",
    segments: [[100, "ab"], [100, "ab"], [102, "cd"], [100, "abcd"]],
    due: ["ab", "cd"],
    repeated: 6,
  },
  {
    name: "of segments that overlap only what is new is passed on",
    segments: [[100, "abcd"], [102, "cdef"], [103, "d"]],
    due: ["abcd", "ef"],
    repeated: 3,
  },
  {
    name: "sequence numbers go round",
    segments: [[0xfffffffe, "ab"], [0, "cd"], [0xffffffff, "b"]],
    due: ["ab", "cd"],
    repeated: 1,
  },
  {
    name: "a gap is told when nothing more comes",
    segments: [[100, "ab"], [105, "fg"], [109, "j"]],
    due: ["ab"],
    atEnd: [3, "fg", 2, "j"],
  },
  {
    name: "a gap is told when the receiver has acknowledged what is behind it",
    segments: [[100, "ab"], [105, "fg"], [109, "j"]],
    acknowledged: 107,
    due: ["ab", 3, "fg"],
    atEnd: [2, "j"],
  },
  {
    name: "an acknowledgement of less changes nothing",
    segments: [[100, "ab"], [105, "fg"]],
    acknowledged: 102,
    due: ["ab"],
    atEnd: [3, "fg"],
  },
];

for (const { name, segments, acknowledged, due, atEnd, repeated } of CASES) {
  Deno.test(name, () => {
    const stream = new HalfStream();
    for (const [seqn, text] of segments) stream.receive(seqn, bytes(text), 0);
    if (acknowledged !== undefined) stream.acknowledged(acknowledged, 0);
    assertEquals(taken(stream), due);
    stream.flush(0);
    assertEquals(taken(stream), atEnd ?? []);
    assertEquals(stream.repeated, repeated ?? 0);
  });
}

Deno.test("a stream is finished when everything before its FIN has come", () => {
  const stream = new HalfStream();
  stream.begin(100);
  stream.finish(104);
  assertEquals(stream.finished, false);
  stream.receive(100, bytes("abcd"), 0);
  assertEquals(stream.finished, true);
});

Deno.test("what lacks before a FIN is given up when the FIN is acknowledged", () => {
  const stream = new HalfStream();
  stream.begin(100);
  stream.finish(104);
  stream.acknowledged(105, 0);
  assertEquals(taken(stream), [4]);
  assertEquals(stream.finished, true);
});

Deno.test("a gap is given up before more than 4 MiB wait behind it", () => {
  const stream = new HalfStream();
  stream.begin(0);
  const piece = new Uint8Array(65_536);
  let seqn = 1;
  let pieces: readonly unknown[] = [];
  for (; pieces.length === 0 && seqn < 1e7; seqn += piece.length) {
    stream.receive(seqn, piece, 0);
    pieces = stream.take();
  }
  assertEquals(seqn, 1 + 64 * 65_536);
  assertEquals(pieces.length, 1 + 64);
});

Deno.test("a stream comes out whole from segments in any order, cut anyhow", () => {
  const text = "The quick brown fox jumps over the lazy dog";
  const segment = fc.tuple(
    fc.nat(text.length - 1),
    fc.integer({ min: 1, max: text.length }),
  );
  fc.assert(fc.property(
    fc.array(segment),
    fc.integer({ min: 0, max: 0xffffffff }),
    (segments, start) => {
      const stream = new HalfStream();
      stream.begin(start);
      for (const [from, length] of [...segments, [0, text.length] as const]) {
        const piece = bytes(text.slice(from, from + length));
        stream.receive((start + from) >>> 0, piece, 0);
      }
      assertEquals(taken(stream).join(""), text);
    },
  ));
});
