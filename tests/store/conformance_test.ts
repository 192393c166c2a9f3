import { MemoryLog } from "../../lib/chat/memory_log.ts";
import { DURABILITIES, openLog } from "../../lib/store/mod.ts";
import { testLog } from "./log_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

testLog({
  name: "memory log",
  withLog: async (test) => {
    const log = new MemoryLog();
    await test(log);
    await log.close();
  },
});

for (const durability of DURABILITIES) {
  testLog({
    name: `log on disk (${durability})`,
    withLog: (test) =>
      withFolder(async (folder) => {
        const log = await openLog({ folder, durability });
        try {
          await test(log);
        } finally {
          await log.close();
        }
      }),
  });
}
