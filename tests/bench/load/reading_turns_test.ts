import { assertEquals } from "@std/assert";
import { ReadingTurns } from "../../../lib/bench/load/mod.ts";

/** Turns by a clock of the test, and what was read when. */
function scene() {
  let now = 0;
  const read: string[] = [];
  const turns = new ReadingTurns(() => now);
  return {
    turns,
    read,
    pass: (time: number) => now += time,
    /** `name` waits, and takes `time` ms to read. */
    postpone: (name: string, time: number) =>
      turns.postpone(now, () => {
        read.push(`${name} at ${now}`);
        now += time;
      }),
  };
}

Deno.test("before the first turn everybody may read for as long as they like", () => {
  const { turns, pass } = scene();
  pass(1_000);
  assertEquals(turns.isOver, false);
});

Deno.test("a turn is over after 5 ms, and a new one begins", () => {
  const { turns, pass } = scene();
  turns.next();
  pass(5);
  assertEquals(turns.isOver, false);
  pass(0.1);
  assertEquals(turns.isOver, true);
  turns.next();
  assertEquals(turns.isOver, false);
});

Deno.test("who had to wait reads first in the next turn, in order, as far as there is time", () => {
  const { turns, read, pass, postpone } = scene();
  turns.next();
  pass(10);
  postpone("alice", 4);
  postpone("bob", 4);
  postpone("carol", 4);
  turns.next();
  assertEquals(read, ["alice at 10", "bob at 14"]);
  assertEquals(turns.isOver, true);
  postpone("dave", 1);
  turns.next();
  assertEquals(read.slice(2), ["carol at 18", "dave at 22"]);
  assertEquals(turns.longest, 8);
});

Deno.test("at the end everybody who waits reads, however long it takes", () => {
  const { turns, read, postpone } = scene();
  turns.next();
  postpone("alice", 40);
  postpone("bob", 40);
  turns.end();
  assertEquals(read, ["alice at 0", "bob at 40"]);
  assertEquals(turns.isOver, false);
});
