import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { before, error, place, system, told, welcome } from "./expected.ts";

/** A room with the account alice, 101, and bob, 102, who is here. */
function aliceIsAway(): [ChatRoom, Session<Peer>] {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  room.addAccount("bob", "hidden");
  const bob = room.login("bob", { password: "hidden" });
  bob.peer.take();
  return [room, bob];
}

const login = (room: ChatRoom, options = {}) =>
  room.login("alice", { password: "secret", ...options });

function write(
  room: ChatRoom,
  session: Session<Peer>,
  recipient: string,
  text: string,
): void {
  room.ask(session, { type: "private_msg", recipient, text });
  room.durable();
}

Deno.test("private messages wait for an account that is away, and come once, in their order", () => {
  const [room, bob] = aliceIsAway();
  write(room, bob, "alice", "1");
  write(room, bob, "Alice", "2");
  assertEquals(bob.peer.take(), [
    told("bob", "alice", "1"),
    told("bob", "alice", "2"),
  ]);
  const alice = login(room);
  assertEquals(alice.peer.take(), [
    welcome("alice"),
    before(told("bob", "alice", "1")),
    before(told("bob", "alice", "2")),
  ]);
  write(room, bob, "alice", "3");
  assertEquals(alice.peer.take(), [told("bob", "alice", "3")]);
  room.taken(alice);
  room.disconnect(alice);
  assertEquals(login(room).peer.take(), [welcome("alice")]);
});

Deno.test("what did not leave the server's hands comes again", () => {
  const [room, bob] = aliceIsAway();
  write(room, bob, "alice", "1");
  const alice = login(room);
  room.disconnect(alice);
  assertEquals(login(room).peer.take(), [
    welcome("alice"),
    before(told("bob", "alice", "1")),
  ]);
});

Deno.test("they wait also over a restart, and the answer finds its way", () => {
  const [room, bob] = aliceIsAway();
  write(room, bob, "alice", "1");
  room.hub.flush();
  room.restart();
  const alice = login(room);
  assertEquals(alice.peer.take(), [
    welcome("alice"),
    before(told("bob", "alice", "1")),
  ]);
  write(room, alice, "bob", "2");
  assertEquals(alice.peer.take(), [told("alice", "bob", "2")]);
  const again = room.login("bob", { password: "hidden" });
  assertEquals(again.peer.take(), [
    welcome("bob"),
    before(told("bob", "alice", "1")),
    before(told("alice", "bob", "2")),
  ]);
});

Deno.test("a room of two that both can be in many rooms with is theirs from the first message", () => {
  const room = new ChatRoom();
  const [alice, bob] = [
    room.login("alice", { reach: "many" }),
    room.login("bob", { reach: "many" }),
  ];
  alice.peer.take();
  bob.peer.take();
  write(room, alice, "bob", "hi");
  const state = (name: string) => ({
    type: "rooms",
    rooms: [{
      room: 104,
      kind: "direct",
      name,
      last: 0,
      received: 0,
      read: 0,
      receivedByAll: 0,
    }],
  } as const);
  const hi = { ...told("alice", "bob", "hi"), place: place(1, 104, 1, 101) };
  assertEquals(alice.peer.take(), [state("bob"), hi]);
  assertEquals(bob.peer.take(), [state("alice"), hi]);
  // It is a room as others are, whatever one calls it.
  room.ask(bob, { type: "room_msg", room: "@Alice", text: "you" });
  room.durable();
  room.ask(bob, { type: "room_msg", room: 104, text: "there" });
  room.durable();
  const you = { ...told("bob", "alice", "you"), place: place(2, 104, 2, 103) };
  const there = {
    ...told("bob", "alice", "there"),
    place: place(3, 104, 3, 103),
  };
  assertEquals(alice.peer.take(), [you, there]);
  assertEquals(bob.peer.take(), [you, there]);
});

Deno.test("a guest who is not there can't be written to, and whoever has the name later sees nothing", () => {
  const [room, bob] = aliceIsAway();
  const zoe = room.login("zoe");
  write(room, bob, "zoe", "psst");
  room.disconnect(zoe);
  bob.peer.take();
  room.ask(bob, { type: "private_msg", recipient: "zoe", text: "gone?" });
  assertEquals(bob.peer.take(), [error(404, "nobody here is called zoe")]);
  const other = room.login("zoe", { reach: "many" });
  const kinds = other.peer.take().map(({ type }) => type);
  assertEquals(kinds, ["login_ack", "rooms"]);
  room.ask(other, { type: "history", room: "@bob" });
  room.ask(other, { type: "search", words: "psst" });
  assertEquals(other.peer.take(), [
    error(404, "there is no room @bob for you"),
    { type: "search", messages: [], more: false },
  ]);
  // And bob writes to somebody else now.
  bob.peer.take();
  write(room, bob, "zoe", "new here?");
  room.ask(bob, { type: "history", room: "@zoe" });
  const reply = bob.peer.take().at(-1);
  assertEquals(reply, told("bob", "zoe", "new here?"));
});

