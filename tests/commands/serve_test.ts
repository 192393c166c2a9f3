/** `chatp serve` as a process: its log, its signals, its failures. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import tls from "node:tls";
import { Chatp, chatp, Folder, startServer } from "./chatp_process.ts";
import { RawClient } from "../server/raw_client.ts";
import { UdpClient } from "../server/udp_client.ts";

const FINGERPRINT = /fingerprint ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/;

Deno.test("serve says where it listens, that it waits, and which certificate it shows", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  await server.out.find(FINGERPRINT);
  assertEquals(server.out.all.slice(0, 2), [
    `[INFO] Server started on 127.0.0.1:${port}`,
    "[INFO] Waiting for connections...",
  ]);
  assertMatch(server.out.all[2] ?? "", FINGERPRINT);
  const key = await Deno.stat(`${data.path}/chatp/server.key`);
  if (Deno.build.os !== "windows") assertEquals((key.mode ?? 0) & 0o777, 0o600);
});

Deno.test("serve keeps the certificate that it made", async () => {
  await using data = await Folder.make();
  const fingerprints: (string | undefined)[] = [];
  for (let run = 0; run < 2; run++) {
    const { server } = await startServer(data.path);
    await using _ = server;
    fingerprints.push((await server.out.find(FINGERPRINT))[1]);
  }
  assertEquals(fingerprints[0], fingerprints[1]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} tells everyone, closes and exits with 0`, async () => {
    await using data = await Folder.make();
    const { server, port } = await startServer(data.path);
    await using _ = server;
    const alice = await RawClient.login(port, "alice");
    const bob = await RawClient.login(port, "bob", "json2", { secure: true });
    server.signal(signal);
    assertEquals((await alice.event("error_msg")).code, 503);
    assertEquals((await bob.event("error_msg")).code, 503);
    await alice.closed();
    await bob.closed();
    assertEquals(await server.status(), 0);
    assertEquals(server.out.all.at(-1), "[INFO] Server stopped");
  });
}

Deno.test("serve gives memory back after a rush", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path, "--log-level", "debug");
  await using _ = server;
  const clients: RawClient[] = [];
  for (let index = 0; index < 500; index++) {
    const client = await RawClient.connect(port, "json2");
    // The server now knows its wire.
    client.write("{");
    clients.push(client);
  }
  await server.out.find(
    /^\[DEBUG\] Memory after a rush: [\d.]+ MB, tidied up: [\d.]+ MB$/,
  );
  for (const client of clients) await client.close();
});

Deno.test("serve listens for UDP beside TCP, and says that it drops datagrams", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(
    data.path,
    "--listen",
    "udpchat://127.0.0.1:0",
    "--drop",
    "0.25",
  );
  await using _ = server;
  const [, udp] = await server.out.find(
    /^\[INFO\] Server started on udpchat:\/\/127\.0\.0\.1:(\d+)$/,
  );
  await server.err.find(/^--drop: 0\.25 of all UDP datagrams are ignored$/);
  const alice = await UdpClient.login(Number(udp), "alice");
  const bob = await RawClient.login(port, "bob");
  bob.say("hi");
  assertEquals(await alice.heard(), "bob@General Chat Room: hi");
  await alice.close();
  await bob.close();
});

Deno.test("serve without UDP says that --drop means nothing", async () => {
  await using data = await Folder.make();
  const { server } = await startServer(data.path, "--drop", "0.25");
  await using _ = server;
  await server.err.find(
    /^chatp: warning: --drop means nothing without --listen udpchat:\/\/…$/,
  );
});

Deno.test("with --plaintext serve takes UDP from other machines too", async () => {
  await using data = await Folder.make();
  const { server } = await startServer(
    data.path,
    "--plaintext",
    "--listen",
    "udpchat://0.0.0.0:0",
  );
  await using _ = server;
  await server.out.find(/Server started on udpchat:\/\/0\.0\.0\.0:\d+$/);
});

/** The fingerprint that a server shows to a new connection. */
async function shown(port: number): Promise<string> {
  const socket = tls.connect({
    port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  await once(socket, "close");
  return fingerprint256;
}

Deno.test("SIGHUP takes up a changed certificate and drops nobody", async () => {
  await using data = await Folder.make();
  const files = [
    "--cert",
    `${data.path}/my.crt`,
    "--key",
    `${data.path}/my.key`,
  ];
  const make = () => chatp(["cert", "--force", ...files], { data: data.path });
  assertEquals((await make()).code, 0);
  const { server, port } = await startServer(data.path, ...files);
  await using _ = server;
  const before = (await server.out.find(FINGERPRINT))[1];
  const alice = await RawClient.login(port, "alice", "chatp1", {
    secure: true,
  });
  assertEquals(await shown(port), before);
  assertEquals((await make()).code, 0);
  const lines = server.out.all.length;
  server.signal("SIGHUP");
  await server.out.find(FINGERPRINT, lines);
  const after = await shown(port);
  assertNotEquals(after, before);
  alice.say("still here");
  assertEquals((await alice.event("room_msg_ack")).id, 1);
  await Deno.writeTextFile(`${data.path}/my.crt`, "no certificate");
  server.signal("SIGHUP");
  await server.out.find(/^\[ERROR\] The certificate stays as it was: /);
  assertEquals(await shown(port), after);
  await alice.close();
});

Deno.test("a SIGHUP while a server starts is remembered until it has started", async () => {
  await using data = await Folder.make();
  await using server = await Chatp.start(
    ["serve", "--host", "127.0.0.1", "--port", "0"],
    { data: data.path, preload: "early_hang_up.ts" },
  );
  const [, print] = await server.out.find(FINGERPRINT);
  const first = server.out.all.findIndex((line) => FINGERPRINT.test(line));
  assertMatch(server.out.all[0] ?? "", /Server started on/);
  assertEquals((await server.out.find(FINGERPRINT, first + 1))[1], print);
  server.signal("SIGTERM");
  assertEquals(await server.status(), 0);
});

Deno.test("a server whose log's thread dies says so, tells everyone and ends with a failure", async () => {
  await using data = await Folder.make();
  await using server = await Chatp.start(
    ["serve", "--listen", "chatp://127.0.0.1:0"],
    { data: data.path, preload: "dying_log.ts" },
  );
  const [, port] = await server.out.find(/started on .*:(\d+)$/);
  const alice = await RawClient.connect(Number(port));
  alice.ask({ type: "login", username: "alice" });
  assertEquals((await alice.event("error_msg")).code, 503);
  await alice.closed();
  assertEquals(await server.status(), 25);
  const lost = server.out.all.find((line) =>
    line.startsWith("[ERROR] The log")
  );
  assertMatch(
    lost ?? "",
    /^\[ERROR\] The log's thread died: .*no more: shutting down$/,
  );
  assertEquals(server.out.all.at(-1), "[INFO] Server stopped");
  await server.err.find(/^chatp: .*The log's thread died: .*no more/);
  await server.err.find(/Report this as a bug of chatp/);
});

Deno.test("a server without a certificate says that SIGHUP means nothing", async () => {
  await using data = await Folder.make();
  for (
    const [listen, started] of [
      ["relay://127.0.0.1:0", /^server running at /],
      ["chatp://127.0.0.1:0", /Waiting for connections/],
    ] as const
  ) {
    await using server = await Chatp.start(
      ["serve", "--memory", "--listen", listen],
      { data: data.path },
    );
    await server.out.find(started);
    server.signal("SIGHUP");
    await server.out.find(
      /^\[INFO\] SIGHUP: there is no certificate to read again$/,
    );
    server.signal("SIGTERM");
    assertEquals(await server.status(), 0);
  }
});

Deno.test("a key that became a pipe keeps a server from nothing: not from the next pair, not from its end", async () => {
  await using data = await Folder.make();
  const [crt, key] = [`${data.path}/my.crt`, `${data.path}/my.key`];
  const files = ["--cert", crt, "--key", key];
  const make = () => chatp(["cert", "--force", ...files], { data: data.path });
  assertEquals((await make()).code, 0);
  const { server, port } = await startServer(data.path, ...files);
  await using _ = server;
  const before = (await server.out.find(FINGERPRINT))[1];
  await Deno.remove(key);
  const { success } = await new Deno.Command("mkfifo", { args: [key] })
    .output();
  assertEquals(success, true);
  server.signal("SIGHUP");
  const [said] = await server.out.find(/^\[ERROR\] .*/);
  assertEquals(
    said,
    "[ERROR] The certificate stays as it was: " +
      `Cannot read the key ${key}: it is no regular file`,
  );
  assertEquals(await shown(port), before);
  await Deno.remove(key);
  assertEquals((await make()).code, 0);
  const lines = server.out.all.length;
  server.signal("SIGHUP");
  const after = (await server.out.find(FINGERPRINT, lines))[1];
  assertNotEquals(after, before);
  assertEquals(await shown(port), after);
  server.signal("SIGTERM");
  assertEquals(await server.status(), 0);
});

Deno.test("SIGHUP again and again while people talk and come drops nobody and loses nothing", async () => {
  await using data = await Folder.make();
  const file = (name: string) => `${data.path}/${name}`;
  for (const name of ["one", "two"]) {
    const pair = ["--cert", file(`${name}.crt`), "--key", file(`${name}.key`)];
    const { code } = await chatp(["cert", ...pair], { data: data.path });
    assertEquals(code, 0);
  }
  const use = async (name: string) => {
    for (const kind of ["crt", "key"]) {
      await Deno.copyFile(file(`${name}.${kind}`), file(`used.${kind}`));
    }
  };
  await use("one");
  const { server, port } = await startServer(
    data.path,
    "--cert",
    file("used.crt"),
    "--key",
    file("used.key"),
  );
  await using _ = server;
  const prints = [(await server.out.find(FINGERPRINT))[1]];
  const people: RawClient[] = [];
  for (let index = 0; index < 10; index++) {
    const name = `person${index}`;
    people.push(await RawClient.login(port, name, "json2", { secure: true }));
  }
  let talking = true;
  const said = Promise.all(people.map(async (person) => {
    let count = 0;
    for (; talking; count++) {
      person.say("hi");
      await person.event("room_msg_ack");
    }
    return count;
  }));
  for (let round = 0; round < 8; round++) {
    await use(round % 2 === 0 ? "two" : "one");
    const lines = server.out.all.length;
    server.signal("SIGHUP");
    const now = (await server.out.find(FINGERPRINT, lines))[1];
    assertEquals(await shown(port), now);
    prints.push(now);
  }
  const [one, two] = prints;
  assertNotEquals(one, two);
  assertEquals(prints, [one, two, one, two, one, two, one, two, one]);
  // Between the two copies of a pair that a signal finds: what was, stays.
  await Deno.copyFile(file("two.crt"), file("used.crt"));
  server.signal("SIGHUP");
  await server.out.find(/^\[ERROR\] The certificate stays as it was: /);
  assertEquals(await shown(port), one);
  talking = false;
  const all = (await said).reduce((sum, count) => sum + count, 0);
  // Each is told an id, and none is left out: what was said is what is there.
  const [last] = people;
  last!.say("last");
  assertEquals((await last!.event("room_msg_ack")).id, all + 1);
  for (const person of people) await person.close();
});

Deno.test("a port that is taken is one clear line and exit status 1", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const second = await chatp(
    ["serve", "--host", "127.0.0.1", "--port", String(port)],
    { data: data.path },
  );
  assertEquals(second, {
    code: 1,
    out: [],
    err: [
      `chatp: The address 127.0.0.1:${port} is in use by another program`,
      "  try: Stop the other program, or choose another port",
    ],
  });
});

Deno.test({
  name:
    "a server that may open too few files does not start (the limit is known on Linux alone)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using data = await Folder.make();
    const refused = await chatp(
      ["serve", "--host", "127.0.0.1", "--port", "0"],
      { data: data.path, shell: 'ulimit -n 100; exec "$@"' },
    );
    assertEquals(refused, {
      code: 1,
      out: [],
      err: [
        "chatp: At most 100 files may be open, and a server needs 129",
        "  try: Allow more (ulimit -n; in systemd LimitNOFILE)",
      ],
    });
  },
});

Deno.test("a log that opens and can't be read is one clear line", async () => {
  await using data = await Folder.make();
  const { server } = await startServer(data.path);
  await server[Symbol.asyncDispose]();
  // No time that JavaScript can have.
  const log = new DatabaseSync(`${data.path}/chatp/log.db`);
  log.exec(
    "INSERT INTO person (handle, name, key, created) " +
      "VALUES (5, 'x', 'x', 9223372036854775807); " +
      "INSERT INTO session (handle, person, digest, seen) " +
      "VALUES (6, 5, 'd', 1)",
  );
  log.close();
  const { code, out, err } = await chatp(
    ["serve", "--host", "127.0.0.1", "--port", "0"],
    { data: data.path },
  );
  assertEquals([code, out, err.length], [25, [], 2]);
  assertMatch(
    err[0] ?? "",
    /^chatp: .*log\.db could not be used: Value is too/,
  );
  assertMatch(err[1] ?? "", /^ {2}try: Report this as a bug of chatp/);
});

Deno.test("a key that does not fit or is none is told with exit status 1, a missing one with 24", async () => {
  await using data = await Folder.make();
  for (const name of ["one", "two"]) {
    const { code } = await chatp(
      [
        "cert",
        "--cert",
        `${data.path}/${name}.crt`,
        "--key",
        `${data.path}/${name}.key`,
      ],
      { data: data.path },
    );
    assertEquals(code, 0);
  }
  await Deno.writeTextFile(`${data.path}/text.key`, "hello\n");
  for (
    const [key, status] of [
      ["two.key", 1],
      ["text.key", 1],
      ["none.key", 24],
    ] as const
  ) {
    const { code, out, err } = await chatp([
      "serve",
      "--port",
      "0",
      "--cert",
      `${data.path}/one.crt`,
      "--key",
      `${data.path}/${key}`,
    ], { data: data.path });
    assertEquals([code, out, err.length], [status, [], 2]);
    assertMatch(
      err[0] ?? "",
      new RegExp(`^chatp: .*${key.replace(".", "\\.")}`),
    );
    assertMatch(err[1] ?? "", /^ {2}try: /);
  }
});

Deno.test("--listen opens the URL alone, and serves only its wire there", async () => {
  await using data = await Folder.make();
  await using server = await Chatp.start(
    ["serve", "--listen", "chatp://127.0.0.1:0", "--memory"],
    { data: data.path },
  );
  const [, port] = await server.out.find(
    /Server started on chatp:\/\/127\.0\.0\.1:(\d+)$/,
  );
  const alice = await RawClient.login(Number(port), "alice");
  const bob = await RawClient.connect(Number(port), "json2");
  bob.ask({ type: "login", username: "bob" });
  assertEquals(await bob.next(), {
    type: "login_reject",
    reason: "Not allowed: this port serves chatp:// alone",
    code: 403,
    hint: "Connect with chatp://",
  });
  await bob.closed();
  await alice.close();
  assertEquals(
    server.out.all.filter((line) => line.includes("Server started")).length,
    1,
  );
});

Deno.test("--limit sets a limit", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(
    data.path,
    "--limit",
    "connections=1",
    "--limit",
    "loginTimeout=9007199254740991",
  );
  await using _ = server;
  const alice = await RawClient.login(port, "alice");
  const bob = await RawClient.connect(port, "json2");
  bob.ask({ type: "login", username: "bob" });
  assertEquals(await bob.next(), {
    type: "login_reject",
    reason: "Unavailable: the server is full",
    code: 503,
    hint: "Try again later",
  });
  await alice.close();
  await bob.close();
});

