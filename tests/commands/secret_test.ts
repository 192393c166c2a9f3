/** Secret messages between two `chatp connect`, as processes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Chatp, chatp, Folder, startServer } from "./chatp_process.ts";

/** CP takes at most 15 bytes. */
const PASSWORD = "correct horse";
const SECRET = "Treffpunkt Brunnen";
const OPEN = "Marktplatz um sieben";
const RECORDING = /^Recording 127\.0\.0\.1:(\d+) -> /;

/** Makes a pair; answers the private key's file. */
async function newKey(folder: string, name: string): Promise<string> {
  const args = ["keys", "new", `${folder}/${name}`, "--bits", "2048"];
  assertEquals((await chatp(args, { data: folder })).code, 0);
  return `${folder}/${name}/private_key.pem`;
}

/** Somebody at a pipe, with a data folder and perhaps a key of their own. */
async function begin(
  user: string,
  port: number,
  data: string,
  ...more: string[]
): Promise<Chatp> {
  const url = `chatp://127.0.0.1:${port}`;
  return await Chatp.start(["connect", user, url, ...more], { data });
}

/** The wires that carry secret messages, in front of and behind the address. */
const WIRES = [["chatp://", ""], ["chatp://", "?v=1"], [
  "json://",
  "",
]] as const;

/** The same, who makes an account, and whose key is published. */
async function register(...args: Parameters<typeof begin>): Promise<Chatp> {
  const chatp = await begin(...args);
  await Deno.writeTextFile(`${args[2]}/password`, PASSWORD);
  await chatp.write(`/register\n${PASSWORD}\n`);
  await chatp.out.find(/^\* you have an account now/);
  await chatp.err.find(/^chatp: Your key is published/);
  return chatp;
}

/** The same, who has one. */
async function login(
  user: string,
  port: number,
  data: string,
  ...more: string[]
): Promise<Chatp> {
  const file = `${data}/password`;
  await Deno.writeTextFile(file, PASSWORD);
  return await begin(user, port, data, "--password-file", file, ...more);
}

/** All bytes of the files in a folder. */
async function bytesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const decoder = new TextDecoder("latin1");
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) continue;
    files.set(name, decoder.decode(await Deno.readFile(`${folder}/${name}`)));
  }
  return files;
}

