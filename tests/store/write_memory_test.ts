import { assertEquals, assertRejects } from "@std/assert";
import type { Draft } from "../../lib/chat/log.ts";
import type { Change } from "../../lib/chat/state.ts";
import type { Outcome } from "../../lib/store/protocol.ts";
import { StoreError } from "../../lib/store/store_error.ts";
import { Thread } from "../../lib/store/thread.ts";
import { WriteMemory } from "../../lib/store/write_memory.ts";
import { withFolder } from "./temporary_folder.ts";

/** What one thread puts into a memory, and what the other one takes out. */
function pair(): [WriteMemory, WriteMemory] {
  const here = new WriteMemory();
  return [here, new WriteMemory(here.shared)];
}

const plain: Draft = { room: "#a", sender: "ada", text: "hi", time: 17 };

Deno.test("drafts come out of the memory as they went in", () => {
  const drafts: Draft[] = [
    { ...plain, room: "\ufeffa" },
    {
      room: "@1 2",
      sender: "Zoë",
      person: 0,
      text: "naïve 🐸 \n",
      time: 1_795_282_841_800,
      session: "s",
      ref: 0,
      sent: "2026-11-21T18:00:00",
    },
    { ...plain, person: 9, session: "", ref: 2 ** 53 - 1, sent: "" },
    { ...plain, text: "", sender: "" },
    { ...plain, text: Uint8Array.of(0, 255, 7), sent: "x" },
    { ...plain, text: new Uint8Array() },
    { ...plain, text: Uint8Array.of(1) },
  ];
  const batches = [drafts.slice(0, 3), [], drafts.slice(3)];
  const [here, there] = pair();
  here.putWrites({ batches, saves: [] });
  assertEquals(there.takeWrites(), { batches, saves: [] });
});

Deno.test("saves come out of the memory as they went in, behind bytes", () => {
  const changes: Change[] = [
    { type: "remove_person", handle: 3 },
    { type: "put_key", key: { person: 4, key: Uint8Array.of(9, 8) } },
  ];
  const saves = [{ at: 0, changes }, { at: 2, changes: [] }];
  const batches = [[], [{ ...plain, text: Uint8Array.of(5) }], []];
  const [here, there] = pair();
  here.putWrites({ batches, saves });
  assertEquals(there.takeWrites(), { batches, saves });
});

Deno.test("the memory grows for both ends with what is put into it", () => {
  const text = "ß".repeat(100_000);
  const [here, there] = pair();
  here.putWrites({ batches: [[plain]], saves: [] });
  assertEquals(there.shared.byteLength, 65_536);
  here.putWrites({ batches: [[{ ...plain, text }, plain]], saves: [] });
  assertEquals(there.takeWrites().batches, [[{ ...plain, text }, plain]]);
  here.putWrites({ batches: [[plain]], saves: [] });
  assertEquals(there.takeWrites().batches, [[plain]]);
});

Deno.test("outcomes come out of the memory as they went in", () => {
  const batches = [[plain, plain], [], [plain]];
  const first = { stored: [{ id: 7, sequence: 1 }, { id: 8, sequence: 1 }] };
  const again = { id: 2, sequence: 2, repeated: { room: "#b", time: 5 } };
  const error = new StoreError("disk_full", "The disk is full").plain;
  const cases: Outcome[][] = [
    [first, { stored: [] }, { stored: [{ id: 2 ** 40, sequence: 3 }] }],
    [first, { stored: [] }, { stored: [again] }],
    [{ error }, { stored: [] }, { stored: [{ id: 9, sequence: 4 }] }],
  ];
  const [here, there] = pair();
  for (const outcomes of cases) {
    there.putOutcomes(outcomes);
    assertEquals(here.takeOutcomes(batches), outcomes);
  }
});

Deno.test("the thread takes two writes ahead, in order, and refuses a third", () =>
  withFolder(async (folder) => {
    const thread = new Thread();
    try {
      await thread.ask({ type: "open", options: { folder } });
      const write = (text: string) =>
        thread.write({ batches: [[{ ...plain, text }]], saves: [] });
      const asked = [write("a"), write("b")];
      await assertRejects(() => write("c"), StoreError, "too many");
      assertEquals(await Promise.all(asked), [
        [{ stored: [{ id: 1, sequence: 1 }] }],
        [{ stored: [{ id: 2, sequence: 2 }] }],
      ]);
      assertEquals(await write("d"), [{ stored: [{ id: 3, sequence: 3 }] }]);
      const page = await thread.ask({
        type: "page",
        room: "#a",
        query: { limit: 9 },
      });
      assertEquals(page.map(({ text }) => text), ["a", "b", "d"]);
      await thread.ask({ type: "close" });
    } finally {
      thread.end();
    }
  }));

Deno.test("a thread that ends rejects what it was asked", async () => {
  const thread = new Thread();
  const asked = thread.ask({ type: "last", room: "#a" });
  const written = thread.write({ batches: [[plain]], saves: [] });
  thread.end();
  await assertRejects(() => asked, StoreError, "closed");
  await assertRejects(() => written, StoreError, "closed");
  await assertRejects(
    () => thread.write({ batches: [], saves: [] }),
    StoreError,
    "closed",
  );
});
