import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { ack, before, error, place, said, system, told } from "./expected.ts";

type Someone = Session<Peer>;

/** Alice, an account, at two clients and alone in the group den, 104. */
function den(): [ChatRoom, Someone, Someone] {
  const room = new ChatRoom({ limits: { replayPage: 2 } });
  room.addAccount("alice", "secret");
  const many = room.login("alice", { password: "secret", reach: "many" });
  room.ask(many, { type: "make_group", room: "den", users: [] });
  const one = room.login("alice", { password: "secret" });
  room.ask(one, { type: "join_room", room: "den" });
  many.peer.take();
  one.peer.take();
  return [room, many, one];
}

function sayIn(room: ChatRoom, session: Someone, where: string, text: string) {
  room.ask(session, { type: "room_msg", room: where, text });
  room.durable();
}

Deno.test("a client that is moved out is told so before it is shown where it is now", () => {
  const [room, many, one] = den();
  sayIn(room, many, "general", "meanwhile");
  one.peer.take();
  room.ask(many, { type: "leave_room", room: "den" });
  assertEquals(one.peer.take(), [
    system("You left den with another client, this one is in general now"),
    before(said("alice", "meanwhile")),
  ]);
  room.ask(one, { type: "list_users" });
  assertEquals(one.peer.take(), [
    { type: "list_users", room: "general", users: ["alice"] },
  ]);
});

Deno.test("what waits to be said in a group is not said where its author is moved to", () => {
  const [room, many, one] = den();
  const { hub, now } = room;
  hub.receive(one, {
    type: "private_msg",
    recipient: "alice",
    text: "note",
  }, now);
  hub.receive(one, { type: "room_msg", text: "for the group" }, now);
  hub.receive(one, { type: "join_room", room: "tea" }, now);
  hub.receive(one, { type: "room_msg", text: "for all" }, now);
  room.ask(many, { type: "leave_room", room: "den" });
  one.peer.take();
  room.durable();
  assertEquals(one.peer.take(), [
    told("alice", "alice", "note"),
    error(403, "you are not in den any more"),
    { type: "join_room", room: "tea" },
  ]);
  room.durable();
  assertEquals(one.peer.take(), [ack(2)]);
  assertEquals(Object.keys(room.past), ["@101,101", "#tea"]);
});

Deno.test("a group goes with its last member, and another one of its name shows nothing of it", () => {
  const [room, many] = den();
  sayIn(room, many, "den", "psst");
  room.ask(many, { type: "leave_room", room: "den" });
  assertEquals([...room.state.rooms.values()].map(({ name }) => name), [
    "general",
  ]);
  const bob = room.login("bob", { reach: "many" });
  bob.peer.take();
  room.ask(bob, { type: "make_group", room: "den", users: [] });
  room.ask(bob, { type: "history", room: "den" });
  room.ask(bob, { type: "search", words: "psst" });
  room.ask(bob, { type: "names", handles: [104] });
  assertEquals(bob.peer.take().slice(2), [
    {
      type: "history",
      room: "den",
      messages: [],
      more: false,
      receivedByAll: 0,
    },
    { type: "search", messages: [], more: false },
    { type: "names", names: [] },
  ]);
  sayIn(room, bob, "den", "first");
  const [reply] = bob.peer.take();
  assertEquals(reply?.type === "room_msg_ack" && reply.place?.sequence, 1);
});

Deno.test("a public room of a group's name shows nothing of it either", () => {
  const [room, many] = den();
  sayIn(room, many, "den", "psst");
  room.ask(many, { type: "leave_room", room: "den" });
  const bob = room.login("bob");
  bob.peer.take();
  room.ask(bob, { type: "join_room", room: "den" });
  assertEquals(bob.peer.take(), [{ type: "join_room", room: "den" }]);
});

Deno.test("a message that waits for a group that another client leaves is answered", () => {
  const [room, many] = den();
  for (const text of ["1", "2", "3"]) sayIn(room, many, "den", text);
  room.holding.add("page");
  room.restart();
  const login = () =>
    room.login("alice", { password: "secret", reach: "many" });
  const [one, two] = [login(), login()];
  one.peer.take();
  room.ask(one, { type: "room_msg", room: "den", text: "4" });
  room.ask(one, { type: "list_rooms" });
  assertEquals(one.peer.take(), []);
  room.ask(two, { type: "leave_room", room: "den" });
  assertEquals(one.peer.take(), [
    { type: "moved", left: "den", room: "general" },
    error(404, "there is no room den for you"),
    { type: "list_rooms", rooms: ["general"] },
  ]);
});

Deno.test("a guest is a member as long as it is here, an account always", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  const zoe = room.login("zoe", { reach: "many" });
  room.ask(zoe, { type: "make_group", room: "den", users: ["alice"] });
  alice.peer.take();
  room.disconnect(zoe);
  assertEquals(alice.peer.take().map(({ type }) => type), [
    "presence",
    "presence",
  ]);
  room.disconnect(alice);
  const other = room.login("zoe", { reach: "many" });
  other.peer.take();
  room.ask(other, { type: "history", room: "den" });
  assertEquals(other.peer.take(), [error(404, "there is no room den for you")]);
  const again = room.login("alice", { password: "secret", reach: "many" });
  again.peer.take();
  room.ask(again, { type: "list_members", room: "den" });
  assertEquals(again.peer.take(), [{
    type: "list_members",
    room: "den",
    members: [{ user: 101, name: "alice", account: true, here: true }],
  }]);
});

Deno.test("nobody leaves the room that is always there, or one that they are not in", () => {
  const [room, many] = den();
  const bob = room.login("bob", { reach: "many" });
  room.ask(bob, { type: "join_room", room: "tea" });
  many.peer.take();
  room.ask(many, { type: "leave_room", room: "general" });
  room.ask(many, { type: "leave_room", room: "tea" });
  room.ask(many, { type: "leave_room", room: "coffee" });
  assertEquals(many.peer.take(), [
    error(400, "everybody is in general"),
    error(403, "you are not in tea, join it first"),
    error(404, "there is no room coffee for you"),
  ]);
});

Deno.test("what is said in a group while an account is away comes to it when it is back", () => {
  const [room, many] = den();
  room.addAccount("bob", "hidden");
  room.ask(many, { type: "list_rooms" });
  room.login("yan");
  room.ask(many, { type: "invite", room: "den", user: "bob" });
  for (const text of ["1", "2", "3"]) sayIn(room, many, "den", text);
  const bob = room.login("bob", { password: "hidden", reach: "many" });
  const told = bob.peer.take().filter(({ type }) => type === "room_msg");
  assertEquals(
    told,
    ["1", "2", "3"].map((text, index) => ({
      ...before(said("alice", text, "den")),
      place: place(index + 1, 104, index + 1, 101),
    })),
  );
});
