import { assert } from "@std/assert";
import { benchServers } from "../../commands/bench.ts";
import {
  bench,
  parseWires,
  total,
  WORKLOAD_BOUNDS,
} from "../../lib/bench/mod.ts";

Deno.test("ChatProto 2 takes at most 30 % of JSON's bytes, in TLS at most 52 %, and the report says so", async () => {
  const { users, messages, seed } = WORKLOAD_BOUNDS;
  const workload = {
    users: users.value,
    messages: messages.value,
    seed: seed.value,
  };
  const wires = parseWires("json,chatp2,chatp2+tls");
  const report = await bench(workload, wires, { startServer: benchServers() });
  assert(report.clean);
  const [json = 0, plain = 0, tls = 0] = report.rows.map(({ measurement }) =>
    total(measurement)
  );
  assert(plain <= json * 0.30, `${plain} of ${json}`);
  assert(tls <= json * 0.52, `${tls} of ${json}`);
  const note = report.notes.find((each) => each.startsWith("ChatProto 2"));
  const share = (plain / json * 100).toFixed(1);
  assert(note?.includes(`${share} % of JSON's`), note);
});
