/**
 * What one address or one client can do to the others, over real sockets: little
 * (docs/operations.md, "Bad neighbours").
 */

import { assert, assertEquals } from "@std/assert";
import { DEFAULT_LIMITS, type Limits } from "../../lib/chat/mod.ts";
import { WINDOW } from "../../lib/client/outbox.ts";
import type { Request, ServerEvent } from "../../lib/wire/mod.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawCp } from "./cp_client.ts";
import { RawClient, type TestWire } from "./raw_client.ts";
import { StillClock } from "./still_clock.ts";
import { type TestServerOptions, withServer } from "./test_server.ts";
import { UdpClient, withUdp } from "./udp_client.ts";

/** No address stands for many: loopback has its caps, too. */
const CAPPED: TestServerOptions = { isShared: () => false };

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

/** What a client of any stream wire can do. */
interface Client {
  ask(request: Request): void;
  write(bytes: Uint8Array | string): void;
  next(): Promise<ServerEvent>;
  close(): Promise<void>;
}

/** How a client of each comes in. */
const CLIENTS: Readonly<
  Record<string, (port: number, name: string) => Promise<Client>>
> = {
  chatp1: (port, name) => RawClient.login(port, name, "chatp1"),
  json1: (port, name) => RawClient.login(port, name, "json1"),
  json2: (port, name) => RawClient.login(port, name, "json2"),
  chatp2: async (port, name) => {
    const client = await ChatProto2Client.login(port, name);
    return Object.assign(client, {
      write: (bytes: Uint8Array | string) => client.socket.write(bytes),
    });
  },
};

/** The next error that somebody is told. */
async function nextError(client: Client): Promise<string> {
  for (;;) {
    const event = await client.next();
    if (event.type === "error_msg") return event.text;
  }
}

Deno.test("one address has so many connections, one more is told so in its wire's words", () =>
  withServer(async (port, server) => {
    const alice = await RawClient.login(port, "alice");
    const bob = await RawClient.login(port, "bob");
    const wires: TestWire[] = ["chatp1", "json2"];
    for (const wire of wires) {
      const carol = await RawClient.connect(port, wire);
      carol.ask({ type: "login", username: "carol" });
      const rejected = await carol.next();
      assertEquals(rejected, {
        type: "login_reject",
        reason: "Too fast: an address has at most 2 connections, " +
          "and yours has them",
        ...wire === "json2" && {
          code: 429,
          hint: "Close some, or ask whoever runs the server to allow more",
        },
      });
      await carol.closed();
    }
    const cp = await RawCp.connect(port);
    assertEquals(
      await cp.ask("USERcarol\r\n"),
      "500 Too fast: an address has at most 2 connections, " +
        "and yours has them\r\n",
    );
    await cp.close();
    assertEquals(server.counts.rejected.login[429], 2);
    assertEquals(server.counts.rejected.connection.crowd, 1);
    // They are who they were.
    alice.say("hi");
    assertEquals((await bob.event("room_msg")).text, "hi");
    await alice.close();
    await bob.event("system_msg");
    const carol = await RawClient.login(port, "carol");
    await carol.close();
    await bob.close();
  }, { ...CAPPED, limits: { connectionsPerAddress: 2 } }));

Deno.test("of an address's connections that say nothing only some are kept", () =>
  withServer(async (port, server) => {
    const alice = await RawClient.login(port, "alice");
    const silent = [];
    for (let index = 0; index < 1 + 16; index++) {
      silent.push(await RawClient.connect(port));
    }
    const late = await RawClient.connect(port);
    assertEquals((await late.closed()).length, 0);
    assertEquals(server.counts.rejected.connection.crowd, 1);
    alice.say("still here");
    await alice.event("room_msg_ack");
    for (const client of silent) await client.close();
    await alice.close();
  }, { ...CAPPED, limits: { connectionsPerAddress: 2 } }));

Deno.test("a proxy's address, as loopback is unless said otherwise, has no cap", () =>
  withServer(async (port) => {
    const clients = [];
    for (const name of ["alice", "bob", "carol", "dave"]) {
      clients.push(await RawClient.login(port, name));
    }
    for (const client of clients) await client.close();
  }, {
    limits: { connectionsPerAddress: 1, guestsPerAddress: 1, loginBurst: 1 },
  }));