Deno.test("what two people write secretly is in no byte of the server's log, its disk or a capture; whoever has the key reads it, and nothing goes in the clear later", async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const [server, alices, bobs] = ["server", "alice", "bob"].map((name) =>
    `${path}/data-${name}`
  ) as [string, string, string];
  for (const data of [server, alices, bobs]) await Deno.mkdir(data);
  const keys = await Promise.all(
    ["a", "b"].map((name) => newKey(path, name)),
  ) as [string, string];
  const { server: running, port } = await startServer(
    server,
    "--log-level",
    "debug",
  );
  await using serving = running;
  await using capture = await Chatp.start([
    "capture",
    "--listen",
    "0",
    "--to",
    `127.0.0.1:${port}`,
    "-w",
    `${path}/chat.pcap`,
  ], { data: path });
  const tap = Number((await capture.out.find(RECORDING))[1]);

  await using bob = await register("bob", tap, bobs, "--key", keys[1]);
  await using alice = await register("alice", tap, alices, "--key", keys[0]);
  await alice.write(`/msg bob ${OPEN}\n/secret bob\n/msg bob ${SECRET}\n`);
  await alice.out.find(/^\* messages to bob are secret from now on/);
  await bob.out.find(new RegExp(`^\\[private\\] alice: ${OPEN}$`));
  await bob.out.find(new RegExp(`^\\[secret\\] alice: ${SECRET}$`));

  // Both compare the same number.
  await alice.write("/verify bob\n");
  await bob.write("/verify alice\n/secret alice\n");
  const NUMBER = /^\* safety number with \w+: ([\d ]{47})$/;
  const [, number] = await alice.out.find(NUMBER);
  assertEquals((await bob.out.find(NUMBER))[1], number);

  // Another client of hers reads both sides; one without a key is told why.
  await using second = await login(
    "alice",
    tap,
    path,
    "--key",
    keys[0],
    "--json",
  );
  await using third = await login("alice", tap, `${path}/a`);
  await second.out.find(/"connected"/);
  await third.write("/users\n");
  await third.out.find(/^\* users in general/);
  await alice.write(`/msg bob mine ${SECRET}\n`);
  await bob.out.find(new RegExp(`^\\[secret\\] alice: mine ${SECRET}$`));
  await bob.write(`/msg alice yours ${SECRET}\n`);
  await alice.out.find(new RegExp(`^\\[secret\\] bob: yours ${SECRET}$`));
  await second.out.find(
    new RegExp(
      `"recipient":"bob","text":"mine ${SECRET}","history":false,"encrypted":true`,
    ),
  );
  await second.out.find(new RegExp(`"text":"yours ${SECRET}"`));
  await third.out.find(
    /^\[secret, not opened\] bob: It is secret: to read it, connect with --key/,
  );

  // Without the key nothing goes to him, in the next run either.
  await alice.end();
  assertEquals(await alice.status(), 0);
  await using later = await login("alice", tap, alices);
  await later.write("/users\n/msg bob not this\n/msg bob nor this\n");
  await later.end();
  assertEquals(await later.status(), 22);
  assertStringIncludes(
    later.err.all.join("\n"),
    "line 2: Nothing is sent to bob: There is no key",
  );

  // Who was away gets what was said, sealed as it is.
  await bob.end();
  assertEquals(await bob.status(), 0);
  await second.write(`/secret bob\n/msg bob later ${SECRET}\n`);
  await second.out.find(/"type":"ack","time":"[^"]+","line":2/);
  await using back = await login("bob", tap, bobs, "--key", keys[1]);
  await back.out.find(
    new RegExp(`^\\(earlier\\) \\[secret\\] alice: later ${SECRET}$`),
  );

  for (const each of [back, second, third]) await each.end();
  for (const each of [back, second, third]) await each.status();
  const disk = await bytesOf(`${server}/chatp`);
  assert(disk.has("log.db-wal"), [...disk.keys()].join());
  serving.signal("SIGTERM");
  await serving.status();
  capture.signal("SIGTERM");
  await capture.status();
  const places = new Map([
    ...disk,
    ...[...await bytesOf(`${server}/chatp`)].map(([name, bytes]) =>
      [`${name} after`, bytes] as const
    ),
    ["log", [...serving.out.all, ...serving.err.all].join("\n")],
    ["pcap", (await bytesOf(path)).get("chat.pcap") ?? ""],
    [
      "capture",
      (await chatp(["capture", "-r", `${path}/chat.pcap`], { data: path })).out
        .join("\n"),
    ],
  ]);
  for (const [place, bytes] of places) {
    for (const word of [...SECRET.split(" "), "not this", "nor this"]) {
      assert(
        !bytes.toLowerCase().includes(word.toLowerCase()),
        `"${word}" is in ${place}`,
      );
    }
  }
  // What is no secret is found there: the search is good for something.
  for (const place of ["log.db-wal", "log.db after", "capture"]) {
    assert(places.get(place)?.includes(OPEN), `"${OPEN}" is not in ${place}`);
  }
  assertStringIncludes(places.get("log") ?? "", "alice");
});

Deno.test("over reliable UDP and CP a secret message is a note, and nothing is sent to its author in the clear", async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const [keyA, keyB] = await Promise.all(
    ["a", "b"].map((name) => newKey(path, name)),
  ) as [string, string];
  const [alices, bobs] = [`${path}/a`, `${path}/b`];
  const { server, port } = await startServer(
    path,
    "--listen",
    "udpchat://127.0.0.1:0",
  );
  await using _ = server;
  const [, udp] = await server.out.find(/udpchat:\/\/127\.0\.0\.1:(\d+)/);
  await using bob = await register("bob", port, bobs, "--key", keyB);
  await using alice = await register("alice", port, alices, "--key", keyA);
  await bob.write("/secret alice\n");
  await bob.out.find(/^\* messages to alice are secret from now on/);
  await bob.end();
  await bob.status();

  const wires = [
    [`udpchat://127.0.0.1:${udp}`, "can't be shown over udpchat://"],
    [`cp://127.0.0.1:${port}`, "this client can't read it"],
  ] as const;
  await alice.write("/secret bob\n");
  for (const [url, note] of wires) {
    await using bob = await Chatp.start([
      "connect",
      "bob",
      url,
      "--password-file",
      `${bobs}/password`,
      "--key",
      keyB,
    ], { data: bobs });
    await alice.write(`/msg bob ${SECRET}\n`);
    await bob.out.find(
      new RegExp(
        `^(\\(earlier\\) )?\\[private, (NOT SECRET|not secret)\\] alice: .*${note}`,
      ),
    );
    await bob.write("/msg alice not this\n");
    await bob.err.find(
      /^chatp: line 1: Not sent: The wire to this server can't carry secret messages/,
    );
    await bob.end();
    assertEquals(await bob.status(), 22);
  }
});

