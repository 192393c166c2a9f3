import { assertEquals } from "@std/assert";
import { MemoryLog } from "../../lib/chat/memory_log.ts";

Deno.test("a log in memory keeps its newest messages, over all rooms, and goes on counting", async () => {
  const log = new MemoryLog(10);
  const append = (room: string, text: string) =>
    log.append([{ room, sender: "ada", text, time: 1 }]);
  for (let count = 1; count <= 20; count++) {
    await append(count % 2 ? "#a" : "#b", `${count}`);
  }
  const texts = async (room: string) =>
    (await log.page(room, { limit: 100 })).map(({ text }) => text);
  assertEquals((await texts("#a")).length + (await texts("#b")).length, 20);
  assertEquals(await append("#a", "21"), [{ id: 21, sequence: 11 }]);
  assertEquals(await texts("#a"), ["13", "15", "17", "19", "21"]);
  assertEquals(await texts("#b"), ["12", "14", "16", "18", "20"]);
  assertEquals(await append("#b", "22"), [{ id: 22, sequence: 11 }]);
});

/** A log of few messages, where nothing that is said stays. */
function forgetful() {
  const log = new MemoryLog(2);
  return {
    /** Answers the last sequence. */
    say: async (room: string, times = 1) => {
      const draft = { room, sender: "ada", text: "hi", time: 1 };
      const all = await log.append(Array.from({ length: times }, () => draft));
      await log.prune(2);
      return all.at(-1)?.sequence;
    },
    lasts: (...rooms: string[]) =>
      Promise.all(rooms.map((room) => log.last(room))),
  };
}

Deno.test("a log in memory forgets streams without messages, and gives no sequence again", async () => {
  const { say, lasts } = forgetful();
  assertEquals(await say("#long", 5), 5);
  assertEquals([await say("#a"), await say("#b", 2)], [1, 2]);
  assertEquals(await lasts("#a", "#b", "#long"), [1, 2, 5]);
  assertEquals([await say("#a"), await say("#long")], [2, 6]);
  for (let other = 0; other < 6; other++) await say(`#${other}`);
  // It is as if it had never been there, and so is every new one.
  assertEquals(await lasts("#long", "#new"), [6, 6]);
  assertEquals([await say("#new"), await say("#long", 2)], [7, 8]);
});

Deno.test("a log in memory goes on from the last sequence that it said, also of a stream that is new", async () => {
  const { say, lasts } = forgetful();
  assertEquals([await say("#long", 5), await say("#a")], [5, 1]);
  assertEquals([await say("#b"), await lasts("#asked")], [1, [0]]);
  assertEquals([await say("#c"), await say("#d")], [1, 1]);
  assertEquals([await say("#new"), await say("#asked")], [6, 1]);
});
