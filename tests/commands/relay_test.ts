/** A relay, its two clients and their keys as processes. */

import { assertEquals, assertMatch } from "@std/assert";
import { errorCode } from "../../lib/net/failure.ts";
import { connectTcp, destroy, freePort } from "../net/sockets.ts";
import { RawRelayClient } from "../server/relay_world.ts";
import {
  Chatp,
  chatp,
  chatpWords,
  Folder,
  startServer,
} from "./chatp_process.ts";

const CERTS = new URL("../../certs/", import.meta.url);

/** Copies the sample pairs, private keys for their owner alone. */
async function samplePairs(folder: string): Promise<void> {
  for (const name of ["client1", "client2"]) {
    await Deno.mkdir(`${folder}/${name}`);
    for (
      const [file, mode] of [["private", 0o600], ["public", 0o644]] as const
    ) {
      const path = `${name}/${file}_key.pem`;
      await Deno.copyFile(new URL(path, CERTS), `${folder}/${path}`);
      await Deno.chmod(`${folder}/${path}`, mode);
    }
  }
}

/** Starts a relay alone; answers it and its port. */
async function startRelay(data: string) {
  const server = await Chatp.start(
    ["serve", "--listen", "relay://127.0.0.1:0"],
    { data },
  );
  const [, port] = await server.out.find(
    /^server running at 127\.0\.0\.1:(\d+)$/,
  );
  return { server, port: Number(port) };
}

/** Starts a client with its own private key and the other's public one. */
function startClient(data: string, port: number, own: string, peer: string) {
  return Chatp.start([
    "connect",
    `relay://127.0.0.1:${port}`,
    "--key",
    `${data}/${own}/private_key.pem`,
    "--peer-key",
    `${data}/${peer}/public_key.pem`,
  ], { data });
}

/** Lines with ciphertext hidden: it is another each time. */
const hidden = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/^[0-9a-f]{256}$/, "CIPHERTEXT"));

/** The lines that show a text of 128 bytes of ciphertext. */
const shown = (text: string) => [
  "received 128 bytes",
  "ciphertext:",
  "----------------",
  "CIPHERTEXT",
  "----------------",
  "plaintext:",
  "----------------",
  text,
  "----------------",
];

/** What is said of the sample keys on stderr. */
const tooShort = (...files: string[]) =>
  files.map((file) =>
    `chatp: warning: the key in ${file} has 1024 bits: ` +
    "under 2048 it is too short to be safe"
  );

Deno.test("the seed's conversation looks as in the seed on all three terminals, and the server takes the next two", async () => {
  await using data = await Folder.make();
  await samplePairs(data.path);
  const { server, port } = await startRelay(data.path);
  await using _ = server;
  await using one = await startClient(data.path, port, "client1", "client2");
  await server.out.find(/serving client 0/);
  await using two = await startClient(data.path, port, "client2", "client1");
  await one.out.find(/server ready/);
  await one.write("hello there\n");
  await two.out.find(/hello there/);
  await two.write("hey, nice to see you\n");
  await one.out.find(/hey, nice/);
  await one.write("looks like these messages are secret!\n");
  await two.out.find(/looks like/);
  await two.write("thats what they want you to think ...\n");
  await one.out.find(/thats what/);
  await two.write("exit\n");
  assertEquals([await one.status(), await two.status()], [0, 0]);
  assertEquals(hidden(one.out.all), [
    "connected to server at 127.0.0.1",
    "server ready",
    "sent 128 / 128 bytes",
    ...shown("hey, nice to see you"),
    "sent 128 / 128 bytes",
    ...shown("thats what they want you to think ..."),
    "received 128 bytes",
    "closing connection due to exit instruction",
  ]);
  assertEquals(hidden(two.out.all), [
    "connected to server at 127.0.0.1",
    "server ready",
    ...shown("hello there"),
    "sent 128 / 128 bytes",
    ...shown("looks like these messages are secret!"),
    "sent 128 / 128 bytes",
    "sent 128 / 128 bytes",
    "closing connection due to exit instruction",
  ]);
  assertEquals(
    one.err.all,
    tooShort(
      `${data.path}/client1/private_key.pem`,
      `${data.path}/client2/public_key.pem`,
    ),
  );
  await server.out.find(/^closing connection/, 9);
  assertEquals(server.out.all, [
    `server running at 127.0.0.1:${port}`,
    "serving client 0 at 127.0.0.1",
    "serving client 1 at 127.0.0.1",
    "sent 128 / 128 bytes from 127.0.0.1 to 127.0.0.1",
    "sent 128 / 128 bytes from 127.0.0.1 to 127.0.0.1",
    "sent 128 / 128 bytes from 127.0.0.1 to 127.0.0.1",
    "sent 128 / 128 bytes from 127.0.0.1 to 127.0.0.1",
    "sent 128 / 128 bytes from 127.0.0.1 to 127.0.0.1",
    "closing connection with 127.0.0.1",
    "closing connection with 127.0.0.1",
  ]);
  // The folder for what the server keeps: a relay keeps nothing.
  assertEquals(
    (await Array.fromAsync(Deno.readDir(data.path))).map(({ name }) => name)
      .sort(),
    ["client1", "client2"],
  );
  await using next = await startClient(data.path, port, "client1", "client2");
  await server.out.find(/serving client 0/, 10);
  void next;
});

