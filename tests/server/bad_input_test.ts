/** Whatever somebody sends: an answer in its own wire, and nobody else is hurt. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { printable, type ServerEvent } from "../../lib/wire/mod.ts";
import { RawClient, type TestWire } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));
const text = (utf8: Uint8Array) => new TextDecoder().decode(utf8);

/** An error's code, or the start of its text where the wire has no codes. */
function problem(event: ServerEvent): number | string {
  if (event.type === "login_reject") return event.reason.split(":")[0] ?? "";
  if (event.type !== "error_msg") return event.type;
  return event.code ?? event.text.split(":")[0] ?? "";
}

/** Runs a test with a bystander who must notice nothing and still be served. */
async function beside(
  test: (port: number) => Promise<void>,
  limits = {},
): Promise<void> {
  await withServer(async (port) => {
    const bystander = await RawClient.login(port, "bystander");
    await test(port);
    bystander.say("still here");
    assertEquals((await bystander.event("room_msg_ack")).type, "room_msg_ack");
    await bystander.close();
  }, { limits });
}

Deno.test("garbage is answered by ChatProto's 400 and a close", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port);
    client.write("\x00\x01\x02 no wire at all");
    assertEquals(problem(await client.next()), 400);
    await client.closed();
  }));

Deno.test("a peer that leaves in the middle of a frame harms nobody", () =>
  beside(async (port) => {
    const client = await RawClient.login(port, "alice");
    client.write(bytes("43 50 01 04 00 00 00 00 20 00 1e 68"));
    await client.close();
  }));

Deno.test("a header that claims too much gets 413 and a close before its body comes", () =>
  beside(async (port) => {
    const client = await RawClient.login(port, "alice");
    client.write(bytes("43 50 01 04 00 00 01 00 01"));
    assertEquals(problem(await client.event("error_msg")), 413);
    await client.closed();
  }));

Deno.test("a JSON line that is too long gets an error and a close", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port, "json2");
    client.write(`{"type":"login","username":"${"x".repeat(65_536)}`);
    assertEquals(problem(await client.event("error_msg")), "Too large");
    await client.closed();
  }));

Deno.test("a wrong version gets 400 and a close", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port);
    client.write(bytes("43 50 02 01 00 00 00 00 00"));
    assertEquals(problem(await client.next()), 400);
    await client.closed();
  }));

Deno.test("an unknown type gets 400 and the connection lives", () =>
  beside(async (port) => {
    const client = await RawClient.login(port, "alice");
    client.write(bytes("43 50 01 7f 00 00 00 00 00"));
    assertEquals(problem(await client.next()), 400);
    client.ask({ type: "list_rooms" });
    assertEquals((await client.next()).type, "list_rooms");
    await client.close();
  }));

Deno.test("invalid UTF-8 gets 400 and the connection lives, in both wires", () =>
  beside(async (port) => {
    const binary = await RawClient.login(port, "alice");
    binary.write(bytes("43 50 01 04 00 00 00 00 03 00 01 ff"));
    assertEquals(problem(await binary.next()), 400);
    const json = await RawClient.login(port, "bob", "json2");
    json.write(bytes("7b 22 ff 22 7d 0a"));
    assertEquals(problem(await json.next()), 400);
    binary.ask({ type: "list_users" });
    json.ask({ type: "list_users" });
    await binary.event("list_users");
    await json.event("list_users");
    await binary.close();
    await json.close();
  }));

const EVERY_WIRE: readonly TestWire[] = ["chatp1", "json1", "json2"];

