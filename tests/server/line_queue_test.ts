import { assertEquals } from "@std/assert";
import { LineQueue } from "../../lib/server/line_queue.ts";

/** A reader that reads when it is told to, and a queue for it. */
function slowReader() {
  const read: string[] = [];
  let takeIt: (count?: number) => void = () => {};
  let fail: () => void = () => {};
  const queue: LineQueue = new LineQueue({
    write: (bytes) =>
      new Promise((resolve, reject) => {
        takeIt = (count = bytes.length) => {
          read.push(new TextDecoder().decode(bytes.subarray(0, count)));
          resolve(count);
        };
        fail = () => reject(new Deno.errors.BrokenPipe());
      }),
    dropped: (count) => queue.push(`${count} dropped`),
  });
  /** Lets what was written be taken up. */
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return {
    read,
    queue,
    async take(count?: number) {
      takeIt(count);
      await settle();
    },
    async leave() {
      fail();
      await settle();
    },
  };
}

Deno.test("lines that wait for a reader are written together, in order, in as many writes as it takes", async () => {
  const { read, queue, take } = slowReader();
  for (const line of ["one", "zwei ✓", "three"]) queue.push(line);
  await take();
  await take(5);
  await take();
  await queue.emptied();
  assertEquals(read, ["one\n", "zwei ", "✓\nthree\n"]);
});

Deno.test("lines that don't fit are dropped, and their number stands where they would", async () => {
  const { read, queue, take } = slowReader();
  const long = "x".repeat(600_000);
  queue.push("first");
  queue.push(long);
  queue.push(long);
  queue.push(long);
  // It would fit, but not say that one is missing before it.
  queue.push("short");
  await take();
  queue.push("later");
  await take();
  await take();
  await queue.emptied();
  assertEquals(
    read.map((text) => text.replace(long, "long")),
    ["first\n", "long\n", "3 dropped\nlater\n"],
  );
});

Deno.test("a reader that is gone holds nothing up, and one that comes back gets what is new", async () => {
  const { read, queue, take, leave } = slowReader();
  queue.push("lost");
  queue.push("lost too");
  await leave();
  await leave();
  await queue.emptied();
  queue.push("there");
  await take();
  await queue.emptied();
  assertEquals(read, ["there\n"]);
});