Deno.test("Ctrl+C at the server ends both clients with a line and status 0, and a third was told that it is full", async () => {
  await using data = await Folder.make();
  await samplePairs(data.path);
  const { server, port } = await startRelay(data.path);
  await using _ = server;
  await using one = await startClient(data.path, port, "client1", "client2");
  await using two = await startClient(data.path, port, "client2", "client1");
  for (const each of [one, two]) await each.out.find(/server ready/);
  await using three = await startClient(data.path, port, "client1", "client2");
  assertEquals(await three.status(), 26);
  assertEquals(three.out.all, [
    "connected to server at 127.0.0.1",
    "server full",
  ]);
  assertEquals(three.err.all.slice(-2), [
    `chatp: relay://127.0.0.1:${port} serves two clients already`,
    "  try: Try again when they have left",
  ]);
  server.signal("SIGINT");
  for (const each of [one, two]) {
    assertEquals(await each.status(), 0);
    assertEquals(each.out.all, [
      "connected to server at 127.0.0.1",
      "server ready",
      "closing connection as the server closed it",
    ]);
  }
  assertEquals(await server.status(), 0);
  assertEquals(server.out.all.slice(3), [
    "closing connection with 127.0.0.1",
    "closing connection with 127.0.0.1",
  ]);
  assertEquals(server.err.all, []);
});

Deno.test("Ctrl+C at one client ends the other's conversation, and the server goes on", async () => {
  await using data = await Folder.make();
  await samplePairs(data.path);
  const { server, port } = await startRelay(data.path);
  await using _ = server;
  await using one = await startClient(data.path, port, "client1", "client2");
  await using two = await startClient(data.path, port, "client2", "client1");
  for (const each of [one, two]) await each.out.find(/server ready/);
  one.signal("SIGINT");
  assertEquals(await two.status(), 0);
  assertEquals(
    two.out.all.at(-1),
    "closing connection as the server closed it",
  );
  await using next = await startClient(data.path, port, "client1", "client2");
  await server.out.find(/serving client 0/, 3);
  void next;
});

