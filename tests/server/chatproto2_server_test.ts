/** ChatProto 2 on real sockets: everybody on every wire talks to everybody. */

import { assert, assertEquals } from "@std/assert";
import type { ServerEvent } from "../../lib/wire/mod.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawClient, type TestWire } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const { login } = ChatProto2Client;
const OTHERS: readonly TestWire[] = ["chatp1", "json1", "json2"];

/** What two clients of different wires have in common. */
type Either = Pick<RawClient, "ask" | "event" | "close">;

/** Where an event says that it stands. */
const sequence = (event: { place?: { sequence: number } }) =>
  event.place?.sequence;

for (const secure of [false, true]) {
  const where = secure ? "in TLS" : "without TLS";
  Deno.test(`ChatProto 2 and every other wire talk in rooms and in private, both ways, ${where}`, () =>
    withServer(async (port) => {
      const people = new Map<string, Either>([
        ["coded", await login(port, "coded", { secure })],
        ["plain", await login(port, "plain", { secure, coded: false })],
      ]);
      for (const wire of OTHERS) {
        people.set(wire, await RawClient.login(port, wire, wire, { secure }));
      }
      for (const [name, from] of people) {
        for (const text of [`${name} says – é 🙂`, new Uint8Array([0, 255])]) {
          await everybodyHears(people, name, text);
          for (const [other, to] of people) {
            if (other === name) continue;
            from.ask({ type: "private_msg", recipient: other, text });
            const delivery = await to.event("private_msg_delivery");
            assertEquals([delivery.sender, delivery.text], [name, text]);
            const receipt = await from.event("private_msg_delivery");
            assertEquals([receipt.recipient, receipt.text], [other, text]);
          }
        }
      }
      for (const each of people.values()) await each.close();
    }));
}

async function everybodyHears(
  people: ReadonlyMap<string, Either>,
  name: string,
  text: string | Uint8Array,
): Promise<void> {
  const from = people.get(name) as Either;
  from.ask({ type: "room_msg", text });
  await from.event("room_msg_ack");
  for (const each of people.values()) {
    if (each === from) continue;
    const { type: _, ...heard } = await each.event("room_msg");
    assertEquals([heard.sender, heard.room, heard.text], [
      name,
      "general",
      text,
    ]);
  }
}

Deno.test("somebody on ChatProto 2 is in several rooms at once, and sees who comes and goes", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    await ann.answer({ type: "join_room", room: "red" }, "join_room");
    const { rooms } = await ann.event("rooms");
    assertEquals(rooms.map(({ name, kind }) => [name, kind]), [
      ["red", "public"],
    ]);
    const bob = await RawClient.login(port, "bob", "json2");
    const came = await ann.event("presence");
    assertEquals([came.room, came.user, came.here], ["general", "bob", true]);
    bob.say("to general");
    const { room } = await ann.event("room_msg");
    bob.ask({ type: "join_room", room: "red" });
    const moved = [await ann.event("presence"), await ann.event("presence")];
    assertEquals(moved.map(({ room, here }) => [room, here]), [
      ["general", false],
      ["red", true],
    ]);
    await bob.event("join_room");
    bob.say("to red");
    assertEquals([room, (await ann.event("room_msg")).room], [
      "general",
      "red",
    ]);
    ann.say("red too", "red");
    assertEquals((await bob.event("room_msg")).text, "red too");
    const left = await ann.answer(
      { type: "leave_room", room: "red" },
      "leave_room",
    );
    assertEquals(left.room, "red");
    await ann.close();
    await bob.close();
  }));

Deno.test("a group is made, told and left over ChatProto 2, and lists who is in it", () =>
  withServer(async (port) => {
    const [ann, ben] = [await login(port, "ann"), await login(port, "ben")];
    const cat = await RawClient.login(port, "cat", "json2");
    const made = await ann.answer(
      { type: "make_group", room: "den", users: ["ben"] },
      "make_group",
    );
    assertEquals(made.users, ["ann", "ben"]);
    const { user, room } = await ben.event("invitation");
    assertEquals([user, room], ["ann", "den"]);
    await ann.answer({ type: "invite", room: "den", user: "cat" }, "invite");
    const { members } = await ann.answer(
      { type: "list_members", room: "den" },
      "list_members",
    );
    assertEquals(members.map(({ name, here }) => [name, here]), [
      ["ann", true],
      ["ben", true],
      ["cat", true],
    ]);
    cat.ask({ type: "join_room", room: "den" });
    await cat.event("join_room");
    cat.say("in here");
    for (const each of [ann, ben]) {
      assertEquals((await each.event("room_msg")).room, "den");
    }
    ben.ask({ type: "leave_room", room: "den" });
    await ben.event("leave_room");
    ben.ask({ type: "list_members", room: "den" });
    assertEquals((await ben.event("error_msg")).code, 404);
    for (const each of [ann, ben, cat]) await each.close();
  }));

Deno.test("a page of history, a search and the people of a room come over ChatProto 2 as they were said", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    const bob = await RawClient.login(port, "bob", "json2");
    for (const text of ["one apple", "two pears", "three apples"]) {
      bob.say(text);
      await bob.event("room_msg_ack");
    }
    const page = await ann.answer(
      { type: "history", room: "general", limit: 2 },
      "history",
    );
    assertEquals(page.messages.map(({ text }) => text), [
      "two pears",
      "three apples",
    ]);
    assertEquals(page.messages.map(sequence), [2, 3]);
    assertEquals([page.room, page.more], ["general", true]);
    const found = await ann.answer(
      { type: "search", words: "two" },
      "search",
    );
    assertEquals(found.messages.map(({ sender, text }) => [sender, text]), [
      ["bob", "two pears"],
    ]);
    const { users } = await ann.answer({ type: "list_users" }, "list_users");
    assertEquals(users, ["ann", "bob"]);
    const { rooms } = await ann.answer({ type: "list_rooms" }, "list_rooms");
    assertEquals(rooms, ["general"]);
    await ann.close();
    await bob.close();
  }));

Deno.test("a name that was not told is asked for, and what it belongs to waits", () =>
  withServer(async (port) => {
    const bob = await RawClient.login(port, "bob", "json2");
    const cat = await RawClient.login(port, "cat", "chatp1");
    for (const each of [bob, cat]) {
      each.say("before");
      await each.event("room_msg_ack");
    }
    const ann = await login(port, "ann");
    await ann.event("position");
    bob.say("first");
    cat.say("second");
    const events: ServerEvent[] = [
      await ann.event("room_msg"),
      await ann.event("room_msg"),
    ];
    assertEquals(
      events.map((event) => "sender" in event ? event.sender : undefined),
      ["bob", "cat"],
    );
    for (const each of [ann, bob, cat]) await each.close();
    // It was told that of one; the other is known by the handle alone.
  }, { limits: { namesTold: 1, joinHistory: 0 } }));

Deno.test("when everybody has it, the author of a message is told, whatever the wire of the others", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    const ben = await login(port, "ben");
    const bob = await RawClient.login(port, "bob", "json2");
    ann.say("has everybody got this?");
    const { place } = await ann.event("room_msg_ack");
    assert(place !== undefined);
    await bob.event("room_msg");
    const heard = await ben.event("room_msg");
    assertEquals(heard.place?.sequence, place.sequence);
    const { room, sequence: received } = place;
    for (const each of [ann, ben]) {
      each.ask({ type: "receipt", room, received, read: received });
    }
    const all = await ann.event("received_by_all");
    assertEquals([all.room, all.sequence, all.behind], [room, received, 0]);
    for (const each of [ann, ben, bob]) await each.close();
  }));