Deno.test("on ChatProto 2, 1.0 and JSON people read each other's secret messages, and all of them later", async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const [keyA, keyB] = await Promise.all(
    ["a", "b"].map((name) => newKey(path, name)),
  ) as [string, string];
  const [alices, bobs] = [`${path}/a`, `${path}/b`];
  const { server, port } = await startServer(path, "--log-level", "debug");
  await using _ = server;
  {
    await using bob = await register("bob", port, bobs, "--key", keyB);
    await using alice = await register("alice", port, alices, "--key", keyA);
    for (const [each, other] of [[alice, "bob"], [bob, "alice"]] as const) {
      await each.write(`/secret ${other}\n`);
      await each.out.find(/^\* messages to \w+ are secret from now on/);
      await each.end();
      assertEquals(await each.status(), 0);
    }
  }
  await using started = new AsyncDisposableStack();
  const over = (user: string, data: string, key: string) =>
    Promise.all(WIRES.map(async ([scheme, version]) => {
      const url = `${scheme}127.0.0.1:${port}${version}`;
      const how = ["--password-file", `${data}/password`, "--key", key];
      const args = ["connect", user, url, "--json", ...how];
      const made = started.use(await Chatp.start(args, { data }));
      await made.out.find(/^\{"type":"connected"/);
      return made;
    }));
  const all = {
    alice: await over("alice", alices, keyA),
    bob: await over("bob", bobs, keyB),
  };
  const said: string[] = [];
  for (const [me, other] of [["alice", "bob"], ["bob", "alice"]] as const) {
    for (const [index, author] of all[me].entries()) {
      const text = `${me} over ${WIRES[index]?.join("")}`;
      said.push(`${me} -> ${text}`);
      await author.write(`/msg ${other} ${text}\n`);
      const line = `"sender":"${me}","recipient":"${other}","text":"${text}"` +
        ',"history":false,"encrypted":true';
      const pattern = new RegExp(RegExp.escape(line));
      for (const reader of all[other]) await reader.out.find(pattern);
      for (const client of all[me]) {
        if (client !== author) await client.out.find(pattern);
      }
    }
  }

  // Somebody who has nothing but the key reads both sides.
  await using later = await login("alice", port, path, "--key", keyA);
  await later.write("/history @bob 100\n");
  await later.out.find(/^\* 6 messages with bob$/);
  const end = later.out.all.indexOf("* 6 messages with bob");
  assertEquals(
    later.out.all.slice(end - 6, end),
    said.map((line) =>
      `(earlier) [secret] ${
        line.replace(/^alice ->/, "alice -> bob:").replace(/^bob ->/, "bob:")
      }`
    ),
  );

  // What is longer than a message comes in parts, which are it again.
  const text = "Grüße vom Brunnen, ".repeat(1_000) + "Ende.";
  for (const author of all.alice) {
    const before = all.bob.map(({ out }) => out.all.length);
    await author.write(`/msg bob ${text}\n`);
    for (const [index, { out }] of all.bob.entries()) {
      await out.find(/Ende\./, before[index]);
      const parts = out.all.slice(before[index])
        .filter((line) => line.includes('"private_msg"'))
        .map((line) => JSON.parse(line).text);
      assertEquals([parts.length, parts.join("")], [3, text]);
    }
  }

  const places = await bytesOf(`${path}/chatp`);
  assert(places.has("log.db-wal"), [...places.keys()].join());
  places.set("log", [...server.out.all, ...server.err.all].join("\n"));
  for (const [place, bytes] of places) {
    for (const word of ["alice over", "bob over", "Brunnen"]) {
      assert(!bytes.includes(word), `"${word}" is in ${place}`);
    }
  }
});
