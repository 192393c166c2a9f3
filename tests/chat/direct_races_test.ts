/** What happens between the first message to somebody and its room of two. */

import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { error, told } from "./expected.ts";

type Someone = Session<Peer>;

function two(first = {}, second = {}): [ChatRoom, Someone, Someone] {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice", first), room.login("bob", second)];
  alice.peer.take();
  bob.peer.take();
  return [room, alice, bob];
}

const write = (
  room: ChatRoom,
  session: Someone,
  recipient: string,
  text: string,
) => room.ask(session, { type: "private_msg", recipient, text });

Deno.test("two who write to each other at the same moment have one room", () => {
  const [room, alice, bob] = two();
  room.holding.add("open");
  write(room, alice, "bob", "1");
  write(room, bob, "alice", "2");
  write(room, alice, "bob", "3");
  assertEquals(room.held.length, 1);
  room.release();
  while (room.appended.length > 0) room.durable();
  const all = [
    told("alice", "bob", "1"),
    told("alice", "bob", "3"),
    told("bob", "alice", "2"),
  ];
  const sorted = ({ peer }: Someone) =>
    peer.take().sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  assertEquals([sorted(alice), sorted(bob)], [all, all]);
  assertEquals(Object.keys(room.past).length, 1);
});

for (const kind of ["open", "save"] as const) {
  Deno.test(`a message whose room can't be made is refused, and what is behind it goes on (${kind})`, () => {
    const room = new ChatRoom();
    room.addAccount("alice", "secret");
    const alice = room.login("alice", { password: "secret" });
    room.login("bob");
    alice.peer.take();
    room.holding.add(kind);
    write(room, alice, "bob", "1");
    room.ask(alice, { type: "list_rooms" });
    room.refuse("the disk is full");
    assertEquals(alice.peer.take(), [
      error(500, "the disk is full"),
      { type: "list_rooms", rooms: ["general"] },
    ]);
    room.holding.clear();
    write(room, alice, "bob", "2");
    room.durable();
    assertEquals(alice.peer.take(), [told("alice", "bob", "2")]);
  });
}

Deno.test("a guest who goes before the room of two is made has not been written to", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  const bob = room.login("bob");
  alice.peer.take();
  room.holding.add("save");
  write(room, alice, "bob", "1");
  room.disconnect(bob);
  room.holding.clear();
  alice.peer.take();
  room.release();
  assertEquals(alice.peer.take(), [error(404, "nobody here is called bob")]);
  const kept = [...room.state.rooms.values()].map(({ name }) => name);
  assertEquals([kept, room.appended], [["general"], []]);
});

Deno.test("a guest who came back after a restart can't write to one who did not", () => {
  const [room, alice, bob] = two({ keep: true, reach: "many" }, {});
  write(room, bob, "alice", "psst");
  room.durable();
  const [state] = alice.peer.take();
  const handle = state?.type === "rooms" ? state.rooms[0]?.room ?? 0 : 0;
  room.restart();
  const again = room.connect({ reach: "many" });
  room.ask(again, { type: "resume", token: "token 102", positions: [] });
  room.login("bob");
  again.peer.take();
  room.ask(again, { type: "room_msg", room: handle, text: "you?" });
  assertEquals(again.peer.take(), [
    error(404, "the other one is not here any more"),
  ]);
});

Deno.test("what is on its way to a guest who goes is still acknowledged", () => {
  const [room, alice, bob] = two();
  write(room, alice, "bob", "1");
  room.disconnect(bob);
  alice.peer.take();
  room.durable();
  assertEquals(alice.peer.take(), [told("alice", "bob", "1")]);
  write(room, alice, "bob", "2");
  assertEquals(alice.peer.take(), [error(404, "nobody here is called bob")]);
});
