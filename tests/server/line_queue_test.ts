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
    /** Writes lines in one go. */
    async say(...lines: string[]) {
      for (const line of lines) queue.push(line);
      await settle();
    },
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

Deno.test("lines of one go, and those that wait for a reader, are written together, in order, in as many writes as it takes", async () => {
  const { read, queue, say, take } = slowReader();
  await say("one", "two");
  await say("drei ✓");
  await say("four");
  await take();
  await take(5);
  await take();
  await queue.emptied();
  assertEquals(read, ["one\ntwo\n", "drei ", "✓\nfour\n"]);
});

Deno.test("lines that don't fit are dropped, and their number stands where they would", async () => {
  const { read, queue, say, take } = slowReader();
  const long = "x".repeat(600_000);
  await say("first");
  await say(long, long, long);
  // It would fit, but not say that one is missing before it.
  await say("short");
  await take();
  await say("later");
  await take();
  await take();
  await queue.emptied();
  assertEquals(
    read.map((text) => text.replace(long, "long")),
    ["first\n", "long\n", "3 dropped\nlater\n"],
  );
});

Deno.test("a reader that is gone holds nothing up, and one that comes back gets what is new", async () => {
  const { read, queue, say, take, leave } = slowReader();
  await say("lost");
  await say("lost too");
  await leave();
  await leave();
  await queue.emptied();
  await say("there");
  await take();
  await queue.emptied();
  assertEquals(read, ["there\n"]);
});
