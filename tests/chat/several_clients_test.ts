/** Somebody with several clients, in whose rooms each gets everything. */

import { assertEquals } from "@std/assert";
import type { Reach, Session } from "../../lib/chat/mod.ts";
import type { ServerEvent } from "../../lib/wire/mod.ts";
import { ChatRoom, type ChatRoomOptions, type Peer } from "./chat_room.ts";
import { error, said } from "./expected.ts";

type Someone = Session<Peer>;

const NAMES = ["alice", "bob", "carol"] as const;

/** A hub with three accounts, and clients of theirs that are in. */
function withClients<
  const Clients extends readonly (readonly [name: string, reach: Reach])[],
>(
  clients: Clients,
  options: ChatRoomOptions = {},
): [ChatRoom, ...{ [Each in keyof Clients]: Someone }] {
  const room = new ChatRoom(options);
  for (const name of NAMES) room.addAccount(name, "secret");
  const sessions = clients.map(([name, reach]) =>
    room.login(name, { password: "secret", reach })
  ) as { [Each in keyof Clients]: Someone };
  for (const { peer } of sessions) peer.take();
  return [room, ...sessions];
}

/** Names of the rooms that one was told of, and what else one was told. */
function told({ peer }: Someone): unknown[] {
  const named = (event: ServerEvent) =>
    event.type === "rooms" ? event.rooms.map(({ name }) => name) : event.type;
  return peer.take().map(named);
}

/** A request, and its reply. */
const JOIN_TEA = { type: "join_room", room: "tea" } as const;

Deno.test("a room that two clients of an account join at once is told to each once, and followed from there", () => {
  const [room, one, two] = withClients([["alice", "many"], ["alice", "many"]], {
    streams: true,
  });
  room.holding.add("save");
  for (const each of [one, two]) room.ask(each, JOIN_TEA);
  while (room.held.length > 0) room.release();
  assertEquals(told(one), ["join_room", ["tea"], "names", "position"]);
  assertEquals(told(two), [["tea"], "names", "position", "join_room"]);
  room.ask(two, { type: "room_msg", room: "tea", text: "hi" });
  room.durable();
  assertEquals([told(one), told(two)], [["room_msg"], ["room_msg_ack"]]);
});

/** Alice and bob both invite carol to their group; nothing is written yet. */
function invitedTwice() {
  const [room, alice, bob, carol] = withClients([
    ["alice", "many"],
    ["bob", "many"],
    ["carol", "many"],
  ]);
  room.ask(alice, { type: "make_group", room: "den", users: ["bob"] });
  for (const each of [alice, bob]) told(each);
  room.holding.add("save");
  for (const each of [alice, bob]) {
    room.ask(each, { type: "invite", room: "den", user: "carol" });
  }
  return { room, alice, bob, carol };
}

Deno.test("who is invited by two at once is invited once, and both are answered", () => {
  const { room, alice, bob, carol } = invitedTwice();
  // Who asked second is told nothing before it is written, either.
  assertEquals([told(alice), told(bob)], [[], []]);
  while (room.held.length > 0) room.release();
  assertEquals(told(carol), ["invitation", ["den"]]);
  assertEquals(told(alice), ["invite", "presence"]);
  assertEquals(told(bob), ["presence", "invite"]);
});

Deno.test("who is invited by two at once is invited by the second if that of the first can't be written", () => {
  const { room, alice, bob, carol } = invitedTwice();
  room.refuse("the disk is full");
  room.release();
  assertEquals(alice.peer.take()[0], error(500, "the disk is full"));
  assertEquals(told(bob)[0], "invite");
  const [invitation] = carol.peer.take();
  assertEquals(invitation?.type === "invitation" && invitation.user, "bob");
});

Deno.test("a room that an account joins with one room at a time is told to its clients with many, and moves no other", () => {
  const [room, joins, many, stays, bob] = withClients([
    ["alice", "one"],
    ["alice", "many"],
    ["alice", "one"],
    ["bob", "many"],
  ]);
  room.ask(joins, JOIN_TEA);
  assertEquals([joins.peer.take(), told(many)], [[JOIN_TEA], [["tea"]]]);
  assertEquals(told(stays), []);
  room.ask(bob, JOIN_TEA);
  room.ask(bob, { type: "room_msg", room: "tea", text: "hi" });
  room.durable();
  const message = said("bob", "hi", "tea");
  assertEquals(joins.peer.take().at(-1), message);
  assertEquals(told(many), ["presence", "room_msg"]);
  assertEquals(told(stays), []);
  assertEquals(stays.room?.name.shown, "general");
  // The other client is in the room still, and so is its account.
  room.ask(joins, { type: "join_room", room: "general" });
  room.say(bob, "bye");
  room.ask(bob, { type: "room_msg", room: "tea", text: "still there?" });
  room.durable();
  room.durable();
  assertEquals(told(many), ["room_msg", "room_msg"]);
});

Deno.test("a room that an account joined is told to its other clients when the one that asked has gone", () => {
  for (const reach of ["one", "many"] as const) {
    const clients = [["alice", reach], ["alice", "many"]] as const;
    const [room, joins, other] = withClients(clients);
    room.holding.add("save");
    room.ask(joins, JOIN_TEA);
    room.disconnect(joins);
    while (room.held.length > 0) room.release();
    assertEquals(told(other), [["tea"]]);
    assertEquals([...other.seats].map(([{ name }]) => name.shown), [
      "general",
      "tea",
    ]);
  }
});

Deno.test("who is in one room at a time joins no more than one may be in where another client stays", () => {
  const clients = [["alice", "one"], ["alice", "many"]] as const;
  const [room, one] = withClients(clients, { limits: { roomsPerPerson: 3 } });
  for (const name of ["tea", "milk", "oil", "milk"]) {
    room.ask(one, { type: "join_room", room: name });
  }
  assertEquals(one.peer.take(), [
    JOIN_TEA,
    { type: "join_room", room: "milk" },
    error(403, "you are in 3 rooms: leave one first"),
    { type: "join_room", room: "milk" },
  ]);
});

Deno.test("what was said in a room that another client has left meanwhile is acknowledged with its place, outside the stream", () => {
  const [room, leaves, says] = withClients(
    [["alice", "many"], ["alice", "many"]],
    { streams: true },
  );
  room.ask(leaves, JOIN_TEA);
  const handle = room.hub.room("tea")?.handle ?? 0;
  room.ask(says, { type: "room_msg", room: "tea", text: "hi" });
  room.ask(leaves, { type: "leave_room", room: "tea" });
  says.peer.take();
  room.durable();
  const place = { id: 1, room: handle, sequence: 1, time: 1_000, sender: 101 };
  assertEquals(says.peer.take(), [{ type: "room_msg_ack", id: 1, place }]);
});
