/** What a server makes of ChatProto 2's bytes, however they come or fail to. */

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import { ChatProto2ClientCodec } from "../../lib/wire/mod.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawClient } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const { connect, login } = ChatProto2Client;
const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

/** Sends bytes as they are; answers all that came until the server closed. */
async function until(port: number, pieces: Iterable<Uint8Array>) {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  const received: Uint8Array[] = [];
  socket.on("data", (piece: Uint8Array) => received.push(piece));
  socket.on("error", () => {});
  await once(socket, "connect");
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  if (!socket.closed) await once(socket, "close");
  return Buffer.concat(received).toString("hex");
}

Deno.test("a preface and what is behind it may come byte by byte", () =>
  withServer(async (port) => {
    const client = await connect(port);
    const codec = new ChatProto2ClientCodec();
    const all = Buffer.concat([
      codec.encode({ type: "login", username: "ann" }),
      codec.encode({ type: "list_rooms" }),
    ]);
    // The client's own codec has to be of the same mind.
    client.codec.encode({ type: "login", username: "ann" });
    client.codec.encode({ type: "list_rooms" });
    for (const byte of all) {
      const piece = new Uint8Array([byte]);
      await new Promise((resolve) => client.socket.write(piece, resolve));
    }
    assertEquals((await client.event("login_ack")).username, "ann");
    assertEquals((await client.event("list_rooms")).rooms, ["general"]);
    await client.close();
  }));

Deno.test("requests right behind the preface are answered in their order", () =>
  withServer(async (port) => {
    const client = await connect(port);
    client.socket.cork();
    client.ask({ type: "login", username: "ann" });
    client.say("at once");
    client.ask({ type: "join_room", room: "red" });
    client.ask({ type: "private_msg", recipient: "nobody", text: "psst" });
    client.ask({ type: "list_rooms" });
    client.socket.uncork();
    const replies: string[] = [];
    while (replies.length < 5) {
      const event = await client.next();
      if (client.codec.answers(event)) replies.push(event.type);
    }
    assertEquals(replies, [
      "login_ack",
      "room_msg_ack",
      "join_room",
      "error_msg",
      "list_rooms",
    ]);
    await client.close();
  }));

Deno.test("hundreds of requests on their way get one reply each, in their order", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    const ben = await login(port, "ben", { coded: false });
    const count = 400;
    for (let index = 0; index < count; index++) {
      ann.say(`a${index}`);
      if (index % 4 === 0) ann.ask({ type: "list_rooms" });
    }
    const replies: string[] = [];
    let sequence = 0;
    while (replies.length < count * 5 / 4) {
      const event = await ann.next();
      if (!ann.codec.answers(event)) continue;
      replies.push(event.type);
      if (event.type !== "room_msg_ack") continue;
      assertEquals(event.place?.sequence, ++sequence);
    }
    const round = Array.from({ length: 5 }, () => "room_msg_ack");
    round[1] = "list_rooms";
    const expected = Array.from({ length: count / 4 }, () => round).flat();
    assertEquals(replies, expected);
    for (let index = 0; index < count; index++) {
      assertEquals((await ben.event("room_msg")).text, `a${index}`);
    }
    await ann.close();
    await ben.close();
  }, { limits: { requestBurst: 1_000 } }));

Deno.test("a mistake is refused in its place, and the connection lives", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    ann.ask({ type: "leave_room", room: 4_711 });
    assertEquals((await ann.event("error_msg")).code, 404);
    ann.ask({ type: "private_msg", recipient: "nobody", text: "psst" });
    assertEquals((await ann.event("error_msg")).code, 404);
    ann.say("x".repeat(9_000));
    assertEquals((await ann.event("error_msg")).code, 413);
    // A JOIN whose name ends behind the frame: 400, and the next one counts.
    ann.codec.encode({ type: "list_rooms" });
    ann.socket.write(bytes("03 80 05 61"));
    assertEquals((await ann.event("error_msg")).code, 400);
    await ann.answer({ type: "list_rooms" }, "list_rooms");
    await ann.close();
  }));

Deno.test("a frame that claims too much gets 413 and a close before its bytes come", () =>
  withServer(async (port) => {
    const bystander = await RawClient.login(port, "bystander");
    const head = bytes("43 50 02 00 00 00 00 00 00 81 80 04");
    const answer = await until(port, [head]);
    assert(answer.startsWith("4350020000000000"), answer);
    const client = await login(port, "ann");
    client.socket.write(bytes("81 80 04"));
    assertEquals((await client.event("error_msg")).code, 413);
    await client.closed();
    bystander.say("still here");
    await bystander.event("room_msg_ack");
    await bystander.close();
  }));

Deno.test("bytes that are no frame of ChatProto 2 end their own connection alone", () =>
  withServer(async (port) => {
    const bystander = await login(port, "bystander");
    const heads = [
      // A length that never ends.
      "43 50 02 00 00 00 00 00 00 80 80 80 80 80 80 80 80 80 00",
      // A preface with a body.
      "43 50 02 00 00 00 00 00 07",
      // A preface with a type.
      "43 50 02 01 00 00 00 00 00",
      // An extended kind that is not there.
      "43 50 02 00 00 00 00 00 00 01 f0",
    ];
    for (const head of heads) await until(port, [bytes(head)]);
    await bystander.ping();
    await bystander.close();
  }));

Deno.test("a server that goes down says so to its clients on ChatProto 2", async () => {
  let ann: ChatProto2Client | undefined;
  await withServer(async (port) => {
    ann = await login(port, "ann");
  });
  assertEquals((await ann?.event("error_msg"))?.code, 503);
  await ann?.closed();
});
