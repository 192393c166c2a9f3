import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { MemoryStore } from "../../lib/chat/mod.ts";
import { RawClient } from "./raw_client.ts";
import {
  type Body,
  closeAll,
  UdpClient,
  type UdpServer,
  withUdp,
} from "./udp_client.ts";

const LOBBY = "General Chat Room";

/** Makes an account from an address of its own; answers the token of a login. */
async function tokenOf(client: UdpClient, username: string): Promise<unknown> {
  const body = await client.ask({
    type: "USR_LOGIN",
    username,
    password: "secret",
  });
  return (body["response"] as Body)["token"];
}

/** Waits for a line of the log. */
async function logged({ log }: UdpServer, pattern: RegExp): Promise<void> {
  while (!log.some((line) => pattern.test(line))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("who can't be reached over UDP gets what was said meanwhile, once they ask for anything", () =>
  withUdp(async (server) => {
    const { udp, tcp } = server;
    const alice = await UdpClient.login(udp, "alice");
    const bob = await RawClient.login(tcp, "bob");
    bob.say("one");
    assertEquals(await alice.heard(), `bob@${LOBBY}: one`);
    alice.deaf = true;
    bob.say("two");
    await logged(server, /alice left, .* \(udpchat\): unreachable/);
    bob.say("three");
    await bob.event("room_msg_ack");
    alice.deaf = false;
    const list = await alice.ask({ type: "USR_LST" });
    assertEquals(list["status"], 200);
    const two = await alice.push("CHT");
    assertEquals([two["text"], two["history"]], ["two", true]);
    assertEquals(await alice.heard(), `bob@${LOBBY}: three`);
    bob.say("four");
    assertEquals(await alice.heard(), `bob@${LOBBY}: four`);
    await alice.close();
    await bob.close();
  }));

Deno.test("who is not heard for longer than a UDP login lasts has to log in again", () =>
  withUdp(async (server) => {
    const { udp, tcp } = server;
    const alice = await UdpClient.login(udp, "alice");
    const bob = await RawClient.login(tcp, "bob");
    await alice.probed();
    alice.deaf = true;
    bob.say("anybody?");
    await logged(server, /alice left/);
    alice.deaf = false;
    assertEquals((await alice.ask({ type: "USR_LST" }))["status"], 401);
    await tokenOf(alice, "alice");
    assertEquals(await alice.heard(), `bob@${LOBBY}: anybody?`);
    await alice.close();
    await bob.close();
  }, { limits: { udpLogin: 0 } }));

Deno.test("a SYN with a token goes on from another port, and after a restart", async () => {
  const store = new MemoryStore();
  let token: unknown;
  let ack: Body = {};
  await withUdp(async ({ udp, log }) => {
    const old = await UdpClient.login(udp, "alice");
    token = await tokenOf(old, "alice");
    ack = await old.say("alice", "once", { ref: "0a" });
    await old.heard();
    const alice = await UdpClient.open(udp);
    assertEquals(await alice.syn({ username: "alice", token }), {
      status: 200,
      error: null,
      response: { username: "alice" },
    });
    assertEquals(await alice.say("alice", "once", { ref: "0a" }), {
      ...ack,
      repeated: true,
    });
    // The other port is nobody's any more.
    assertEquals((await old.ask({ type: "USR_LST" }))["status"], 401);
    assertMatch(log.join("\n"), /alice left, .*another connection/);
    await closeAll(old, alice);
  }, { store });
  await withUdp(async ({ udp }) => {
    const alice = await UdpClient.open(udp);
    const wrong = await alice.syn({ username: "alice", token: "x".repeat(32) });
    assertEquals(wrong["status"], 401);
    const right = await alice.syn({ username: "alice", token });
    assertEquals(right["status"], 200);
    assertEquals(await alice.say("alice", "once", { ref: "0a" }), {
      ...ack,
      repeated: true,
    });
    await alice.say("alice", "next");
    assertEquals(await alice.heard(), `alice@${LOBBY}: next`);
    await alice.close();
  }, { store });
});

Deno.test("a SYN with the name alone goes on from the same port, and from no other", () =>
  withUdp(async (server) => {
    const { udp } = server;
    const alice = await UdpClient.login(udp, "alice");
    assertEquals((await alice.syn({ username: "alice" }))["status"], 200);
    assertEquals((await alice.ask({ type: "USR_LST" }))["status"], 200);
    const other = await UdpClient.open(udp);
    assertEquals((await other.syn({ username: "alice" }))["status"], 401);
    assertEquals((await other.ask({ type: "USR_LST" }))["status"], 401);
    await closeAll(alice, other);
  }));

Deno.test("FIN logs out: nothing more is pushed, and the token means nothing", () =>
  withUdp(async (server) => {
    const { udp, tcp } = server;
    const alice = await UdpClient.login(udp, "alice");
    const token = await tokenOf(alice, "alice");
    assertEquals(await alice.fin(), {});
    await logged(server, /alice left, .*: logged out/);
    const before = alice.receivedBytes;
    const bob = await RawClient.login(tcp, "bob");
    bob.say("gone?");
    await bob.event("room_msg_ack");
    assertEquals((await alice.ask({ type: "USR_LST" }))["status"], 401);
    // An ACK is all that came: one of the SYN, and that of the request.
    assertNotEquals(alice.receivedBytes, before);
    assertEquals(
      (await alice.syn({ username: "alice", token }))["status"],
      401,
    );
    await alice.close();
    await bob.close();
  }));

Deno.test("a change of account at an address is what was asked last", () =>
  withUdp(async ({ udp }) => {
    const bob = await UdpClient.login(udp, "bob");
    const alice = await UdpClient.login(udp, "alice");
    await alice.fin();
    await bob.syn({ username: null });
    await tokenOf(bob, "alice");
    assertEquals((await bob.say("bob", "x"))["status"], 401);
    assertEquals((await bob.say("alice", "it is me"))["status"], 200);
    assertEquals(await bob.heard(), `alice@${LOBBY}: it is me`);
    await closeAll(alice, bob);
  }));

Deno.test("a reader on UDP that falls behind is logged out, and catches up when it comes back", () =>
  withUdp(async (server) => {
    const { udp, tcp } = server;
    const alice = await UdpClient.login(udp, "alice");
    await alice.probed();
    const bob = await RawClient.login(tcp, "bob");
    alice.deaf = true;
    const texts = Array.from({ length: 60 }, (_, n) => `${n} `.repeat(800));
    for (const text of texts) bob.say(text);
    await logged(server, /alice left, .*: acknowledges too slowly/);
    alice.deaf = false;
    await alice.ask({ type: "USR_LST" });
    for (const text of texts) {
      assertEquals(await alice.heard(), `bob@${LOBBY}: ${text}`);
    }
    await alice.close();
    await bob.close();
  }, { limits: { sendQueue: 16_384, requestBytes: 8_192 } }));
