import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import { ByteQueue, ByteWriter } from "../../lib/wire/mod.ts";
import { golden } from "./golden.ts";

/** Bytes that `run` copies from one array into another. */
function copied(run: () => void): number {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype);
  const { set } = prototype;
  let bytes = 0;
  prototype.set = function (source: ArrayLike<number>, at?: number) {
    bytes += source.length;
    return set.call(this, source, at);
  };
  try {
    run();
  } finally {
    prototype.set = set;
  }
  return bytes;
}

Deno.test("a writer writes numbers in network byte order", () => {
  const writer = new ByteWriter(1);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  writer.u32(0xfffefdfc);
  assertStrictEquals(writer.length, 11);
  assertEquals(writer.take(), golden("01 0203 04050607 fffefdfc"));
});

Deno.test("a writer writes over what it wrote, also after growing", () => {
  const writer = new ByteWriter(0);
  writer.u16(0);
  writer.u32(0);
  writer.bytes(new Uint8Array(1000));
  writer.setU16(0, 0x1234);
  writer.setU32(2, 0x56789abc);
  assertEquals(writer.take().subarray(0, 7), golden("1234 56789abc 00"));
});

Deno.test("a writer writes UTF-8 and says how many bytes", () => {
  const writer = new ByteWriter(1);
  const texts = [
    "",
    "a",
    "aß€👋",
    "x".repeat(47),
    "x".repeat(48),
    "x".repeat(49),
  ];
  for (const text of texts) {
    // What follows ASCII late in a short text must not spoil it.
    for (const each of [text, `${text}ß`, `ß${text}`]) {
      assertStrictEquals(
        writer.utf8(each),
        new TextEncoder().encode(each).length,
      );
      assertEquals(writer.take(), new TextEncoder().encode(each));
    }
  }
});

Deno.test("a writer writes half a surrogate pair as U+FFFD", () => {
  const writer = new ByteWriter();
  writer.utf8("\ud83d");
  assertEquals(writer.take(), golden("efbfbd"));
});

Deno.test("a writer forgets what is truncated", () => {
  const writer = new ByteWriter();
  writer.utf8("abc");
  writer.truncate(1);
  writer.utf8("d");
  assertEquals(writer.take(), golden(`"ad"`));
});

Deno.test("what a writer gave is nobody else's", () => {
  const writer = new ByteWriter();
  writer.utf8("abc");
  const taken = writer.take();
  assertStrictEquals(writer.length, 0);
  assertStrictEquals(taken.buffer.byteLength, 3);
  writer.utf8("xyz");
  assertEquals(taken, golden(`"abc"`));
});

Deno.test("a writer that grows byte by byte copies each byte a few times at most", () => {
  const size = 100_000;
  const writer = new ByteWriter(1);
  const bytes = copied(() => {
    for (let index = 0; index < size; index++) writer.u8(index & 0xff);
  });
  assertStrictEquals(writer.length, size);
  assertLess(bytes, 3 * size);
});

Deno.test("a queue gives what was pushed, however it was cut", () => {
  const queue = new ByteQueue();
  queue.push(golden("01"));
  queue.push(golden(""));
  queue.push(golden("02 0304 05"));
  assertStrictEquals(queue.length, 5);
  assertStrictEquals(queue.at(1), 0x02);
  assertStrictEquals(queue.u16(1), 0x0203);
  assertStrictEquals(queue.u32(1), 0x02030405);
  assertEquals(queue.shift(2), golden("0102"));
  assertStrictEquals(queue.u16(0), 0x0304);
  queue.push(golden("06"));
  assertEquals(queue.shift(4), golden("03040506"));
  assertStrictEquals(queue.length, 0);
  queue.push(golden("fffefdfc"));
  assertStrictEquals(queue.u32(0), 0xfffefdfc);
});

Deno.test("a queue finds bytes behind what was consumed, and not beyond its end", () => {
  const queue = new ByteQueue();
  queue.push(golden("0a 01 02 0a 03"));
  queue.shift(1);
  assertStrictEquals(queue.indexOf(0x0a, 0), 2);
  assertStrictEquals(queue.indexOf(0x0a, 2), 2);
  assertStrictEquals(queue.indexOf(0x0a, 3), -1);
  // The buffer that grew has room behind the end: that holds zeros.
  queue.push(golden("04"));
  queue.push(golden("05"));
  assertStrictEquals(queue.indexOf(0x00, 0), -1);
  assertStrictEquals(queue.indexOf(0x05, 0), 5);
});

Deno.test("a queue leaves the pieces that it was given alone", () => {
  const piece = golden("01 02 03");
  const queue = new ByteQueue();
  queue.push(piece.subarray(0, 2));
  queue.push(golden("ff ff"));
  assertEquals(piece, golden("01 02 03"));
  assertEquals(queue.shift(4), golden("01 02 ff ff"));
});

Deno.test("what is shifted out of a queue stays right when it was all", () => {
  const queue = new ByteQueue();
  queue.push(golden("01"));
  queue.push(golden("02"));
  const front = queue.shift(2);
  queue.push(golden("03"));
  queue.push(golden("04"));
  assertEquals(front, golden("01 02"));
});

Deno.test("a cleared queue holds nothing", () => {
  const queue = new ByteQueue();
  queue.push(golden("01 02"));
  queue.clear();
  assertStrictEquals(queue.length, 0);
  queue.push(golden("03"));
  assertEquals(queue.shift(1), golden("03"));
});

Deno.test("a queue copies nothing of pieces that are whole messages", () => {
  const queue = new ByteQueue();
  const bytes = copied(() => {
    for (let index = 0; index < 100; index++) {
      queue.push(new Uint8Array(1000));
      queue.shift(400);
      queue.shift(600);
    }
  });
  assertStrictEquals(bytes, 0);
});

Deno.test("a queue that is fed byte by byte copies each byte a few times at most", () => {
  const size = 65_536;
  const queue = new ByteQueue();
  const bytes = copied(() => {
    for (let index = 0; index < size; index++) {
      queue.push(new Uint8Array([index & 0xff]));
    }
  });
  assertStrictEquals(queue.length, size);
  assert(queue.at(1) === 1 && queue.at(65_535) === 0xff);
  assertLess(bytes, 4 * size);
});

Deno.test("a queue that always holds half a message copies each byte a few times at most", () => {
  const queue = new ByteQueue();
  const rounds = 5_000;
  const bytes = copied(() => {
    queue.push(new Uint8Array(700));
    for (let index = 0; index < rounds; index++) {
      queue.push(new Uint8Array(100));
      queue.shift(100);
    }
  });
  assertStrictEquals(queue.length, 700);
  assertLess(bytes, 4 * 100 * rounds);
});
