import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type MetricRow,
  METRICS,
  PROCESS_METRICS,
} from "../../lib/server/metric_table.ts";
import { Metrics } from "../../lib/server/metrics.ts";
import { METRICS_LIMITS } from "../../lib/server/metrics_server.ts";

const text = await Deno.readTextFile(
  new URL("../../docs/operations.md", import.meta.url),
);

const TABLE: Readonly<Record<string, MetricRow>> = {
  ...METRICS,
  ...PROCESS_METRICS,
};

Deno.test("docs/operations.md states every metric, its type, its labels and its help", () => {
  const rows = text.split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  ).filter(([name = "", ...rest]) => name.startsWith("`") && rest.length === 3);
  assertEquals(
    rows,
    Object.entries(TABLE).map(([name, { type, labels, help }]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(", "),
      help,
    ]),
  );
});

Deno.test("the metrics that are served are those of the table", async () => {
  const metrics = await Metrics.load(() => ({
    chat: undefined,
    relays: [],
    started: false,
  }));
  const served = [...(await metrics.text()).matchAll(
    /^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm,
  )].map(([, name, help, type]) => ({ name, help, type }));
  const onLinuxAlone = ["process_open_fds", "process_max_fds"];
  assertEquals(
    served,
    Object.entries(TABLE).filter(([name]) =>
      Deno.build.os === "linux" || !onLinuxAlone.includes(name)
    ).map(([name, { help, type }]) => ({ name, help, type })),
  );
});

Deno.test("docs/operations.md states how long and how many ask for metrics", () => {
  assertEquals(METRICS_LIMITS, { connections: 16, timeout: 10_000 });
  assertStringIncludes(text, "is cut after 10 seconds; of more than 16");
});