Deno.test("keys that chatp made carry a long text in blocks, through a relay beside the chat", async () => {
  await using data = await Folder.make();
  for (const name of ["alice", "bob"]) {
    const { code, out } = await chatp(
      ["keys", "new", `${data.path}/${name}`],
      { data: data.path },
    );
    const file = (what: string) => `${data.path}/${name}/${what}_key.pem`;
    assertEquals([code, out.length], [0, 3]);
    assertEquals(out.slice(0, 2), [
      `Private key  ${file("private")} (keep it secret)`,
      `Public key   ${file("public")} (others may have it)`,
    ]);
    assertMatch(out[2] ?? "", /^Fingerprint {2}[0-9A-F]{2}(:[0-9A-F]{2}){31}$/);
    for (const what of ["private", "public"]) {
      assertEquals(
        (await chatp(["keys", "fingerprint", file(what)], { data: data.path }))
          .out,
        [out[2]?.slice(13)],
      );
    }
  }
  const again = await chatp(["keys", "new", `${data.path}/bob`], {
    data: data.path,
  });
  assertEquals([again.code, again.err], [1, [
    `chatp: ${data.path}/bob/private_key.pem is there already`,
    "  try: Choose another name: keys are not replaced",
  ]]);
  const { server, port: chat } = await startServer(
    data.path,
    "--listen",
    "relay://127.0.0.1:0",
  );
  await using _ = server;
  const [, port] = await server.out.find(/^server running at .*:(\d+)$/);
  await using alice = await startClient(
    data.path,
    Number(port),
    "alice",
    "bob",
  );
  await server.out.find(/serving client 0/);
  await using bob = await startClient(data.path, Number(port), "bob", "alice");
  await alice.out.find(/server ready/);
  await alice.write(`${"x".repeat(213)}€uro\n`);
  await bob.out.find(/^€uro$/);
  await alice.out.find(/^sent 512 /);
  assertEquals(alice.out.all[2], "sent 512 / 512 bytes");
  assertEquals(bob.out.all[9], "x".repeat(213));
  assertEquals([alice.err.all, bob.err.all], [[], []]);
  const guest = await chatp(
    ["connect", "carol", `json://127.0.0.1:${chat}`],
    { data: data.path, input: "hi\n" },
  );
  assertEquals([guest.code, guest.err], [0, []]);
  await alice.end();
  assertEquals([await alice.status(), await bob.status()], [0, 0]);
  server.signal("SIGTERM");
  assertEquals(await server.status(), 0);
  assertEquals(server.out.all.at(-1), "[INFO] Server stopped");
});

Deno.test("a relay's port that is taken ends a server whose chat had started", async () => {
  await using data = await Folder.make();
  const { server, port } = await startRelay(data.path);
  await using _ = server;
  const second = await chatp(
    [
      "serve",
      "--memory",
      "--listen",
      "json://127.0.0.1:0",
      "--listen",
      `relay://127.0.0.1:${port}`,
    ],
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

Deno.test("options of the chat are said to mean nothing on a relay", async () => {
  await using data = await Folder.make();
  await samplePairs(data.path);
  const { server, port } = await startRelay(data.path);
  await using _ = server;
  await using one = await Chatp.start([
    "connect",
    `relay://127.0.0.1:${port}`,
    "--key",
    `${data.path}/client1/private_key.pem`,
    "--peer-key",
    `${data.path}/client2/public_key.pem`,
    "--room",
    "tea",
    "--insecure",
  ], { data: data.path });
  await one.out.find(/connected to server/);
  await one.err.find(/--insecure/);
  assertEquals(one.err.all.slice(0, 2), [
    "chatp: warning: --room means nothing on a relay",
    "chatp: warning: --insecure means nothing on a relay",
  ]);
});

/** Connects as soon as the process listens. */
async function connectOnceOpen(
  port: number,
  child: Deno.ChildProcess,
): Promise<RawRelayClient> {
  let over = false;
  void child.status.then(() => over = true);
  for (;;) {
    if (over) throw new Error("It ended before it listened");
    try {
      return new RawRelayClient(await connectTcp(port));
    } catch (error) {
      if (errorCode(error) !== "ECONNREFUSED") throw error;
    }
  }
}

Deno.test({
  name: "a server whose log can't be written serves as before",
  // Only Linux has a device that takes nothing.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const port = await freePort();
    const child = new Deno.Command("sh", {
      args: [
        "-c",
        'exec "$@" > /dev/full',
        "sh",
        ...await chatpWords([
          "serve",
          "--listen",
          `relay://127.0.0.1:${port}`,
        ]),
      ],
    }).spawn();
    const alice = await connectOnceOpen(port, child);
    const bob = await connectOnceOpen(port, child);
    assertEquals(await alice.read(13), "server ready\n");
    alice.socket.write("hi");
    assertEquals(await bob.read(15), "server ready\nhi");
    child.kill("SIGTERM");
    for (const each of [alice, bob]) {
      assertEquals(await each.rest(), "");
      await destroy(each.socket);
    }
    assertEquals((await child.status).code, 0);
  },
});
