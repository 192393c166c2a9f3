/** Encode once holds for ChatProto 2: counted, not timed. */

import { assertEquals } from "@std/assert";
import { Folder } from "../commands/chatp_process.ts";
import { COUNTED, countEncodings } from "../perf/encodings.ts";

const READERS = 24;
const MESSAGES = 60;

Deno.test("what is said in a room is encoded once for all its members on ChatProto 2, whoever says it", async () => {
  for (const author of ["chatp2", "json2"] as const) {
    await using folder = await Folder.make();
    const { deliveries, encodings } = await countEncodings({
      folder: folder.path,
      wires: ["chatp2"],
      readers: READERS,
      messages: MESSAGES,
      author,
    });
    assertEquals(deliveries, READERS * MESSAGES);
    assertEquals([...encodings], [["chatp2", MESSAGES]]);
  }
});

Deno.test("what is said in a room is encoded once for each wire that somebody reads on", async () => {
  await using folder = await Folder.make();
  const { encodings } = await countEncodings({
    folder: folder.path,
    wires: COUNTED,
    readers: READERS,
    messages: MESSAGES,
    author: "chatp2",
  });
  assertEquals(
    new Map(encodings),
    new Map(COUNTED.map((wire) => [wire, MESSAGES])),
  );
});
