import { MemoryLog } from "../../lib/chat/memory_log.ts";
import { MemoryStore } from "../../lib/chat/memory_store.ts";
import type { ChatStore } from "../../lib/chat/state.ts";
import {
  DURABILITIES,
  type Durability,
  openStore,
} from "../../lib/store/mod.ts";
import { testLog } from "./log_conformance.ts";
import { testState } from "./state_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

testLog({
  name: "memory log",
  withLog: async (test) => {
    const log = new MemoryLog();
    await test(log);
    await log.close();
  },
});

testState({
  name: "memory store",
  withStore: async (test) => {
    const store = new MemoryStore();
    await test(store);
    await store.close();
  },
});

function withStore(
  durability: Durability,
  test: (store: ChatStore) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const store = await openStore({ folder, durability });
    try {
      await test(store);
    } finally {
      await store.close();
    }
  });
}

for (const durability of DURABILITIES) {
  testLog({
    name: `log on disk (${durability})`,
    withLog: (test) => withStore(durability, test),
  });
  testState({
    name: `state on disk (${durability})`,
    withStore: (test) => withStore(durability, test),
  });
}
