import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import type { Request } from "../../lib/wire/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { ack, before, error, said, system } from "./expected.ts";

type Someone = Session<Peer>;

/**
 * A room with the accounts alice, 101, and bob, 102, whose group is den, 106;
 * zoe, 107, is a guest and not in it.
 */
function den(): [ChatRoom, Someone, Someone, Someone] {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  room.addAccount("bob", "hidden");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  const bob = room.login("bob", { password: "hidden" });
  room.ask(alice, { type: "make_group", room: "Den", users: ["bob"] });
  const zoe = room.login("zoe", { reach: "many" });
  for (const { peer } of [alice, bob, zoe]) peer.take();
  return [room, alice, bob, zoe];
}

const state = (room: number, last: number, receivedByAll = 0) => ({
  room,
  kind: "group",
  name: "Den",
  last,
  received: last,
  read: last,
  receivedByAll,
} as const);

Deno.test("a group is made with its members, who are told", () => {
  const room = new ChatRoom();
  room.addAccount("carol", "away");
  const [alice, bob, dave] = [
    room.login("alice", { reach: "many" }),
    room.login("bob"),
    room.login("dave", { reach: "many" }),
  ];
  for (const { peer } of [alice, bob, dave]) peer.take();
  room.ask(alice, {
    type: "make_group",
    room: "Den",
    users: ["BOB", "bob", "dave", "Carol"],
  });
  assertEquals(alice.peer.take(), [
    {
      type: "make_group",
      room: "Den",
      users: ["alice", "bob", "dave", "carol"],
    },
    { type: "rooms", rooms: [state(106, 0)] },
    { type: "presence", room: "Den", user: "dave", here: true },
  ]);
  assertEquals(bob.peer.take(), [
    system(
      "alice made you a member of the group Den: join it to read and write there",
    ),
  ]);
  assertEquals(dave.peer.take(), [
    {
      type: "invitation",
      room: "Den",
      user: "alice",
      users: ["alice", "bob", "dave", "carol"],
    },
    { type: "rooms", rooms: [state(106, 0)] },
  ]);
  room.ask(dave, { type: "list_members", room: "Den" });
  assertEquals(dave.peer.take(), [{
    type: "list_members",
    room: "Den",
    members: [
      { user: 102, name: "alice", account: false, here: true },
      { user: 104, name: "bob", account: false, here: true },
      { user: 101, name: "carol", account: true, here: false },
      { user: 105, name: "dave", account: false, here: true },
    ],
  }]);
});

Deno.test("a group is not made of somebody who does not exist, or under a name that can't be", () => {
  const room = new ChatRoom({ limits: { groupMembers: 2 } });
  const alice = room.login("alice", { reach: "many" });
  room.login("bob");
  alice.peer.take();
  const make = (name: string, ...users: string[]) =>
    room.ask(alice, { type: "make_group", room: name, users });
  make("den", "ghost");
  make("GENERAL");
  make("a\tb");
  make("den", "bob", "bob");
  assertEquals(
    alice.peer.take().map((event) => "code" in event ? event.code : 0),
    [404, 409, 400, 403],
  );
  make("den", "bob");
  room.login("carol");
  alice.peer.take();
  room.ask(alice, { type: "invite", room: "den", user: "carol" });
  assertEquals(alice.peer.take(), [
    error(403, "a group has at most 2 members"),
  ]);
});

Deno.test("nobody is in more rooms than one may be, of its own will or another's", () => {
  const room = new ChatRoom({ limits: { roomsPerPerson: 3 } });
  const alice = room.login("alice", { reach: "many" });
  const bob = room.login("bob", { reach: "many" });
  room.login("carol");
  const ask = (request: Request) => {
    alice.peer.take();
    room.ask(alice, request);
    return alice.peer.take().filter(({ type }) =>
      /^(error_msg|join_room|make_group|invite)$/.test(type)
    );
  };
  const full = error(403, "you are in 3 rooms: leave one first");
  ask({ type: "join_room", room: "tea" });
  ask({ type: "private_msg", recipient: "bob", text: "of two" });
  room.durable();
  ask({ type: "make_group", room: "den", users: ["carol"] });
  assertEquals(ask({ type: "join_room", room: "milk" }), [full]);
  assertEquals(ask({ type: "make_group", room: "pen", users: [] }), [full]);
  assertEquals(ask({ type: "join_room", room: "tea" }), [
    { type: "join_room", room: "tea" },
  ]);
  assertEquals([...room.hub.rooms].length, 3, "nothing was made in vain");
  for (const name of ["milk", "oil"]) {
    room.ask(bob, { type: "join_room", room: name });
  }
  const others = error(403, "bob is in too many rooms already");
  assertEquals(ask({ type: "invite", room: "den", user: "bob" }), [others]);
  room.ask(alice, { type: "leave_room", room: "tea" });
  assertEquals(ask({ type: "join_room", room: "milk" }), [
    { type: "join_room", room: "milk" },
  ]);
  assertEquals(ask({ type: "make_group", room: "pen", users: ["bob"] }), [
    full,
  ]);
  room.ask(alice, { type: "leave_room", room: "milk" });
  assertEquals(ask({ type: "make_group", room: "pen", users: ["bob"] }), [
    others,
  ]);
});

