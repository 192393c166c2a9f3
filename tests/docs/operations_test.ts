import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type MetricRow,
  METRICS,
  PROCESS_METRICS,
} from "../../lib/server/metric_table.ts";
import { serveCommand } from "../../commands/serve.ts";
import { LIMITS } from "../../lib/chat/mod.ts";
import { Metrics } from "../../lib/server/metrics.ts";
import { BAD_NEIGHBOURS } from "../perf/bad_neighbours.ts";
import { MOST_TOLD } from "../../lib/server/crowd.ts";
import { connectionsThatFit } from "../../lib/net/mod.ts";
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

/** The text of a section, without its heading. */
function section(title: string): string {
  const [, found = ""] = text.split(`\n## ${title}\n`);
  return found.split("\n## ")[0] ?? "";
}

Deno.test("docs/operations.md, Bad neighbours: every limit is one, and none that is against them is left out", () => {
  const named = section("Bad neighbours").split("\n")
    .filter((line) => /^\| (It|Its|A) /.test(line))
    .flatMap((line) => [...(line.split("|")[2] ?? "").matchAll(/`(\w+)`/g)])
    .map(([, name = ""]) => name);
  const names = Object.keys(LIMITS);
  assertEquals(named.filter((name) => !names.includes(name)), []);
  // Those that are only about how much is shown at once, or carried over UDP.
  const others = [
    "backlog",
    "joinHistory",
    "replayPage",
    "historyPage",
    "pageBytes",
    "groupMembers",
    "topicBytes",
    "roomsListed",
    "accountSession",
    "absentSessions",
    "silence",
    "udpLogin",
    "udpAddresses",
    "udpStrangers",
  ];
  assertEquals(
    names.filter((name) => !named.includes(name)).sort(),
    others.sort(),
  );
});

Deno.test("docs/operations.md, Limits: every option is one of chatp serve", () => {
  const options = section("Limits").split("\n")
    .flatMap((line) => [...line.matchAll(/^\| `(--[a-z-]+)/g)])
    .map(([, name]) => name);
  assertEquals(options, [
    "--limit",
    "--shared-address",
    "--no-rate-limits",
    "--accounts-only",
  ]);
  const help = serveCommand.getHelp();
  for (const option of options) assert(help.includes(option ?? "none"), option);
});

Deno.test("docs/operations.md has a row of figures for each bad neighbour", () => {
  const rows = section("Bad neighbours").split("\n")
    .filter((line) => / \| \d+ of [\d,]+ +\| /.test(line))
    .map((line) => line.split("|")[1]?.trim());
  assertEquals(rows, Object.values(BAD_NEIGHBOURS).map(({ what }) => what));
});

Deno.test("docs/chatp.service starts chatp serve with options that it has, and files enough for its connections", async () => {
  const unit = await Deno.readTextFile(
    new URL("../../docs/chatp.service", import.meta.url),
  );
  const [, command = ""] = /^ExecStart=\S+\/chatp serve (.*)$/m.exec(unit) ??
    [];
  const used = [...command.matchAll(/--([a-z-]+)/g)].map(([, name]) => name);
  const options = new Set(serveCommand.getOptions().map(({ name }) => name));
  assert(used.length > 0);
  assertEquals(used.filter((name) => !options.has(name!)), []);
  const [, files] = /^LimitNOFILE=(\d+)$/m.exec(unit) ?? [];
  const wanted = LIMITS.connections.value + MOST_TOLD.inAll;
  assert(connectionsThatFit(Number(files)) >= wanted);
});