/** The beginning of a message on each wire, and never its end. */
const HALVES: Readonly<Record<string, Uint8Array | string>> = {
  chatp1: bytes("43 50 01 04 00 00 00 00 20 00 1e 68"),
  json1: '{"type":"room_msg","text":"h',
  json2: '{"type":"room_msg","text":"h',
  // A frame of 32 bytes, of which two have come.
  chatp2: bytes("20 10 01"),
};

for (const [wire, enter] of Object.entries(CLIENTS)) {
  Deno.test(`${wire}: who sends half a message, however slowly it goes on, is told and closed`, () =>
    withServer(async (port) => {
      const bob = await RawClient.login(port, "bob");
      const alice = await enter(port, "alice");
      alice.write(HALVES[wire]!);
      const trickle = setInterval(() => alice.write("0"), 400);
      assertEquals(
        await nextError(alice),
        "Malformed: a request that has begun has 0.5 s to come whole",
      );
      clearInterval(trickle);
      const left = "alice left general";
      for (;;) {
        const event = await bob.event("system_msg");
        if (event.text === left) break;
      }
      await alice.close();
      await bob.close();
    }, { limits: { frameTimeout: 500 } }));
}

/** Mutes soon, for as long as a test lasts. */
const SOON: Partial<Limits> = {
  requestsPerSecond: 2,
  requestBurst: 4,
  muteGrace: 1,
  muteAfter: 2,
};

for (const [wire, enter] of Object.entries(CLIENTS)) {
  Deno.test(`${wire}: who asks on in spite of 429 is muted, and hears the others`, () =>
    withServer(async (port, server) => {
      const bob = await RawClient.login(port, "bob");
      const alice = await enter(port, "alice");
      await bob.event("system_msg");
      let told = "";
      while (!told.includes("muted")) {
        alice.ask({ type: "list_rooms" });
        const event = await alice.next();
        if (event.type === "error_msg") told = event.text;
      }
      assertEquals(
        told,
        "Too fast: you asked on in spite of that and are muted for 60 s",
      );
      assertEquals(server.mutes, 1);
      alice.ask({ type: "room_msg", text: "let me" });
      assertEquals(
        await nextError(alice),
        "Too fast: you are muted for another 60 s",
      );
      bob.say("hi");
      await bob.event("room_msg_ack");
      for (;;) {
        const event = await alice.next();
        if (event.type !== "room_msg") continue;
        assertEquals(event.text, "hi");
        break;
      }
      await alice.close();
      await bob.close();
    }, { limits: SOON }));
}

Deno.test("over UDP who asks on in spite of 429 is muted, in the status of its ACKs", () =>
  withUdp(async ({ udp, server }) => {
    const alice = await UdpClient.login(udp, "alice");
    let answer: Readonly<Record<string, unknown>> = {};
    while (!String(answer["error"]).includes("muted")) {
      answer = await alice.ask({ type: "USR_LST" });
    }
    assertEquals([answer["status"], answer["error"], server.mutes], [
      429,
      "Too fast: you asked on in spite of that and are muted for 60 s",
      1,
    ]);
    await alice.close();
  }, {
    // Twice as many datagrams are looked at: the last of these is over.
    limits: { ...SOON, requestsPerSecond: 50, requestBurst: 50, muteAfter: 0 },
  }));

