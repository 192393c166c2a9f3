import { assertEquals, assertRejects } from "@std/assert";
import { SqliteStore, StoreError } from "../../lib/store/mod.ts";
import { Thread } from "../../lib/store/thread.ts";
import { draft } from "./log_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

function dyingThread(): Thread {
  return new Thread(
    new Worker(new URL("./dying_worker.ts", import.meta.url), {
      type: "module",
    }),
  );
}

Deno.test("a store whose thread dies is lost, refuses everything and can be closed", () =>
  withFolder(async (folder) => {
    const store = await SqliteStore.open({ folder }, dyingThread());
    const stored = await store.append([draft("one")]);
    assertEquals(stored, [{ id: 1, sequence: 1 }]);
    const asked = [store.handle(), store.last("#tea")];
    const why = await store.lost;
    assertEquals([why.name, why.kind], ["StoreError", "unexpected"]);
    assertEquals(/^The log's thread died: .*no more/.test(why.message), true);
    for (const question of asked) {
      assertEquals(await assertRejects(() => question, StoreError), why);
    }
    for (
      const later of [
        () => store.append([draft("two")]),
        () => store.save([]),
        () => store.load(),
        () => store.check(),
      ]
    ) {
      assertEquals(await assertRejects(later, StoreError), why);
    }
    await store.close();
  }));