Deno.test("the log in JSON has a line of JSON an event, and none of it holds what was said", async () => {
  await using data = await Folder.make();
  await using server = await Chatp.start([
    "serve",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--log-format",
    "json",
    "--log-level",
    "debug",
  ], { data: data.path });
  const [, port] = await server.out.find(
    /"text":"Server started on 127\.0\.0\.1:(\d+)"/,
  );
  const alice = await RawClient.connect(Number(port), "json2");
  alice.ask({ type: "login", username: "alice", password: "hunter2" });
  await alice.event("login_ack");
  alice.say("a private matter");
  await alice.event("room_msg_ack");
  await alice.close();
  await server.out.find(/alice left/);
  for (const line of server.out.all) {
    assertEquals(Object.keys(JSON.parse(line)), ["time", "level", "text"]);
    assertEquals(/hunter2|private matter/.test(line), false);
  }
});

for (
  const [args, message] of [
    [["--port", "65536"], /--port says 65536/],
    [["--cert", "a.crt"], /--cert was given alone/],
    [["--listen", "gopher://127.0.0.1"], /gopher/],
    [["--log-level", "loud"], /loud/],
    [["--limit", "conections=1"], /called "conections", did you mean connec/],
    [["--limit", "sendQueue=1k"], /sendQueue takes a whole number of bytes/],
    [["--limit", "backlog=0"], /from 1 up, it says "0"/],
    [["--shared-address", "10.0.0.0/33"], /"10.0.0.0\/33" is no IP address/],
  ] as const
) {
  Deno.test(`serve ${args.join(" ")} is told apart and exits with 2`, async () => {
    await using data = await Folder.make();
    const { code, out, err } = await chatp(["serve", ...args], {
      data: data.path,
    });
    assertEquals([code, out], [2, []]);
    assertMatch(err.join("\n"), message);
  });
}