for (const wire of EVERY_WIRE) {
  const code = (number: number, title: string) =>
    wire === "json1" ? title : number;

  Deno.test(`${wire}: a message before the login is refused and the connection lives`, () =>
    beside(async (port) => {
      const client = await RawClient.connect(port, wire);
      client.say("too early");
      // A JSON peer has not said yet that it speaks v2.
      const found = problem(await client.next());
      assertEquals(
        found,
        wire === "chatp1" ? 401 : "Not logged in or wrong password",
      );
      client.ask({ type: "login", username: "alice" });
      assertEquals((await client.next()).type, "login_ack");
      await client.close();
    }));

  Deno.test(`${wire}: a second login is refused and the connection lives`, () =>
    beside(async (port) => {
      const client = await RawClient.login(port, "alice", wire);
      client.ask({ type: "login", username: "alice" });
      assertEquals(problem(await client.next()), code(400, "Malformed"));
      client.ask({ type: "list_users" });
      assertEquals(await client.event("list_users"), {
        type: "list_users",
        room: "general",
        users: ["alice", "bystander"],
      });
      await client.close();
    }));

  for (
    const name of ["a\x1b[31mb", "x".repeat(21), "", "two words", "a\u202eb"]
  ) {
    Deno.test(`${wire}: the name "${printable(name)}" is rejected and the connection closed`, () =>
      beside(async (port) => {
        const client = await RawClient.connect(port, wire);
        client.ask({ type: "login", username: name });
        assertEquals(problem(await client.next()), "Malformed");
        await client.closed();
      }));
  }

  Deno.test(`${wire}: a name in use is rejected and the connection closed`, () =>
    beside(async (port) => {
      const client = await RawClient.connect(port, wire);
      client.ask({ type: "login", username: "BYSTANDER" });
      assertEquals(problem(await client.next()), "Name taken");
      await client.closed();
    }));

  Deno.test(`${wire}: a room that nobody may have is refused and one stays where one is`, () =>
    beside(async (port) => {
      const client = await RawClient.login(port, "alice", wire);
      client.ask({ type: "join_room", room: "General Chat Room" });
      assertEquals(problem(await client.next()), code(400, "Malformed"));
      client.ask({ type: "list_rooms" });
      assertEquals(await client.next(), {
        type: "list_rooms",
        rooms: ["general"],
      });
      await client.close();
    }));

  Deno.test(`${wire}: a text over the limit is refused, one at the limit is taken`, () =>
    beside(async (port) => {
      const client = await RawClient.login(port, "alice", wire);
      client.say("x".repeat(8_193));
      assertEquals(problem(await client.next()), code(413, "Too large"));
      client.say("x".repeat(8_192));
      assertEquals((await client.next()).type, "room_msg_ack");
      await client.close();
    }));

  Deno.test(`${wire}: a private message to nobody is refused`, () =>
    beside(async (port) => {
      const client = await RawClient.login(port, "alice", wire);
      client.ask({ type: "private_msg", recipient: "ghost", text: "boo" });
      assertEquals(problem(await client.next()), code(404, "Not found"));
      await client.close();
    }));
}

Deno.test("a client that never logs in is told and closed", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port);
    client.ask({ type: "list_rooms" });
    assertEquals(problem(await client.next()), 401);
    assertEquals(
      await client.next(),
      {
        type: "error_msg",
        code: 401,
        text: "Not logged in or wrong password: no login within 1 s",
      },
    );
    await client.closed();
  }, { loginTimeout: 1_000 }));

Deno.test("a client that never says anything is closed", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port);
    assertEquals((await client.closed()).length, 0);
  }, { loginTimeout: 1_000 }));

Deno.test("a client that never reads is dropped, and everybody else gets every message", () =>
  withServer(async (port) => {
    const deaf = await RawClient.login(port, "deaf");
    deaf.socket.pause();
    const bob = await RawClient.login(port, "bob");
    const alice = await RawClient.login(port, "alice");
    let left = false;
    let sent = 0;
    while (!left && sent < 20_000) {
      for (let index = 0; index < 50; index++) {
        alice.say(`${sent++} ${"x".repeat(8_000)}`);
      }
      for (let index = 0; index < 50;) {
        const event = await bob.next();
        if (event.type === "room_msg") index++;
        left ||= event.type === "system_msg" &&
          event.text === "deaf left general";
      }
    }
    assertEquals(left, true);
    await Promise.all([deaf.close(), bob.close(), alice.close()]);
  }, {
    limits: {
      requestsPerSecond: Infinity,
      requestBurst: Infinity,
      sendQueue: 65_536,
    },
  }));

Deno.test("a web browser is told what this is", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port);
    client.socket.removeAllListeners("data");
    let answer = "";
    client.socket.on("data", (chunk: Uint8Array) => answer += text(chunk));
    client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await client.closed();
    assertStringIncludes(answer, "HTTP/1.1 400 Bad Request\r\n");
    assertStringIncludes(answer, "chatp connect NAME HOST:PORT\n");
  }));

Deno.test("a peer that ends its sending gets all its replies, then the close", () =>
  beside(async (port) => {
    const client = await RawClient.connect(port, "json1");
    client.socket.end(
      '{"type":"login","username":"piped"}\n{"type":"room_msg","text":"hi"}\n{"type":"list_rooms"}\n',
    );
    const answer = text(await client.closed());
    assertEquals(
      answer,
      '{"type":"login_ack","username":"piped","room":"general"}\n' +
        '{"type":"room_msg_ack","id":1}\n' +
        '{"type":"list_rooms","rooms":["general"]}\n',
    );
  }));