Deno.test("what a guest said to an account stays the account's, but can't be answered", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = login(room, { reach: "many" });
  const zoe = room.login("zoe");
  write(room, zoe, "alice", "psst");
  room.disconnect(zoe);
  alice.peer.take();
  room.ask(alice, { type: "room_msg", room: 105, text: "what?" });
  room.ask(alice, { type: "history", room: 105 });
  assertEquals(alice.peer.take(), [
    error(404, "the other one is not here any more"),
    {
      type: "history",
      room: "zoe",
      messages: [
        { ...told("zoe", "alice", "psst"), place: place(1, 105, 1, 104) },
      ],
      more: false,
      receivedByAll: 0,
    },
  ]);
});

Deno.test("an account made anew under a name sees nothing of the old one's", () => {
  const [room, bob] = aliceIsAway();
  write(room, bob, "alice", "psst");
  room.state.apply({ type: "remove_person", handle: 101 });
  room.addAccount("alice", "secret");
  assertEquals(login(room).peer.take(), [welcome("alice")]);
  room.restart();
  const alice = login(room, { reach: "many" });
  alice.peer.take();
  room.ask(alice, { type: "history", room: "@bob" });
  assertEquals(alice.peer.take(), [
    error(404, "there is no room @bob for you"),
  ]);
});

Deno.test("a message to oneself comes once to each of one's clients", () => {
  const [room] = aliceIsAway();
  const [one, two] = [login(room), login(room)];
  one.peer.take();
  two.peer.take();
  write(room, one, "alice", "note");
  const note = told("alice", "alice", "note");
  assertEquals([one.peer.take(), two.peer.take()], [[note], [note]]);
  room.taken(one);
  room.disconnect(one);
  room.disconnect(two);
  room.hub.flush();
  room.work();
  room.restart();
  const again = login(room);
  assertEquals(again.peer.take(), [welcome("alice")]);
  write(room, again, "alice", "another");
  assertEquals(again.peer.take(), [told("alice", "alice", "another")]);
});

Deno.test("both sides get every message at each of their clients", () => {
  const [room, bob] = aliceIsAway();
  const bobs = [bob, room.login("bob", { password: "hidden" })];
  const alices = [login(room), login(room)];
  const all = [...bobs, ...alices];
  write(room, bob, "alice", "1");
  for (const { peer } of all) peer.take();
  write(room, alices[1] as Session<Peer>, "bob", "2");
  for (const { peer } of all) {
    assertEquals(peer.take(), [told("alice", "bob", "2")]);
  }
});

Deno.test("a guest who registers keeps the conversation", () => {
  const [room, bob] = aliceIsAway();
  const zoe = room.login("zoe", { reach: "many" });
  write(room, bob, "zoe", "1");
  room.ask(zoe, { type: "register", password: "mine" });
  room.disconnect(zoe);
  write(room, bob, "zoe", "2");
  room.restart();
  assertEquals(room.login("zoe", { password: "mine" }).peer.take(), [
    welcome("zoe"),
    before(told("bob", "zoe", "1")),
    before(told("bob", "zoe", "2")),
  ]);
});

Deno.test("a guest whose session is kept is not there until it comes back", () => {
  const [room, bob] = aliceIsAway();
  const zoe = room.login("zoe", { reach: "many", keep: true });
  write(room, bob, "zoe", "1");
  const many = room.login("bob", { password: "hidden", reach: "many" });
  room.disconnect(zoe);
  many.peer.take();
  room.ask(many, { type: "private_msg", recipient: "zoe", text: "2" });
  room.ask(many, { type: "room_msg", room: "@zoe", text: "2" });
  assertEquals(many.peer.take(), [
    error(404, "nobody here is called zoe"),
    error(404, "zoe is not here"),
  ]);
  assertEquals(room.appended, []);
});

Deno.test("a text that can't be said makes no room", () => {
  const room = new ChatRoom();
  const [alice, bob] = [
    room.login("alice"),
    room.login("bob", { reach: "many" }),
  ];
  alice.peer.take();
  bob.peer.take();
  room.ask(alice, { type: "private_msg", recipient: "bob", text: "" });
  assertEquals(alice.peer.take(), [error(400, "the text is empty")]);
  assertEquals(bob.peer.take(), []);
});

Deno.test("a room of two is nobody else's business", () => {
  const room = new ChatRoom();
  const [alice, bob, eve] = [
    room.login("alice"),
    room.login("bob"),
    room.login("eve", { reach: "many" }),
  ];
  write(room, alice, "bob", "psst");
  eve.peer.take();
  room.ask(eve, { type: "list_rooms" });
  room.ask(eve, { type: "names", handles: [105] });
  room.ask(eve, { type: "history", room: 105 });
  room.ask(eve, { type: "room_msg", room: 105, text: "hi" });
  room.ask(eve, { type: "leave_room", room: 105 });
  room.ask(eve, { type: "search", words: "psst" });
  assertEquals(eve.peer.take(), [
    { type: "list_rooms", rooms: ["general"] },
    { type: "names", names: [] },
    error(404, "there is no room 105 for you"),
    error(404, "there is no room 105 for you"),
    error(404, "there is no room 105 for you"),
    { type: "search", messages: [], more: false },
  ]);
  assertEquals(bob.peer.take().slice(1), [
    system("eve joined general"),
    told("alice", "bob", "psst"),
  ]);
});
