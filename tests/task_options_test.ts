import { assertEquals } from "@std/assert";
import { packages, root } from "../.ci/deno.ts";

const TASKS: readonly (readonly [task: string, file: string])[] = [
  ["fuzz", "fuzz/main.ts"],
  ["torture", "torture/main.ts"],
  ["perf", "perf/server_bench.ts"],
  ["perf-log", "perf/log_bench.ts"],
  ["perf-big-log", "perf/big_log_bench.ts"],
  ["perf-udp", "perf/udp_loss.ts"],
  ["neighbours", "perf/neighbours.ts"],
  ["crowd", "perf/crowd.ts"],
];

/** Runs what a task runs; answers its status and its first lines. */
async function run(file: string, option: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", `--config=${root}/deno.json`],
      ...[await packages(), `${root}/tests/${file}`, option],
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const lines = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes).split("\n");
  return { code, out: lines(stdout), err: lines(stderr) };
}

for (const [task, file] of TASKS) {
  Deno.test(`deno task ${task} --help prints its options, and what it does`, async () => {
    const { code, out, err } = await run(file, "--help");
    assertEquals([code, err], [0, [""]]);
    assertEquals(out[0]?.startsWith(`deno task ${task} [--`), true, out[0]);
  });

  Deno.test(`deno task ${task} tells an option that there is not in a line`, async () => {
    const { code, out, err } = await run(file, "--nothing");
    assertEquals([code, out], [2, [""]]);
    assertEquals(err[0], "Unknown option '--nothing'");
    assertEquals(err[1]?.startsWith(`deno task ${task} [--`), true, err[1]);
  });
}