Deno.test("others can't use up the rooms that one may join", () => {
  const room = new ChatRoom({ limits: { roomsPerPerson: 5 } });
  const alice = room.login("alice", { reach: "many" });
  const bob = room.login("bob", { reach: "many" });
  const make = (name: string) => {
    alice.peer.take();
    room.ask(alice, { type: "make_group", room: name, users: ["bob"] });
    return alice.peer.take().find(({ type }) => type === "error_msg");
  };
  assertEquals([make("one"), make("two")], [undefined, undefined]);
  const full = error(403, "bob is in too many rooms already");
  assertEquals(make("three"), full);
  bob.peer.take();
  for (const name of ["tea", "milk"]) {
    room.ask(bob, { type: "join_room", room: name });
  }
  assertEquals(
    bob.peer.take().filter(({ type }) => /error|join_room/.test(type)),
    [{ type: "join_room", room: "tea" }, { type: "join_room", room: "milk" }],
  );
});

Deno.test("who can be in one room at a time goes from room to room without end", () => {
  const room = new ChatRoom({ limits: { roomsPerPerson: 2 } });
  const zoe = room.login("zoe");
  for (const name of ["tea", "milk", "oil"]) {
    zoe.peer.take();
    room.ask(zoe, { type: "join_room", room: name });
    assertEquals(zoe.peer.take()[0], { type: "join_room", room: name });
  }
});

Deno.test("a list that can't hold all rooms holds those that the most are in", () => {
  const room = new ChatRoom({ limits: { roomsListed: 2 } });
  const alice = room.login("alice", { reach: "many" });
  const bob = room.login("bob", { reach: "many" });
  for (const name of ["aa", "ab", "tea"]) {
    room.ask(alice, { type: "join_room", room: name });
  }
  room.ask(bob, { type: "join_room", room: "tea" });
  bob.peer.take();
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [
    { type: "list_rooms", rooms: ["general", "tea"] },
  ]);
});

Deno.test("others can find nothing of a group, but for its name being taken", () => {
  const [room, alice, , zoe] = den();
  room.ask(alice, { type: "room_msg", room: "den", text: "psst" });
  room.durable();
  const none = error(404, "there is no room Den for you");
  const noneByHandle = error(404, "there is no room 106 for you");
  room.ask(zoe, { type: "list_rooms" });
  room.ask(zoe, { type: "list_users", room: "Den" });
  room.ask(zoe, { type: "list_members", room: "Den" });
  room.ask(zoe, { type: "history", room: "Den" });
  room.ask(zoe, { type: "history", room: 106 });
  room.ask(zoe, { type: "search", words: "psst" });
  room.ask(zoe, { type: "search", words: "psst", room: 106 });
  room.ask(zoe, { type: "names", handles: [106, 101] });
  room.ask(zoe, { type: "room_msg", room: 106, text: "hi" });
  room.ask(zoe, { type: "invite", room: "Den", user: "zoe" });
  room.ask(zoe, { type: "leave_room", room: "Den" });
  room.ask(zoe, { type: "receipt", room: 106, received: 1 });
  assertEquals(zoe.peer.take(), [
    { type: "list_rooms", rooms: ["general"] },
    none,
    none,
    none,
    noneByHandle,
    { type: "search", messages: [], more: false },
    noneByHandle,
    { type: "names", names: [{ handle: 101, kind: "user", name: "alice" }] },
    noneByHandle,
    none,
    none,
  ]);
  room.ask(zoe, { type: "join_room", room: "DEN" });
  room.ask(zoe, { type: "make_group", room: "den", users: [] });
  assertEquals(zoe.peer.take(), [
    error(403, "nobody enters DEN without an invitation"),
    error(409, "the name den is taken"),
  ]);
});

