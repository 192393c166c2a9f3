import { assert, assertEquals } from "@std/assert";
import { benchCommand } from "../../commands/bench.ts";

/** What the command prints and its exit status; both are put back after. */
async function run(...args: string[]) {
  const { log, error } = console;
  const stdout: string[] = [];
  const stderr: string[] = [];
  console.log = (text: string) => void stdout.push(text);
  console.error = (text: string) => void stderr.push(text);
  try {
    await benchCommand.throwErrors().parse(args);
    return { stdout, stderr, status: Deno.exitCode };
  } finally {
    Object.assign(console, { log, error });
    Deno.exitCode = 0;
  }
}

Deno.test("chatp bench prints the report, and the time it took beside it", async () => {
  const { stdout, stderr, status } = await run(
    ...["--users", "3", "--messages", "5", "--seed", "2"],
    ...["--format", "json"],
  );
  const { workload, wires } = JSON.parse(stdout.join("\n"));
  assertEquals(workload.users, 3);
  assertEquals(workload.messages, 5);
  assertEquals(workload.seed, 2);
  assertEquals(
    wires.map(({ wire, messages, lost }: Record<string, unknown>) => [
      wire,
      messages,
      lost,
    ]),
    [
      ["json", 5, 0],
      ["json+tls", 5, 0],
      ["chatp1", 5, 0],
      ["chatp1+tls", 5, 0],
      ["chatp2", 5, 0],
      ["chatp2+tls", 5, 0],
      ["udp", 5, 0],
      ["cp", 5, 0],
      ["cp+tls", 5, 0],
    ],
  );
  assertEquals(stderr.length, 1);
  assert(/^Measured 9 wires in \d+\.\d s$/.test(stderr[0] as string));
  assertEquals(status, 0);
});

Deno.test("chatp bench --output writes the report to a file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/bench.csv`;
    const { stdout, status } = await run(
      ...["--wires", "chatp1", "--messages", "2"],
      ...["--format", "csv", "--output", file],
    );
    assertEquals(stdout, []);
    assertEquals(status, 0);
    const lines = (await Deno.readTextFile(file)).split("\n");
    assert(lines[0]?.startsWith("wire,total,up,down,handshake,messages"));
    assert(lines[1]?.startsWith("chatp1,"));
    assertEquals(lines.slice(2), [""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("chatp bench refuses what it can't play, before it plays", async () => {
  const unknown = await run("--wires", "json,morse");
  assertEquals(unknown.status, 2);
  assertEquals(unknown.stderr, [
    'chatp: There is no wire "morse" to measure\n' +
    "  try: Name some of json, json+tls, chatp1, chatp1+tls, chatp2, chatp2+tls, " +
    "udp, cp, cp+tls, separated by commas",
  ]);
  const lonely = await run("--users", "1");
  assertEquals(lonely.status, 2);
  assertEquals(lonely.stderr, [
    "chatp: --users is a whole number from 2 to 200, not 1\n" +
    "  try: See chatp bench --help",
  ]);
  const drops: readonly (readonly [string, string, string])[] = [
    ["udp", "0.6", "--drop is a share from 0 to 0.5, not 0.6"],
    [
      "json",
      "0.1",
      "--drop is about datagrams, and --wires names no wire that has any",
    ],
  ];
  for (const [wire, share, message] of drops) {
    const { status, stderr } = await run("--wires", wire, "--drop", share);
    assertEquals(status, 2);
    assertEquals(stderr, [`chatp: ${message}\n  try: See chatp bench --help`]);
  }
});
