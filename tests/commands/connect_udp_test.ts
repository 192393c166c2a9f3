/** `chatp connect` over reliable UDP, with `chatp serve`. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import dgram from "node:dgram";
import { Chatp, chatp, Folder } from "./chatp_process.ts";
import { hasScript, TypedChatp } from "./typed_chatp.ts";

/** A server that ignores half of what comes. */
async function serve(data: string, port = 0, host = "127.0.0.1") {
  const server = await Chatp.start([
    "serve",
    "--no-rate-limits",
    `--listen=udpchat://${host}:${port}`,
    "--drop=0.5",
  ], { data });
  const [, found] = await server.out.find(/Server started on .*:(\d+)/);
  return { server, port: Number(found) };
}

/** Where nothing listens. */
async function closedPort(): Promise<number> {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve) =>
    socket.bind({ address: "127.0.0.1", port: 0 }, resolve)
  );
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

async function passwordFile(folder: string): Promise<string> {
  const path = `${folder}/password`;
  await Deno.writeTextFile(path, "correct horse\n", { mode: 0o600 });
  return path;
}

const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`);

Deno.test({
  name:
    "over a network that loses half of all, and a server that is killed, each message is said once and in order",
  // Signals end a process there without a word.
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await Folder.make();
    const data = folder.path;
    const password = await passwordFile(data);
    const { server, port } = await serve(data);
    const connect = (user: string) => [
      "connect",
      user,
      `udpchat://127.0.0.1:${port}`,
      `--password-file=${password}`,
      "--json",
    ];
    await using bob = await Chatp.start([...connect("bob"), "--register"], {
      data,
    });
    await bob.out.find(/"type":"caught_up"/);
    await using alice = await Chatp.start([...connect("alice"), "--register"], {
      data,
    });
    await alice.out.find(/"type":"caught_up"/);
    await alice.write(texts(1, 20).join("\n") + "\n");
    await bob.out.find(/"text":"m5"/);
    await server[Symbol.asyncDispose]();
    await alice.write(texts(21, 40).join("\n") + "\n");
    await using again = (await serve(data, port)).server;
    await alice.end();
    assertEquals(await alice.status(), 0);
    await bob.out.find(/"text":"m40"/);
    await bob.end();
    assertEquals(await bob.status(), 0);
    const shown = bob.out.all.map((line) => JSON.parse(line))
      .filter(({ type }) => type === "room_msg").map(({ text }) => text);
    assertEquals(shown, texts(1, 40));
    const acknowledged = alice.out.all.map((line) => JSON.parse(line))
      .filter(({ type }) => type === "ack").map(({ line }) => line);
    assertEquals(acknowledged, texts(1, 40).map((_, index) => index + 1));
    again.signal("SIGTERM");
    assertEquals(await again.status(), 0);
  },
});

Deno.test("who has no account, or the wrong password, is told what to do; what the wire can't carry is said", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  const password = await passwordFile(data);
  const { server, port } = await serve(data);
  await using _server = server;
  const connect = [
    "connect",
    "alice",
    `udpchat://127.0.0.1:${port}`,
  ];
  const guest = await chatp(connect, { data });
  assertEquals(guest.code, 21);
  assertMatch(guest.err.join("\n"), /--password-file FILE/);
  connect.push(`--password-file=${password}`);
  const missing = await chatp(connect, { data });
  assertEquals(missing.code, 21);
  assertMatch(missing.err.join("\n"), /alice has no account\n.*--register/);
  const made = await chatp([...connect, "--register"], {
    data,
    input: "/search tea\n/rooms\n",
  });
  assertEquals(made.code, 22);
  assertEquals(made.out, ["* rooms: general"]);
  assertMatch(made.err.join("\n"), /can't carry that/);
  await Deno.writeTextFile(password, "another\n");
  const wrong = await chatp(connect, { data });
  assertEquals(wrong.code, 21);
  assert(!wrong.err.join("\n").includes("another"), "a secret was told");
  connect[1] = "bob";
  const short = await chatp([...connect, "--register"], { data });
  assertEquals([short.code, short.err], [0, [
    "chatp: warning: a password of fewer than 8 characters is soon guessed",
  ]]);
});

