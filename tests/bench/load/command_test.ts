import { assert, assertEquals } from "@std/assert";
import { LOAD_COLUMNS } from "../../../lib/bench/load/mod.ts";
import { DEFAULT_LIMITS, MemoryStore } from "../../../lib/chat/mod.ts";
import { ChatServer, SILENT } from "../../../lib/server/mod.ts";
import { SECRETS } from "../../../lib/store/mod.ts";
import { Chatp, chatp, Folder } from "../../commands/chatp_process.ts";

/** The servers that keep something in a folder; what still runs is killed. */
function serversIn(folder: string) {
  const pids = () =>
    Deno.build.os !== "linux" ? [] : [...Deno.readDirSync("/proc")]
      .map(({ name }) => Number(name))
      .filter((pid) => {
        try {
          return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0")
            .some((each) => each.startsWith(`${folder}/chatp-load-`));
        } catch {
          // No process, or one that has ended since.
          return false;
        }
      });
  return {
    pids,
    [Symbol.dispose]: () => pids().forEach((pid) => Deno.kill(pid, "SIGKILL")),
  };
}

Deno.test("chatp bench load starts a server and loads it over one wire after the other, as they were named", async () => {
  await using data = await Folder.make();
  const { code, out, err } = await chatp([
    ...["bench", "load", "--clients", "4", "--rate", "50"],
    ...["--duration", "0.4", "--wires", "chatp2+tls,chatp1"],
    ...["--format", "json"],
  ], { data: data.path });
  assertEquals(err, []);
  assertEquals(code, 0);
  const report = JSON.parse(out.join("\n"));
  assertEquals(
    report.wires.map((each: Record<string, unknown>) => [
      each["wire"],
      each["sent"],
      each["acknowledged"],
      each["due"],
      each["lost"],
      each["doubled"],
      each["outOfOrder"],
      each["faults"],
    ]),
    [
      ["chatp2+tls", 20, 20, 60, 0, 0, 0, []],
      ["chatp1", 20, 20, 60, 0, 0, 0, []],
    ],
  );
  assertEquals(report.remarks, [
    "The server: chatp serve in a process of its own on this machine, full " +
    "durability in a temporary folder, rate limits lifted",
  ]);
  for (const { serverMemory } of report.wires) {
    assertEquals(serverMemory !== null, Deno.build.os === "linux");
  }
});

Deno.test("chatp bench load --format csv --output writes a line for each wire", async () => {
  await using data = await Folder.make();
  const file = `${data.path}/load.csv`;
  const { code, out } = await chatp([
    ...["bench", "load", "--clients", "2", "--rate", "20"],
    ...["--duration", "0.1", "--wires", "json", "--format", "csv"],
    ...["--output", file],
  ], { data: data.path });
  assertEquals([code, out], [0, []]);
  const [names, line, ...rest] = (await Deno.readTextFile(file)).split("\n");
  assertEquals(names, LOAD_COLUMNS.map(({ name }) => name).join(","));
  assert(line?.startsWith("json,2,1,20,"), line);
  assertEquals(rest, [""]);
});

Deno.test("a wire that can't be measured takes nothing from the report on those before it", async () => {
  await using data = await Folder.make();
  const server = await ChatServer.start({
    listen: [{ host: "127.0.0.1", port: 0 }],
    openStore: () => Promise.resolve(new MemoryStore()),
    secrets: SECRETS,
    limits: DEFAULT_LIMITS,
    plaintext: false,
    logger: SILENT,
  });
  try {
    const { port } = server.addresses[0] as { port: number };
    const { code, out, err } = await chatp([
      ...["bench", "load", `127.0.0.1:${port}`, "--wires", "json,json+tls"],
      ...["--clients", "2", "--rate", "20", "--duration", "0.1"],
      ...["--format", "json", "--insecure"],
    ], { data: data.path });
    const { wires } = JSON.parse(out.join("\n"));
    assertEquals(wires.map((each: Record<string, unknown>) => each["wire"]), [
      "json",
    ]);
    assertEquals([code, err.slice(1)], [16, [
      `chatp: 127.0.0.1:${port} closed the connection during the TLS handshake`,
      "  try: If the server has no TLS on that port, try chatp:// or json://",
    ]]);
  } finally {
    await server.close();
  }
});

Deno.test("chatp bench load whose terminal is gone ends its server and removes its folder", async () => {
  await using data = await Folder.make();
  await using temporary = await Folder.make();
  using made = Deno.watchFs(temporary.path);
  await using load = await Chatp.start(
    ["bench", "load", "--clients", "2", "--duration", "3600"],
    { data: data.path, temporary: temporary.path },
  );
  using left = serversIn(temporary.path);
  for await (const { paths } of made) {
    if (paths.some((path) => path.includes("chatp-load-"))) break;
  }
  load.signal("SIGHUP");
  assertEquals(await load.ended(), 0);
  assertEquals(left.pids(), []);
  assertEquals([...Deno.readDirSync(temporary.path)], []);
});

const REFUSED: readonly (readonly [args: string[], said: string])[] = [
  [
    ["--timeout", "0"],
    "chatp: --timeout takes 0.001 to 2147483 seconds, not 0",
  ],
  [
    ["chatp://localhost:9", "--timeout", "0"],
    "chatp: --timeout takes 0.001 to 2147483 seconds, not 0",
  ],
  [
    ["--clients", "1"],
    "chatp: --clients is a whole number from 2 to 5,000, not 1",
  ],
  [
    ["--wires", "json,udp"],
    'chatp: There is no load over the wire "udp": it takes a TCP connection on which the server tells everything by itself',
  ],
  [["--wires", "morse"], 'chatp: There is no wire "morse" to measure'],
  [
    ["json://localhost:9", "--wires", "json"],
    "chatp: The server's URL names the wire, and --wires was given besides",
  ],
  [
    ["--fingerprint", "AA"],
    "chatp: --fingerprint is about a server that you name, and none was named",
  ],
  [
    ["udpchat://localhost:9"],
    "chatp: There is no load for the wire of udpchat://localhost:9",
  ],
];

for (const [args, said] of REFUSED) {
  Deno.test(`chatp bench load ${args.join(" ")} is refused`, async () => {
    await using data = await Folder.make();
    await using temporary = await Folder.make();
    await using load = await Chatp.start(["bench", "load", ...args], {
      data: data.path,
      input: "",
      temporary: temporary.path,
    });
    using left = serversIn(temporary.path);
    await load.err.find(/^ {2}try: /);
    assertEquals(left.pids(), []);
    // Nothing was started, nor anything left, that would be in need of an end.
    assertEquals([...Deno.readDirSync(temporary.path)], []);
    assertEquals(await load.status(), 2);
    const { out, err } = load;
    assertEquals([out.all, err.all[0]], [[], said]);
    if (args.includes("--timeout")) {
      assertEquals(err.all[1], "  try: See chatp bench load --help");
    }
  });
}