Deno.test("any member invites, a public room and a stranger have nothing to invite to", () => {
  const [room, alice, bob, zoe] = den();
  room.ask(alice, { type: "invite", room: "Den", user: "Zoe" });
  assertEquals(zoe.peer.take(), [
    {
      type: "invitation",
      room: "Den",
      user: "alice",
      users: ["alice", "bob", "zoe"],
    },
    { type: "rooms", rooms: [state(106, 0)] },
  ]);
  assertEquals(alice.peer.take(), [
    { type: "invite", room: "Den", user: "zoe" },
    { type: "presence", room: "Den", user: "zoe", here: true },
  ]);
  room.ask(zoe, { type: "invite", room: 106, user: "bob" });
  room.ask(zoe, { type: "invite", room: "general", user: "bob" });
  room.ask(zoe, { type: "invite", room: "Den", user: "ghost" });
  assertEquals(zoe.peer.take(), [
    { type: "invite", room: "Den", user: "bob" },
    error(400, "general is no group"),
    error(404, "nobody is called ghost"),
  ]);
  // Who is a member already is told nothing new.
  assertEquals(bob.peer.take(), []);
});

Deno.test("a group has no more members than it may, however many are invited at once", () => {
  const room = new ChatRoom({ limits: { groupMembers: 3 } });
  const names = ["alice", "bob", "carol", "dave"];
  for (const name of names) room.addAccount(name, "secret");
  const [alice, bob] = names.map((name) =>
    room.login(name, { password: "secret", reach: "many" })
  ) as [Someone, Someone];
  room.ask(alice, { type: "make_group", room: "Den", users: ["bob"] });
  for (const { peer } of [alice, bob]) peer.take();
  const full = error(403, "a group has at most 3 members");
  const invite = (by: Someone, user: string) => {
    room.ask(by, { type: "invite", room: "Den", user });
    return by.peer.take();
  };
  room.holding.add("save");
  assertEquals(invite(alice, "carol"), []);
  assertEquals(invite(bob, "dave"), [full]);
  // Nobody was invited twice: she is one.
  assertEquals(invite(bob, "carol"), []);
  while (room.held.length > 1) room.refuse("the disk is full");
  assertEquals(alice.peer.take(), [error(500, "the disk is full")]);
  assertEquals(invite(alice, "dave"), [full]);
  room.refuse("the disk is full");
  // There is a place again.
  room.holding.clear();
  bob.peer.take();
  assertEquals(invite(alice, "dave")[0], {
    type: "invite",
    room: "Den",
    user: "dave",
  });
  assertEquals(invite(bob, "carol").at(-1), full);
  assertEquals(room.hub.room("den")?.members.size, 3);
});

Deno.test("whose wire has one room enters a group by joining it, and stays a member elsewhere", () => {
  const [room, alice, bob] = den();
  room.ask(alice, { type: "room_msg", room: "Den", text: "1" });
  room.durable();
  assertEquals(bob.peer.take(), []);
  room.ask(bob, { type: "join_room", room: "den" });
  assertEquals(bob.peer.take(), [
    { type: "join_room", room: "Den" },
    before(said("alice", "1", "Den")),
  ]);
  room.say(bob, "2");
  room.durable();
  assertEquals(bob.peer.take(), [ack(2)]);
  room.ask(bob, { type: "join_room", room: "general" });
  room.ask(alice, { type: "room_msg", room: "Den", text: "3" });
  room.durable();
  assertEquals(bob.peer.take(), [{ type: "join_room", room: "general" }]);
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [
    { type: "list_rooms", rooms: ["Den", "general"] },
  ]);
  room.ask(bob, { type: "join_room", room: "den" });
  assertEquals(bob.peer.take(), [
    { type: "join_room", room: "Den" },
    before(said("alice", "1", "Den")),
    before(said("bob", "2", "Den")),
    before(said("alice", "3", "Den")),
  ]);
});

Deno.test("who leaves sees the group no more, and the others see them go", () => {
  const [room, alice, bob] = den();
  room.ask(bob, { type: "join_room", room: "den" });
  alice.peer.take();
  bob.peer.take();
  const many = room.login("bob", { password: "hidden", reach: "many" });
  many.peer.take();
  room.ask(many, { type: "leave_room", room: "Den" });
  assertEquals(many.peer.take(), [{ type: "leave_room", room: "Den" }]);
  assertEquals(bob.peer.take(), [
    system("You left Den with another client, this one is in general now"),
  ]);
  assertEquals(alice.peer.take(), [
    { type: "presence", room: "general", user: "bob", here: true },
    { type: "presence", room: "Den", user: "bob", here: false },
  ]);
  room.ask(bob, { type: "join_room", room: "Den" });
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [
    error(403, "nobody enters Den without an invitation"),
    { type: "list_rooms", rooms: ["general"] },
  ]);
  room.restart();
  const again = room.login("bob", { password: "hidden" });
  room.ask(again, { type: "list_rooms" });
  assertEquals(again.peer.take().at(-1), {
    type: "list_rooms",
    rooms: ["general"],
  });
});
