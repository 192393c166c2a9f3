/** The server as its clients see it, on real sockets. */

import { assertEquals, assertRejects } from "@std/assert";
import { type Draft, MemoryStore, type Stored } from "../../lib/chat/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import type { ServerEvent } from "../../lib/wire/mod.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawClient, type TestWire } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const WIRES: readonly { wire: TestWire; secure: boolean }[] = [
  { wire: "json1", secure: false },
  { wire: "json2", secure: false },
  { wire: "chatp1", secure: false },
  { wire: "chatp1", secure: true },
  { wire: "json2", secure: true },
];

async function joined(clients: readonly RawClient[], name: string) {
  for (const client of clients) {
    const { text } = await client.event("system_msg");
    assertEquals(text, `${name} joined general`);
  }
}

Deno.test("clients of v1, v2, v3 and v4 come to one port and talk to each other", () =>
  withServer(async (port) => {
    const clients: RawClient[] = [];
    for (const [index, { wire, secure }] of WIRES.entries()) {
      const name = `user${index}`;
      const client = await RawClient.login(port, name, wire, { secure });
      await joined(clients, name);
      clients.push(client);
    }
    for (const [index, sender] of clients.entries()) {
      sender.say(`from ${index} – é 🙂`);
      assertEquals(await sender.next(), {
        type: "room_msg_ack",
        id: index + 1,
      });
      for (const reader of clients) {
        if (reader === sender) continue;
        assertEquals(await reader.next(), {
          type: "room_msg",
          room: "general",
          sender: `user${index}`,
          text: `from ${index} – é 🙂`,
        });
      }
    }
    for (const client of clients) await client.close();
  }));

Deno.test("ciphertext passes from wire to wire as it is", () =>
  withServer(async (port) => {
    const binary = await RawClient.login(port, "alice");
    const json = await RawClient.login(port, "bob", "json2");
    await joined([binary], "bob");
    const text = new Uint8Array([0, 255, 128, 10]);
    binary.ask({ type: "private_msg", recipient: "bob", text });
    const delivery: ServerEvent = {
      type: "private_msg_delivery",
      sender: "alice",
      recipient: "bob",
      text,
    };
    assertEquals(await binary.next(), delivery);
    assertEquals(await json.next(), delivery);
    await binary.close();
    await json.close();
  }));

Deno.test("many messages sent at once come to everybody once and in order", () =>
  withServer(async (port) => {
    const [alice, bob, carol] = [
      await RawClient.login(port, "alice"),
      await RawClient.login(port, "bob", "json1"),
      await RawClient.login(port, "carol", "chatp1", { secure: true }),
    ];
    const count = 500;
    for (let index = 0; index < count; index++) alice.say(`a${index}`);
    for (let index = 0; index < count; index++) bob.say(`b${index}`);
    const seen = async (client: RawClient, messages: number) => {
      const texts: string[] = [];
      while (texts.length < messages) {
        texts.push(String((await client.event("room_msg")).text));
      }
      return texts;
    };
    const [fromBob, fromAlice, all] = await Promise.all([
      seen(alice, count),
      seen(bob, count),
      seen(carol, 2 * count),
    ]);
    const numbered = (letter: string) =>
      Array.from({ length: count }, (_, index) => `${letter}${index}`);
    assertEquals(fromBob, numbered("b"));
    assertEquals(fromAlice, numbered("a"));
    assertEquals(all.filter((text) => text.startsWith("a")), numbered("a"));
    assertEquals(all.filter((text) => text.startsWith("b")), numbered("b"));
    await Promise.all([alice.close(), bob.close(), carol.close()]);
  }));

/** A log whose appends wait until a test lets them go. */
class HeldLog extends MemoryStore {
  readonly held: (() => void)[] = [];
  #id = 0;

  override append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Stored[]>();
    this.held.push(() =>
      resolve(drafts.map(() => ({ id: ++this.#id, sequence: this.#id })))
    );
    return promise;
  }
}

Deno.test("a shutdown waits for what was accepted, then tells everybody", async () => {
  const log = new HeldLog();
  const clients: RawClient[] = [];
  let closing: Promise<void> | undefined;
  await withServer(async (port, server) => {
    const alice = await RawClient.login(port, "alice");
    const bob = await RawClient.login(port, "bob");
    clients.push(alice, bob);
    alice.say("accepted");
    // An answer to bob shows that the turn with alice's message is over.
    while (log.held.length === 0) {
      bob.ask({ type: "list_rooms" });
      await bob.event("list_rooms");
    }
    closing = server.close();
    log.held[0]?.();
    assertEquals((await alice.event("room_msg_ack")).id, 1);
    assertEquals((await alice.event("error_msg")).code, 503);
    assertEquals((await bob.event("room_msg")).text, "accepted");
    assertEquals((await bob.event("error_msg")).code, 503);
    await alice.closed();
    await bob.closed();
    await closing;
    await assertRejects(() => RawClient.connect(port));
  }, { log });
});

for (const secure of [false, true]) {
  const where = secure ? "in TLS" : "without TLS";

  Deno.test(`what somebody has when the server shuts down does not come again, ${where}`, async () => {
    const log = new MemoryStore();
    const username = "alice";
    const password = "long enough";
    await withServer(async (port) => {
      const first = await ChatProto2Client.connect(port);
      const request = { type: "register", username, password } as const;
      await first.answer(request, "login_ack");
      await first.close();
      const bob = await RawClient.login(port, "bob");
      const alice = await RawClient.login(port, username, "json2", {
        secure,
        password,
      });
      bob.say("once");
      assertEquals((await alice.event("room_msg")).text, "once");
      await bob.close();
    }, { log });
    const { rooms: [room], people, members } = await log.load();
    assertEquals(room?.last, 1);
    const alice = people.find(({ name }) => name === username)?.handle;
    const member = members.find(({ person }) => person === alice);
    assertEquals(member?.received, 1);
  });
}

Deno.test("a store that is opened and can't be read is closed", async () => {
  class Unreadable extends MemoryStore {
    closed = false;

    override load(): Promise<never> {
      return Promise.reject(new Error("the disk is broken"));
    }

    override close(): Promise<void> {
      this.closed = true;
      return super.close();
    }
  }
  const log = new Unreadable();
  await assertRejects(
    () => withServer(() => Promise.resolve(), { log }),
    Error,
    "the disk is broken",
  );
  assertEquals(log.closed, true);
});

Deno.test("a port that is taken is told in one line", () =>
  withServer((port) =>
    assertRejects(
      () => withServer(() => Promise.resolve(), { port }),
      UserError,
      String(port),
    ).then(() => {})
  ));
