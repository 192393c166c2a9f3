/** What happens between a question of the hub's and its answer. */

import { assertEquals } from "@std/assert";
import { ChatRoom } from "./chat_room.ts";
import { error, told } from "./expected.ts";

Deno.test("a room stays for who waits to come in when the one before leaves at once", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.holding.add("open");
  room.ask(alice, { type: "join_room", room: "den" });
  room.ask(bob, { type: "join_room", room: "den" });
  room.hub.end(alice, room.now);
  room.release();
  bob.peer.take();
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [
    { type: "list_rooms", rooms: ["den", "general"] },
  ]);
});

Deno.test("who becomes a member while the room goes on has what was said meanwhile behind it", () => {
  const room = new ChatRoom({ limits: { joinHistory: 1 } });
  room.addAccount("alice", "secret");
  room.addAccount("bob", "secret");
  const options = { password: "secret", reach: "many" } as const;
  const alice = room.login("alice", options);
  room.holding.add("save");
  const bob = room.login("bob", options);
  for (const text of ["1", "2"]) {
    room.say(alice, text);
    room.durable();
  }
  const lobby = room.hub.lobby.handle;
  room.ask(alice, { type: "receipt", room: lobby, received: 2 });
  room.hub.flush();
  room.release();
  const told = bob.peer.take();
  assertEquals(told.find(({ type }) => type === "rooms"), {
    type: "rooms",
    rooms: [{
      room: lobby,
      kind: "public",
      name: "general",
      last: 2,
      received: 2,
      read: 2,
      receivedByAll: 2,
    }],
  });
  assertEquals(
    told.flatMap((event) => event.type === "room_msg" ? [event.text] : []),
    ["2"],
  );
});

Deno.test("what a guest said to another before it left is shown when it is durable", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  const write = (text: string) =>
    room.ask(alice, { type: "private_msg", recipient: "bob", text });
  write("1");
  room.durable();
  bob.peer.take();
  write("2");
  room.disconnect(alice);
  room.durable();
  assertEquals(bob.peer.take().filter(({ type }) => type !== "system_msg"), [
    told("alice", "bob", "2"),
  ]);
  // And then their room is gone.
  room.ask(bob, { type: "history", room: "@alice" });
  assertEquals(bob.peer.take(), [
    error(404, "there is no room @alice for you"),
  ]);
});

Deno.test("what other programs did to accounts counts also when who was coming in has gone", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret" });
  room.holding.add("arrival");
  const bob = room.login("bob");
  room.disconnect(bob);
  room.state.people.clear();
  room.changeAccounts();
  room.release();
  assertEquals(alice.peer.closed, true);
});

Deno.test("a guest who is asked into a group while its session is being kept is in it after a restart", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  room.holding.add("token");
  room.login("bob", { reach: "many", keep: true });
  room.ask(alice, { type: "make_group", room: "club", users: ["bob"] });
  room.release();
  room.restart();
  const [club] = [...room.hub.rooms].filter(({ kind }) => kind === "group");
  const members = [...club?.members.keys() ?? []];
  assertEquals(members.map(({ name }) => name.shown), ["alice", "bob"]);
});

Deno.test("a session that was lost before its token was told is not kept, and its guest's name is free", () => {
  const room = new ChatRoom();
  room.holding.add("save");
  const bob = room.login("bob", { reach: "many", keep: true });
  room.disconnect(bob);
  while (room.held.length > 0) room.release();
  room.holding.clear();
  assertEquals([room.state.people.size, room.state.sessions.size], [0, 0]);
  assertEquals(room.hub.people, 0);
  const other = room.login("bob");
  assertEquals(other.peer.take().map(({ type }) => type), ["login_ack"]);
});

Deno.test("nobody is told that they left a group before that is written, and who can't leave is told", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  room.ask(alice, { type: "make_group", room: "club", users: [] });
  room.holding.add("save");
  alice.peer.take();
  room.ask(alice, { type: "leave_room", room: "club" });
  assertEquals(alice.peer.take(), []);
  room.refuse("the disk is full");
  const told = () => alice.peer.take().map(({ type }) => type);
  assertEquals(told(), ["error_msg"]);
  room.ask(alice, { type: "list_rooms" });
  assertEquals(alice.peer.take(), [
    { type: "list_rooms", rooms: ["club", "general"] },
  ]);
  room.ask(alice, { type: "leave_room", room: "club" });
  room.release();
  assertEquals(told(), ["leave_room"]);
  room.ask(alice, { type: "list_rooms" });
  assertEquals(alice.peer.take(), [
    { type: "list_rooms", rooms: ["general"] },
  ]);
});

