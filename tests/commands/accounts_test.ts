/** Accounts as a server has them, over sockets, with commands beside it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hashPassword, openAccounts, openStore } from "../../lib/store/mod.ts";
import { parseUsername, type ServerEvent } from "../../lib/wire/mod.ts";
import { RawClient, type TestWire } from "../server/raw_client.ts";
import { Folder, startServer } from "./chatp_process.ts";

const PASSWORD = "Tr0ub4dor&3";
const WIRES: readonly TestWire[] = ["chatp1", "json1", "json2"];

const verifier = await hashPassword(PASSWORD);

/** Changes the accounts as `chatp user` does, with a server running or not. */
function changeAccounts(
  data: Folder,
  change: (accounts: ReturnType<typeof openAccounts>) => void,
): void {
  const accounts = openAccounts(`${data.path}/chatp`);
  try {
    change(accounts);
  } finally {
    accounts.close();
  }
}

function add(data: Folder, name: string): void {
  changeAccounts(
    data,
    (accounts) => accounts.add(parseUsername(name), verifier, 1_000),
  );
}

/** How a login is answered. */
async function answer(
  port: number,
  username: string,
  wire: TestWire,
  password?: string,
): Promise<ServerEvent> {
  const client = await RawClient.connect(port, wire);
  const given = password === undefined ? {} : { password };
  client.ask({ type: "login", username, ...given });
  const event = await client.next();
  await client.close();
  return event;
}

/** Everything that comes before the answer to a question that is asked now. */
async function sofar(client: RawClient): Promise<ServerEvent[]> {
  client.ask({ type: "list_rooms" });
  const events: ServerEvent[] = [];
  for (;;) {
    const event = await client.next();
    if (event.type === "list_rooms") return events;
    events.push(event);
  }
}

Deno.test("a name that has an account is taken with its password alone, on every wire, from when it is made", async () => {
  await using data = await Folder.make();
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const before = await answer(port, "alice", "json2");
  assertEquals(before.type, "login_ack");
  add(data, "Alice");
  for (const wire of WIRES) {
    const reason = async (password?: string) => {
      const event = await answer(port, "alice", wire, password);
      return event.type === "login_reject" ? event.reason : event.type;
    };
    assertEquals([await reason(), await reason("tr0ub4dor&3")], [
      "Not logged in or wrong password: " +
      "this name can be used with its password alone",
      "Not logged in or wrong password: the name or the password is wrong",
    ]);
    assertEquals(await answer(port, "ALICE", wire, PASSWORD), {
      type: "login_ack",
      username: "Alice",
      room: "general",
    });
  }
  const log = server.out.all.join("\n");
  assertStringIncludes(log, "Login refused (401)");
  assert(!log.includes("tr0ub4dor") && !log.includes(PASSWORD), log);
});

Deno.test("what an account missed comes once and in order when it is back, also after a restart", async () => {
  await using data = await Folder.make();
  add(data, "alice");
  const first = await startServer(data.path);
  await using _first = first.server;
  const as = (port: number, wire: TestWire) =>
    RawClient.login(port, "alice", wire, { password: PASSWORD });
  await (await as(first.port, "json1")).close();
  const bob = await RawClient.login(first.port, "bob");
  bob.say("one");
  bob.ask({ type: "private_msg", recipient: "alice", text: "psst" });
  bob.say("two");
  bob.ask({ type: "private_msg", recipient: "Alice", text: "still?" });
  for (let pair = 0; pair < 2; pair++) {
    await bob.event("room_msg_ack");
    await bob.event("private_msg_delivery");
  }
  first.server.signal("SIGTERM");
  assertEquals(await first.server.status(), 0);

  const { server, port } = await startServer(data.path);
  await using _ = server;
  const alice = await as(port, "chatp1");
  const room = (text: string) =>
    ({
      type: "room_msg",
      room: "general",
      sender: "bob",
      text,
      history: true,
    }) as const;
  const direct = (text: string) =>
    ({
      type: "private_msg_delivery",
      sender: "bob",
      recipient: "alice",
      text,
      history: true,
    }) as const;
  const missed: ServerEvent[] = [];
  while (missed.length < 4) missed.push(await alice.next());
  const of = (wanted: ServerEvent["type"]) =>
    missed.filter(({ type }) => type === wanted);
  assertEquals(of("room_msg"), [room("one"), room("two")]);
  assertEquals(of("private_msg_delivery"), [direct("psst"), direct("still?")]);
  // Its end is known to the server before the next login is.
  const other = await RawClient.login(port, "carol");
  await alice.close();
  await other.event("system_msg");
  const again = await as(port, "json2");
  assertEquals(await sofar(again), []);
  other.ask({ type: "private_msg", recipient: "alice", text: "welcome" });
  const { text } = await again.event("private_msg_delivery");
  assertEquals(text, "welcome");
});

