/** `chatp serve --metrics` as a process. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { serveTcp } from "../net/sockets.ts";
import { samplesOf } from "../server/metrics_port.ts";
import { RawClient } from "../server/raw_client.ts";
import { Chatp, chatp, Folder, startServer } from "./chatp_process.ts";

/** Where a process has its metrics. */
async function metricsOf(server: Chatp): Promise<string> {
  const [, url = ""] = await server.out.find(
    /^\[INFO\] Metrics on (http:\S+)\/metrics$/,
  );
  return url;
}

async function get(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

Deno.test("serve --metrics counts what is said, with the log on disk, and closes", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path, "--metrics", "0");
  await using _ = server;
  const url = await metricsOf(server);
  assertStringIncludes(url, "http://127.0.0.1:");
  assertEquals(await get(`${url}/healthz`), "ok\n");
  await server.out.find(/Waiting for connections/);
  assertEquals(await get(`${url}/readyz`), "ok\n");
  const alice = await RawClient.login(port, "alice", "chatp1", {
    secure: true,
  });
  const bob = await RawClient.login(port, "bob");
  alice.say("hi");
  await alice.event("room_msg_ack");
  const text = await get(`${url}/metrics`);
  assertEquals(samplesOf(text, "chatp_connections"), {
    'chatp_connections{wire="chatproto",tls="true"}': 1,
    'chatp_connections{wire="chatproto",tls="false"}': 1,
  });
  assertEquals(samplesOf(text, "chatp_messages_total"), {
    chatp_messages_total: 1,
  });
  assertEquals(samplesOf(text, "chatp_deliveries_total"), {
    chatp_deliveries_total: 2,
  });
  assertEquals(samplesOf(text, "chatp_commit_seconds_count"), {
    chatp_commit_seconds_count: 1,
  });
  // Nothing in it says who is here, or what was said where.
  for (const word of ["alice", "bob", "general", "127.0.0.1"]) {
    assertEquals(text.includes(word), false, word);
  }
  const resident = samplesOf(text, "process_resident_memory_bytes");
  assertEquals(Object.values(resident).map((bytes) => bytes > 10_000_000), [
    true,
  ]);
  await alice.close();
  await bob.close();
  server.signal("SIGTERM");
  assertEquals(await server.status(), 0);
  assertEquals(server.err.all, []);
});

Deno.test("serve --metrics works for a relay without a chat", async () => {
  await using data = await Folder.make();
  await using server = await Chatp.start(
    ["serve", "--listen", "relay://127.0.0.1:0", "--metrics", "127.0.0.1:0"],
    { data: data.path },
  );
  await server.out.find(/^server running at /);
  const url = await metricsOf(server);
  assertStringIncludes(
    await get(`${url}/metrics`),
    'chatp_connections{wire="relay",tls="false"} 0\n',
  );
  server.signal("SIGTERM");
  assertEquals(await server.status(), 0);
});

Deno.test("prom-client is loaded with --metrics, and not without", async () => {
  for (
    const [args, line] of [
      [[], "prom-client was not loaded"],
      [["--metrics", "0"], "prom-client was loaded"],
    ] as const
  ) {
    await using data = await Folder.make();
    await using server = await Chatp.start(
      ["serve", "--host", "127.0.0.1", "--port", "0", "--memory", ...args],
      { data: data.path, preload: "loaded_packages.ts" },
    );
    await server.out.find(/Waiting for connections/);
    server.signal("SIGTERM");
    assertEquals(await server.status(), 0);
    assertEquals(server.err.all, [line]);
  }
});

for (const everywhere of ["0.0.0.0:0", ":0"]) {
  Deno.test(`metrics on ${everywhere} are announced as what anybody can read`, async () => {
    await using data = await Folder.make();
    const { server } = await startServer(data.path, "--metrics", everywhere);
    await using _ = server;
    const [, port] = await server.err.find(
      /^--metrics: anybody who reaches 0\.0\.0\.0:(\d+) can read how busy this server is$/,
    );
    assertEquals(await get(`http://127.0.0.1:${port}/healthz`), "ok\n");
  });
}

Deno.test("a port for metrics that is taken is said so, and nothing starts", async () => {
  await using data = await Folder.make();
  await using other = await serveTcp(() => {});
  const { code, out, err } = await chatp(
    [
      "serve",
      "--host",
      "127.0.0.1",
      "--port",
      "0",
      "--metrics",
      String(other.port),
    ],
    { data: data.path },
  );
  assertEquals(code, 1);
  assertEquals(out, []);
  assertEquals(err, [
    `chatp: The address 127.0.0.1:${other.port} is in use by another program`,
    "  try: Stop the other program, or choose another port",
  ]);
});