Deno.test("who leaves a group while a page of its history is read is not shown it", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const options = { password: "secret", reach: "many" } as const;
  const [one, two] = [
    room.login("alice", options),
    room.login("alice", options),
  ];
  room.ask(one, { type: "make_group", room: "club", users: [] });
  room.ask(one, { type: "room_msg", room: "club", text: "secret" });
  room.durable();
  one.peer.take();
  room.holding.add("page");
  room.ask(one, { type: "history", room: "club" });
  room.ask(two, { type: "leave_room", room: "club" });
  room.release();
  assertEquals(
    one.peer.take().map(({ type }) => type),
    ["moved", "error_msg"],
  );
});

Deno.test("two sessions of one account that come in at once both get what was said since it is a member", () => {
  const room = new ChatRoom({ limits: { joinHistory: 1 } });
  room.addAccount("alice", "secret");
  const options = { password: "secret", reach: "many" } as const;
  const bob = room.login("bob");
  room.holding.add("save");
  room.login("alice", options);
  const two = room.login("alice", options);
  room.release();
  for (const text of ["1", "2"]) {
    room.say(bob, text);
    room.durable();
  }
  room.release();
  assertEquals(
    two.peer.take().flatMap((event) =>
      event.type === "room_msg" ? [event.text] : []
    ),
    ["1", "2"],
  );
});

Deno.test("who comes into a room with one session while another leaves it is still in it after a restart", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const one = room.login("alice", { password: "secret" });
  const two = room.login("alice", { password: "secret", reach: "many" });
  room.holding.add("save");
  for (const session of [one, two]) {
    room.ask(session, { type: "join_room", room: "tea" });
  }
  room.ask(one, { type: "join_room", room: "general" });
  while (room.held.length > 0) room.release();
  room.restart();
  const [tea] = [...room.hub.rooms].filter(({ name }) => name.key === "tea");
  assertEquals(tea?.members.size, 1);
});

Deno.test("who leaves a group while another of its sessions waits to come in stays out", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const options = { password: "secret", reach: "many" } as const;
  const first = room.login("alice", options);
  room.ask(first, { type: "make_group", room: "club", users: [] });
  room.restart();
  const one = room.login("alice", { password: "secret" });
  const two = room.login("alice", options);
  room.holding.add("open");
  one.peer.take();
  room.ask(one, { type: "join_room", room: "club" });
  room.ask(two, { type: "leave_room", room: "club" });
  room.release();
  assertEquals(one.peer.take().map(({ type }) => type), ["error_msg"]);
  assertEquals([...room.hub.rooms].map(({ name }) => name.key), ["general"]);
});

Deno.test("who leaves a room while it catches up, and again when it is less far, goes on from the farthest", () => {
  const room = new ChatRoom({ limits: { joinHistory: 1, replayPage: 2 } });
  room.addAccount("alice", "secret");
  room.disconnect(room.login("alice", { password: "secret" }));
  const bob = room.login("bob");
  for (const text of ["1", "2", "3", "4", "5", "6"]) {
    room.say(bob, text);
    room.durable();
  }
  const shown = (session: typeof bob) =>
    session.peer.take().flatMap((event) =>
      event.type === "room_msg" ? [event.text] : []
    );
  room.holding.add("page");
  const alice = room.login("alice", { password: "secret" });
  room.release();
  room.release();
  assertEquals(shown(alice), ["1", "2", "3", "4"]);
  for (const name of ["den", "general"]) {
    room.ask(alice, { type: "join_room", room: name });
  }
  // The answer to who was there before is not for who is there now.
  room.release();
  room.release();
  assertEquals(shown(alice), ["1", "2"]);
  room.taken(alice);
  room.ask(alice, { type: "join_room", room: "den" });
  room.taken(alice);
  room.disconnect(alice);
  room.holding.delete("page");
  const again = room.login("alice", { password: "secret" });
  assertEquals(shown(again), ["5", "6"]);
});
