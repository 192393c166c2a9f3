import { assert, assertEquals } from "@std/assert";
import { benchServers } from "../../commands/bench.ts";
import { bench, parseWires } from "../../lib/bench/mod.ts";

Deno.test("what compressors would make of it is worked out only where a wire codes its texts", async () => {
  const workload = { users: 3, messages: 10, seed: 1 };
  const floorsOf = async (wires: string) => {
    const startServer = benchServers();
    const report = await bench(workload, parseWires(wires), { startServer });
    return report.floors;
  };
  assertEquals(await floorsOf("json,cp"), []);
  assert((await floorsOf("json,chatp2")).length > 0);
});