Deno.test("an account is online from several clients, and each gets everything, also what another one said", async () => {
  await using data = await Folder.make();
  add(data, "alice");
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const [bob, one, two] = [
    await RawClient.login(port, "bob"),
    await RawClient.login(port, "alice", "json2", { password: PASSWORD }),
    await RawClient.login(port, "alice", "chatp1", { password: PASSWORD }),
  ];
  one.say("from the first");
  const said = {
    type: "room_msg",
    room: "general",
    sender: "alice",
    text: "from the first",
  } as const;
  assertEquals(await bob.event("room_msg"), said);
  assertEquals(await two.event("room_msg"), said);
  two.ask({ type: "private_msg", recipient: "bob", text: "hello" });
  const delivery = {
    type: "private_msg_delivery",
    sender: "alice",
    recipient: "bob",
    text: "hello",
  } as const;
  for (const client of [bob, one, two]) {
    assertEquals(await client.event("private_msg_delivery"), delivery);
  }
});

Deno.test("another password, or the end of an account, ends its connections", async () => {
  await using data = await Folder.make();
  add(data, "alice");
  const { server, port } = await startServer(data.path);
  await using _ = server;
  const login = (password: string) =>
    RawClient.login(port, "alice", "json2", { password });
  const first = await login(PASSWORD);
  const changed = await hashPassword("another one");
  changeAccounts(
    data,
    (accounts) => accounts.setVerifier(parseUsername("alice"), changed),
  );
  assertEquals(await first.event("error_msg"), {
    type: "error_msg",
    code: 401,
    text: "Not logged in or wrong password: the password was changed",
    hint: "Log in first, and check the user name and the password",
  });
  await first.closed();
  const second = await login("another one");
  changeAccounts(data, (accounts) => accounts.remove(parseUsername("alice")));
  const { text } = await second.event("error_msg");
  assertEquals(
    text,
    "Not logged in or wrong password: this account was removed",
  );
  await second.closed();
  assertEquals((await answer(port, "alice", "json2")).type, "login_ack");
});

Deno.test("with --accounts-only an unknown name is refused as a wrong password is", async () => {
  await using data = await Folder.make();
  add(data, "alice");
  const { server, port } = await startServer(data.path, "--accounts-only");
  await using _ = server;
  for (const password of [undefined, "wrong"]) {
    assertEquals(
      await answer(port, "nobody", "json2", password),
      await answer(port, "alice", "json2", password),
    );
  }
  const { type } = await answer(port, "alice", "json2", PASSWORD);
  assertEquals(type, "login_ack");
});

Deno.test("--retain removes what is older, and what a room shows begins behind it", async () => {
  await using data = await Folder.make();
  const store = await openStore({ folder: `${data.path}/chatp` });
  const hour = 3_600_000;
  const drafts = [50, 25, 23].map((hours) => ({
    room: "#general",
    sender: "old",
    text: `${hours} hours ago`,
    time: Date.now() - hours * hour,
  }));
  await store.append(drafts);
  await store.close();
  const { server, port } = await startServer(data.path, "--retain", "1");
  await using _ = server;
  await server.out.find(/Removed 2 old messages/);
  const client = await RawClient.login(port, "alice");
  assertEquals(await client.event("room_msg"), {
    type: "room_msg",
    room: "general",
    sender: "old",
    text: "23 hours ago",
    history: true,
  });
  assertEquals(await sofar(client), []);
});
