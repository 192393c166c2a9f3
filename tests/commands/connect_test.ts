/** `chatp connect` as a process, with its input and output in pipes. */

import { assertEquals, assertMatch } from "@std/assert";
import net from "node:net";
import { Chatp, chatp, Folder, startServer } from "./chatp_process.ts";
import { RawClient } from "../server/raw_client.ts";
import { hasScript, TypedChatp } from "./typed_chatp.ts";

Deno.test("two people on different wires read each other, and the exit status says that all was acknowledged", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  await using bob = await Chatp.start(
    ["connect", "bob", `json://127.0.0.1:${port}`],
    { data: data.path },
  );
  await server.out.find(/bob logged in/);
  const alice = await chatp(
    ["connect", "alice", "127.0.0.1", String(port)],
    { data: data.path, input: "hi\n/msg bob psst\n//slash\n" },
  );
  assertEquals([alice.code, alice.out], [0, []]);
  assertMatch(alice.err.join("\n"), /[0-9A-F]{2}(:[0-9A-F]{2}){31}/);
  await bob.out.find(/^\* alice left general$/);
  assertEquals(bob.out.all, [
    "* alice joined general",
    "[general] alice: hi",
    "[private] alice: psst",
    "[general] alice: /slash",
    "* alice left general",
  ]);
  await bob.end();
  assertEquals(await bob.status(), 0);
});

Deno.test("control characters and line breaks from others are escaped in the output", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  await using bob = await Chatp.start(
    ["connect", "bob", `chatp://127.0.0.1:${port}`],
    { data: data.path },
  );
  await server.out.find(/bob logged in/);
  const eve = await RawClient.login(port, "eve");
  eve.say("one\ntwo\x1b[31m\u202e");
  await eve.event("room_msg_ack");
  await bob.out.find(/eve: /);
  assertEquals(bob.out.all[1], "[general] eve: one\\ntwo\\x1b[31m\\u202e");
  await eve.close();
});

Deno.test("a thousand lines from a pipe arrive in order though the server takes only so many a second", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const bob = await RawClient.login(port, "bob");
  const numbers = Array.from({ length: 700 }, (_, index) => String(index));
  const alice = chatp(
    ["connect", "alice", `chatp://127.0.0.1:${port}`],
    { data: data.path, input: numbers.join("\n") },
  );
  const texts: string[] = [];
  while (texts.length < numbers.length) {
    texts.push(String((await bob.event("room_msg")).text));
  }
  assertEquals((await alice).code, 0);
  assertEquals(texts, numbers);
  await bob.close();
});

/** A port on which something listens that is no chat server. */
async function listening(answer: string): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

Deno.test("each way to fail has one line, one piece of advice and an exit status of its own", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const taken = await RawClient.login(port, "taken");
  const web = await listening("HTTP/1.1 400 Bad Request\r\n\r\n");
  const silent = net.createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const at = (server: net.Server) => (server.address() as net.AddressInfo).port;
  const closed = net.createServer(() => {});
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const nobody = at(closed);
  await new Promise<void>((resolve) => closed.close(() => resolve()));

  const cases: [string[], number][] = [
    [["alice", "no-such-host.invalid"], 10],
    [["alice", `127.0.0.1:${nobody}`], 11],
    [["alice", `chatp://127.0.0.1:${at(silent)}`, "--timeout", "0.2"], 12],
    [["alice", `chatp://127.0.0.1:${at(web)}`], 15],
    [["alice", `chatps://127.0.0.1:${at(web)}`], 15],
    [["alice", `127.0.0.1:${port}`, "--fingerprint", "00".repeat(32)], 17],
    [["taken", `chatp://127.0.0.1:${port}`], 20],
    [["no good", `chatp://127.0.0.1:${port}`], 2],
    [["alice", "gopher://127.0.0.1"], 2],
  ];
  for (const [args, expected] of cases) {
    const { code, out, err } = await chatp(["connect", ...args], {
      data: data.path,
    });
    assertEquals([args, code, out], [args, expected, []]);
    assertMatch(err.at(-2) ?? "", /^chatp: .+/);
    assertMatch(err.at(-1) ?? "", /^ {2}try: .+/);
  }
  web.close();
  silent.close();
  await taken.close();
});

Deno.test("a changed certificate is refused before a byte is sent", async () => {
  await using data = await Folder.make();
  const first = await startServer(data.path);
  const { port } = first;
  {
    await using _ = first.server;
    const { code } = await chatp(
      ["connect", "alice", `127.0.0.1:${port}`],
      { data: data.path },
    );
    assertEquals(code, 0);
    first.server.signal("SIGTERM");
    await first.server.status();
  }
  await Deno.remove(`${data.path}/chatp/server.crt`);
  await Deno.remove(`${data.path}/chatp/server.key`);
  await using second = await Chatp.start(
    [
      "serve",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--log-level",
      "debug",
    ],
    { data: data.path },
  );
  await second.out.find(/Waiting/);
  const { code, err } = await chatp(
    ["connect", "alice", `127.0.0.1:${port}`],
    { data: data.path },
  );
  assertEquals(code, 18);
  assertMatch(
    err.at(-2) ?? "",
    /^chatp: The certificate of 127\.0\.0\.1:\d+ has changed: it was /,
  );
  assertEquals(second.out.all.some((line) => line.includes("alice")), false);
});

