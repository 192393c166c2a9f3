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