Deno.test("reliable UDP goes over IPv6 as well", async () => {
  await using folder = await Folder.make();
  const data = folder.path;
  const password = await passwordFile(data);
  const { server, port } = await serve(data, 0, "[::1]");
  await using _server = server;
  const { code, out } = await chatp([
    "connect",
    "alice",
    `udpchat://[::1]:${port}`,
    `--password-file=${password}`,
    "--register",
  ], { data, input: "hello\n/history\n" });
  assertEquals(code, 0);
  assertEquals(out.slice(-1), ["* 1 message in general"]);
  await server.out.find(/alice logged in, \[::1\]:\d+ \(udpchat\)/);
});

Deno.test("a server that does not answer is told, with what to try", async () => {
  await using folder = await Folder.make();
  const password = await passwordFile(folder.path);
  const port = await closedPort();
  const { code, err } = await chatp([
    "connect",
    "alice",
    `udpchat://127.0.0.1:${port}`,
    `--password-file=${password}`,
  ], { data: folder.path });
  assertEquals(code, 12);
  assertEquals(err, [
    `chatp: Nothing answered at udpchat://127.0.0.1:${port} (UDP)`,
    "  try: Check that chatp serve --listen udpchat://… is running there, " +
    "and that no firewall on the way drops UDP",
  ]);
});

const SKIPPED = hasScript() ? "" : " (skipped: util-linux's script is missing)";

Deno.test({
  name:
    `at a terminal an account is made for whoever says yes and types the same password twice, and /login goes to another${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using folder = await Folder.make();
    const { server, port } = await serve(folder.path);
    await using _server = server;
    const connect = ["connect", "alice", `udpchat://127.0.0.1:${port}`];
    const asked = async (yes: string, again: string) => {
      const terminal = await TypedChatp.start(connect, folder.path);
      await terminal.tellSecret("Password of alice:", "secret");
      await terminal.until("Make the account? [y/N]");
      await terminal.type(`${yes}\r`);
      if (again === "") return terminal;
      await terminal.tellSecret("The same password again:", again);
      return terminal;
    };

    const not = await asked("no", "");
    assertEquals(await not.status(), 21);
    assertMatch(not.seen, /alice has no account/);

    const none = await asked("y", "sceret");
    await none.until("The two passwords are not the same.");
    await none.until("New password of alice:");
    await none.type("\r");
    assertEquals(await none.status(), 21);

    const made = await asked("Yes", "sceret");
    await made.tellSecret("New password of alice:", "secret");
    await made.tellSecret("The same password again:", "secret");
    await made.until("a password of fewer than 8 characters is soon guessed");
    await made.until("as alice, in general");
    await made.type("/login bob\r");
    await made.tellSecret("Password of bob:", "secret too");
    await made.until("Nobody is called bob here. Make the account? [y/N]");
    await made.type("y\r");
    await made.tellSecret("The same password again:", "secret too");
    await made.until("as bob, in general");
    await made.type("/login alice\r");
    await made.tellSecret("Password of alice:", "wrong one");
    await made.until("That was not the password.");
    await made.tellSecret("Password of alice:", "secret");
    await made.until("as alice, in general");
    await made.type("/quit\r");
    assertEquals(await made.status(), 0);
    assert(!made.seen.includes("ecret"), made.seen);
  },
});

Deno.test({
  name:
    `with --register the password of a new account is typed twice, and that of one that is there once${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using folder = await Folder.make();
    const { server, port } = await serve(folder.path);
    await using _server = server;
    const url = `udpchat://127.0.0.1:${port}`;
    const connect = ["connect", "alice", url, "--register"];
    const made = await TypedChatp.start(connect, folder.path);
    // Ctrl+W erases nothing here.
    await made.tellSecret("Password of alice:", "mistaken\x17secret");
    await made.until("only Backspace erases here");
    await made.tellSecret("Password of alice:", "secret");
    await made.tellSecret("The same password again:", "sceret");
    await made.until("The two passwords are not the same.");
    await made.tellSecret("New password of alice:", "secret");
    await made.tellSecret("The same password again:", "secret");
    await made.until("a password of fewer than 8 characters is soon guessed");
    await made.until("as alice, in general");
    await made.type("/quit\r");
    assertEquals(await made.status(), 0);
    assert(!made.seen.includes("Make the account?"), made.seen);

    const again = await TypedChatp.start(connect, folder.path);
    await again.tellSecret("Password of alice:", "secret");
    await again.until("as alice, in general");
    await again.type("/quit\r");
    assertEquals(await again.status(), 0);
    assert(!again.seen.includes("again:"), again.seen);
  },
});
