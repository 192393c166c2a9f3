import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { before, error, said, told, welcome } from "./expected.ts";

const end = ({ peer }: Session<Peer>) => [peer.take(), peer.closed] as const;

/** A room in which zoe asked for an account that is about to be written. */
function registering(asGuest: boolean): [ChatRoom, Session<Peer>] {
  const room = new ChatRoom();
  const zoe = asGuest ? room.login("zoe", { reach: "many" }) : room.connect();
  zoe.peer.take();
  room.holding.add("save");
  const username = asGuest ? {} : { username: "zoe" };
  room.ask(zoe, { type: "register", password: "mine", ...username });
  assertEquals([room.held.length, zoe.peer.take()], [1, []]);
  room.holding.clear();
  return [room, zoe];
}

for (
  const { who, asGuest } of [
    { who: "a guest", asGuest: true },
    { who: "one who isn't logged in", asGuest: false },
  ]
) {
  Deno.test(`${who} has the account also after leaving before it was written`, () => {
    const [room, zoe] = registering(asGuest);
    room.disconnect(zoe);
    room.release();
    const thief = room.login("zoe");
    assertEquals(thief.peer.closed, true);
    const again = room.login("zoe", { password: "mine" });
    assertEquals(end(again), [[welcome("zoe")], false]);
    assertEquals(room.hub.people, 1);
  });

  Deno.test(`${who} goes on without an account that could not be written`, () => {
    const [room, zoe] = registering(asGuest);
    room.refuse("the disk is full");
    assertEquals(end(zoe), [[error(500, "the disk is full")], false]);
    if (!asGuest) room.ask(zoe, { type: "login", username: "zoe" });
    room.ask(zoe, { type: "list_rooms" });
    assertEquals(zoe.peer.take().at(-1), {
      type: "list_rooms",
      rooms: ["general"],
    });
    room.disconnect(zoe);
    assertEquals(end(room.login("zoe")), [[welcome("zoe")], false]);
    assertEquals(room.hub.people, 1);
  });
}

Deno.test("a name that another program gave away while an account was being written is told to be taken", () => {
  const [room, zoe] = registering(false);
  room.addAccount("zoe", "hers");
  room.refuse("that could not be written");
  assertEquals(end(zoe), [[error(409, "zoe is taken")], false]);
  const other = room.login("zoe", { password: "hers" });
  assertEquals(end(other), [[welcome("zoe")], false]);
});

Deno.test("a guest whose name another program gave away while it registered gives way", () => {
  const [room, zoe] = registering(true);
  room.addAccount("zoe", "hers");
  room.refuse("that could not be written");
  assertEquals(end(zoe), [[error(401, "zoe has an account now")], true]);
  assertEquals(room.hub.people, 0);
});

Deno.test("of two who make an account of one name at once, one is told that it is taken, and writes nothing", () => {
  const room = new ChatRoom();
  const both = [room.connect({ reach: "many" }), room.connect()];
  room.holding.add("save");
  for (const [at, session] of both.entries()) {
    const username = at === 0 ? "zoe" : "ZOE";
    room.ask(session, { type: "register", username, password: "mine" });
  }
  const [first, second] = both as [Session<Peer>, Session<Peer>];
  assertEquals(end(second), [[error(409, "ZOE is taken")], false]);
  assertEquals([room.held.length, first.peer.take()], [1, []]);
  // It was not written: the name is free.
  room.refuse("the disk is full");
  assertEquals(end(first), [[error(500, "the disk is full")], false]);
  room.holding.clear();
  room.ask(second, { type: "register", username: "ZOE", password: "mine" });
  assertEquals(second.peer.take(), [welcome("ZOE")]);
});

Deno.test("a guest whose name is about to be somebody's account gets none", () => {
  const [room, zoe] = registering(false);
  const guest = room.login("zoe");
  guest.peer.take();
  room.ask(guest, { type: "register", password: "other" });
  assertEquals(end(guest), [[error(409, "zoe is taken")], false]);
  room.release();
  assertEquals(zoe.peer.take(), [welcome("zoe")]);
  assertEquals(guest.peer.closed, true);
});

Deno.test("a guest who left while its account could not be written is nobody any more", () => {
  const [room, zoe] = registering(true);
  room.disconnect(zoe);
  room.refuse("the disk is full");
  const other = room.login("zoe");
  assertEquals(end(other), [[welcome("zoe")], false]);
});

Deno.test("a changed password holds also when its client left before it was written", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret" });
  room.holding.add("save");
  room.ask(alice, {
    type: "change_password",
    password: "secret",
    newPassword: "new",
  });
  room.disconnect(alice);
  room.holding.clear();
  room.release();
  assertEquals(room.login("alice", { password: "secret" }).peer.closed, true);
  const again = room.login("alice", { password: "new" });
  assertEquals(end(again), [[welcome("alice")], false]);
});

Deno.test("a guest keeps the rooms it was brought into while its account was being written", () => {
  const [room, zoe] = registering(true);
  const bob = room.login("bob", { reach: "many" });
  room.ask(bob, { type: "make_group", room: "den", users: ["zoe"] });
  room.ask(bob, { type: "private_msg", recipient: "zoe", text: "psst" });
  room.release();
  room.durable();
  room.disconnect(zoe);
  room.restart();
  const again = room.login("zoe", { password: "mine" });
  assertEquals(again.peer.take(), [
    welcome("zoe"),
    before(told("bob", "zoe", "psst")),
  ]);
  room.ask(again, { type: "list_rooms" });
  assertEquals(again.peer.take(), [
    { type: "list_rooms", rooms: ["den", "general"] },
  ]);
});

Deno.test("a guest keeps the group that was being written when it registered", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const [alice, zoe] = [
    room.login("alice", { password: "secret", reach: "many" }),
    room.login("zoe", { reach: "many" }),
  ];
  room.holding.add("save");
  room.ask(alice, { type: "make_group", room: "den", users: ["zoe"] });
  room.ask(zoe, { type: "register", password: "mine" });
  room.holding.clear();
  room.release();
  room.release();
  room.ask(alice, { type: "room_msg", room: "den", text: "hi" });
  room.durable();
  room.disconnect(zoe);
  room.restart();
  const again = room.login("zoe", { password: "mine" });
  again.peer.take();
  room.ask(again, { type: "join_room", room: "den" });
  assertEquals(again.peer.take(), [
    { type: "join_room", room: "den" },
    before(said("alice", "hi", "den")),
  ]);
});

Deno.test("a guest who is logged in makes an account of its own name alone", () => {
  const room = new ChatRoom();
  const zoe = room.login("zoe", { reach: "many" });
  zoe.peer.take();
  room.ask(zoe, { type: "register", username: "yan", password: "mine" });
  assertEquals(end(zoe), [
    [error(400, "this connection is logged in as zoe already")],
    false,
  ]);
  room.disconnect(zoe);
  for (const name of ["yan", "zoe"]) {
    assertEquals(end(room.login(name)), [[welcome(name)], false]);
  }
});