Deno.test("who is muted and floods on is read from no faster than it might ask", () => {
  const clock = new StillClock();
  return withServer(async (port, server) => {
    const bob = await RawClient.login(port, "bob");
    const alice = await RawClient.login(port, "alice", "json2");
    const line = '{"type":"list_rooms"}\n';
    // The login was one of fifty.
    alice.write(line.repeat(50));
    await nextError(alice);
    clock.pass(1);
    alice.write(line.repeat(1_000));
    // What one turn of the event loop read would be all of it.
    const read = async () => {
      for (let count = 0; count < 5; count++) {
        bob.ask({ type: "list_rooms" });
        await bob.event("list_rooms");
      }
      return server.requests - bobs;
    };
    let bobs = server.requests;
    while (!(await nextError(alice)).includes("muted for")) { /* not yet */ }
    for (let count = 0; count < 50; count++) await nextError(alice);
    bobs += 5;
    const before = await read();
    for (const second of [1, 2]) {
      clock.pass(1_000);
      for (let count = 0; count < 50; count++) await nextError(alice);
      bobs += 5;
      assertEquals(await read(), before + 50 * second);
    }
    await alice.close();
    await bob.close();
  }, {
    clock,
    limits: {
      requestsPerSecond: 50,
      requestBurst: 50,
      muteGrace: 0,
      muteAfter: 2,
    },
  });
});

/** Values that are much to read, as fields that nobody knows. */
const BOMBS: Readonly<Record<string, string>> = {
  "brackets within brackets": "[".repeat(32_000) + "]".repeat(32_000),
  "objects within objects": '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000),
  "a long list of numbers": `[${"1,".repeat(32_000)}1]`,
};

for (const [what, value] of Object.entries(BOMBS)) {
  Deno.test(`JSON with ${what} counts by its bytes, and one client has few of them`, () =>
    withServer(async (port) => {
      const bob = await RawClient.login(port, "bob");
      const alice = await RawClient.login(port, "alice", "json2");
      alice.write(`{"type":"list_rooms","x":${value}}\n`.repeat(20));
      const answers = [];
      while (answers.length < 20) {
        const event = await alice.next();
        if (event.type === "list_rooms" || event.type === "error_msg") {
          answers.push(event.type === "error_msg" ? event.code : 0);
        }
      }
      // Of the five hundred requests that she may ask at once, each is some 60.
      const taken = answers.filter((code) => code === 0).length;
      assert(taken >= 7 && taken <= 9, `${taken} were taken`);
      assertEquals(new Set(answers), new Set([0, 429]));
      bob.say("still here");
      await bob.event("room_msg_ack");
      await alice.close();
      await bob.close();
    }, { limits: { requestsPerSecond: 1 } }));
}

Deno.test("who comes and goes all the time is refused, and the others are told little", () =>
  withServer(async (port) => {
    const bob = await RawClient.login(port, "bob");
    const alice = await RawClient.login(port, "alice", "json2");
    const rooms = ["tea", "general"];
    for (let count = 0; count < 149; count++) {
      alice.ask({ type: "join_room", room: rooms[count % 2]! });
    }
    let refused = 0;
    for (let count = 0; count < 149;) {
      const event = await alice.next();
      if (event.type === "join_room") count++;
      if (event.type !== "error_msg") continue;
      assertEquals(event.code, 429);
      refused++;
      count++;
    }
    // A login and 499 left, ten a join.
    assertEquals(refused, 100);
    bob.say("done");
    let notices = 0;
    for (;;) {
      const event = await bob.next();
      if (event.type === "room_msg_ack") break;
      notices++;
    }
    assertEquals(notices, 1 + 49);
    await alice.close();
    await bob.close();
  }, { limits: { requestsPerSecond: 1 } }));

Deno.test("a storm of logins from one address is refused, and counted", () =>
  withServer(async (port, server) => {
    const answers: string[] = [];
    for (let count = 0; count < 8; count++) {
      const client = await RawClient.connect(port, "json2");
      client.ask({ type: "login", username: `guest${count}` });
      const event = await client.next();
      answers.push(event.type === "login_reject" ? event.reason : event.type);
      await client.close();
    }
    assertEquals(answers.slice(0, 4), Array(4).fill("login_ack"));
    assertEquals(
      answers[7],
      "Too fast: too many logins from your address, wait one second",
    );
    assertEquals(server.counts.rejected.login[429], 4);
  }, { ...CAPPED, limits: { loginsPerSecond: 0.001, loginBurst: 4 } }));

Deno.test("our own client's window is not over what mutes", () => {
  // Whoever has a whole window on its way behind a 429 is not to blame.
  assert(DEFAULT_LIMITS.muteAfter > WINDOW);
});