Deno.test("who leaves sets the name free at once, by the end of the input, /quit or a signal", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const args = ["connect", "robot", `chatp://127.0.0.1:${port}`];
  for (const input of ["one", "two\n/quit\n"]) {
    const robot = await chatp(args, { data: data.path, input });
    assertEquals([robot.code, robot.err], [0, []]);
  }
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? []
    : ["SIGINT", "SIGHUP"];
  for (const name of signals) {
    await using robot = await Chatp.start([...args, "--json"], {
      data: data.path,
    });
    await robot.out.find(/"type":"connected"/);
    robot.signal(name);
    assertEquals(await robot.status(), 130);
  }
  const last = await chatp(args, { data: data.path, input: "three" });
  assertEquals([last.code, last.err], [0, []]);
});

Deno.test("two guests whose server is killed come back, and read every text once", async () => {
  await using data = await Folder.make();
  const { server: first, port } = await startServer(data.path);
  const url = `chatp://127.0.0.1:${port}`;
  await using bob = await Chatp.start(["connect", "bob", url, "--json"], {
    data: data.path,
  });
  await bob.out.find(/"type":"caught_up"/);
  await using zoe = await Chatp.start(["connect", "zoe", url, "--json"], {
    data: data.path,
  });
  await zoe.out.find(/"type":"caught_up"/);
  const texts = Array.from({ length: 200 }, (_, index) => `text ${index}`);
  await zoe.write(texts.slice(0, 100).join("\n") + "\n");
  await bob.out.find(/"text":"text 20"/);
  first.signal("SIGKILL");
  await first.status();
  await first.end();
  await zoe.write(texts.slice(100).join("\n") + "\n");
  await using _ = await Chatp.start(
    ["serve", "--host", "127.0.0.1", "--port", String(port)],
    { data: data.path },
  );
  await zoe.end();
  assertEquals(await zoe.status(), 0);
  await bob.out.find(/"text":"text 199"/);
  const said = ({ out }: Chatp) =>
    out.all.map((line) => JSON.parse(line))
      .flatMap(({ type, text }) => type === "room_msg" ? [text] : []);
  assertEquals([said(bob), said(zoe)], [texts, []]);
});

Deno.test("on a port for another wire every client is told which one", async () => {
  await using data = await Folder.make();
  await using server = await Chatp.start(
    [
      "serve",
      "--memory",
      "--listen=cp://127.0.0.1:0",
      "--listen=cps://127.0.0.1:0",
    ],
    { data: data.path },
  );
  const [, port] = await server.out.find(/Server started on .*:(\d+)/);
  for (const scheme of ["chatps", "chatp", "json"]) {
    const { code, err } = await chatp(
      ["connect", "alice", `${scheme}://127.0.0.1:${port}`],
      { data: data.path, input: "" },
    );
    assertEquals([code, err.slice(-2)], [15, [
      "chatp: The server takes cp:// alone there",
      "  try: Connect with cp://",
    ]]);
  }
});

Deno.test("--register where it means nothing says how one gets an account there", async () => {
  await using data = await Folder.make();
  const elsewhere = "type /register over chatps://, or have chatp user add " +
    "make the account where the server is";
  for (
    const [url, how] of [
      ["chatp://127.0.0.1:1", "type /register"],
      ["chatp://127.0.0.1:1?v=1", elsewhere],
      ["json://127.0.0.1:1", elsewhere],
      ["cp://127.0.0.1:1", elsewhere],
    ] as const
  ) {
    const { err } = await chatp(["connect", "alice", url, "--register"], {
      data: data.path,
    });
    assertEquals(
      err[0],
      `chatp: warning: --register is for udpchat://; ${how}`,
      url,
    );
  }
});

const SKIPPED = hasScript() ? "" : " (skipped: util-linux's script is missing)";

Deno.test({
  name:
    `at a terminal /login asks for another name where somebody has the one that was typed${SKIPPED}`,
  ignore: SKIPPED !== "",
  fn: async () => {
    await using data = await Folder.make();
    const { server, port } = await startServer(data.path);
    await using _ = server;
    const url = `json://127.0.0.1:${port}`;
    await using _bob = await Chatp.start(["connect", "bob", url], {
      data: data.path,
    });
    await server.out.find(/bob logged in/);
    const alice = await TypedChatp.start(["connect", "alice", url], data.path);
    await alice.until("as alice, in general");
    await alice.type("/login bob\r");
    await alice.until("Name taken");
    await alice.until("Another name:");
    await alice.type("ca;rol\r");
    await alice.until('"ca;rol" is no name for a user');
    await alice.until("Another name:");
    await alice.type("carol\r");
    await alice.until("as carol, in general");
    await alice.type("/login bob\r");
    await alice.until("Another name:");
    await alice.type("\r");
    assertEquals(await alice.status(), 20);
  },
});
