/** Topics, and being away. */

import { assertEquals } from "@std/assert";
import { ChatRoom } from "./chat_room.ts";
import { error, system } from "./expected.ts";

/** Alice, whose wire has many rooms, and bob, whose has one, in the lobby. */
function two() {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  const bob = room.login("bob");
  alice.peer.take();
  bob.peer.take();
  return { room, alice, bob };
}

Deno.test("a topic is told to everybody in the room, kept, and shown to who comes in", () => {
  const { room, alice, bob } = two();
  room.ask(alice, { type: "set_topic", topic: "cake at four" });
  const at = { room: "general", topic: "cake at four" } as const;
  assertEquals(alice.peer.take(), [{ type: "set_topic", ...at }]);
  assertEquals(bob.peer.take(), [
    system("alice set the topic of general: cake at four"),
  ]);
  room.restart();
  const login = () =>
    room.login("alice", { password: "secret", reach: "many" });
  const topics = (session: ReturnType<typeof login>) =>
    session.peer.take().flatMap((event) =>
      event.type === "rooms" ? event.rooms.map(({ topic }) => topic) : []
    );
  const again = login();
  assertEquals(topics(again), ["cake at four"]);
  room.ask(again, { type: "set_topic", room: "general", topic: "" });
  assertEquals(again.peer.take(), [
    { type: "set_topic", room: "general", topic: "" },
  ]);
  room.restart();
  assertEquals(topics(login()), [undefined]);
});

Deno.test("a topic that can't be kept is not told", () => {
  const { room, alice, bob } = two();
  room.holding.add("save");
  room.ask(alice, { type: "set_topic", topic: "cake" });
  assertEquals([alice.peer.take(), bob.peer.take()], [[], []]);
  room.refuse("the disk is full");
  assertEquals(alice.peer.take(), [error(500, "the disk is full")]);
  assertEquals(bob.peer.take(), []);
});

/** Zoe, a guest, alone in tea. */
function guestInTea(room: ChatRoom) {
  const zoe = room.login("zoe", { reach: "many" });
  room.ask(zoe, { type: "join_room", room: "tea" });
  zoe.peer.take();
  return zoe;
}

/** Everything that was held is written. */
function release(room: ChatRoom): void {
  while (room.held.length > 0) room.release();
}

const topicOfTea = (room: ChatRoom) => {
  room.restart();
  return room.hub.room("tea")?.topic;
};

const TOPIC = { type: "set_topic", room: "tea", topic: "oolong" } as const;

Deno.test("a guest's topic is kept when the room is being written for an account just then", () => {
  const { room, alice } = two();
  const zoe = guestInTea(room);
  room.holding.add("save");
  room.ask(alice, { type: "join_room", room: "tea" });
  room.ask(zoe, TOPIC);
  assertEquals(zoe.peer.take(), []);
  release(room);
  assertEquals(zoe.peer.take().at(-1), TOPIC);
  assertEquals(topicOfTea(room), "oolong");
});

Deno.test("a topic is kept when a guest in the room gets an account just then", () => {
  const { room, bob } = two();
  const zoe = guestInTea(room);
  room.ask(bob, { type: "join_room", room: "tea" });
  zoe.peer.take();
  room.holding.add("save");
  room.ask(bob, { type: "register", password: "hidden" });
  room.ask(zoe, TOPIC);
  assertEquals(zoe.peer.take(), []);
  release(room);
  assertEquals(zoe.peer.take(), [TOPIC]);
  assertEquals(topicOfTea(room), "oolong");
});

/** Zoe's topic is on its way to the store when carol, an account, comes in. */
function topicUnderWay() {
  const { room, alice } = two();
  const zoe = guestInTea(room);
  room.ask(alice, { type: "join_room", room: "tea" });
  room.addAccount("carol", "shy");
  const carol = room.login("carol", { password: "shy" });
  zoe.peer.take();
  room.holding.add("save");
  room.ask(zoe, TOPIC);
  room.ask(carol, { type: "join_room", room: "tea" });
  return { room, zoe };
}

Deno.test("a topic is kept when an account comes in while it is being written", () => {
  const { room, zoe } = topicUnderWay();
  release(room);
  assertEquals(zoe.peer.take()[0], TOPIC);
  assertEquals(topicOfTea(room), "oolong");
});

Deno.test("a topic that was refused is not there after a restart, whoever came in meanwhile", () => {
  const { room, zoe } = topicUnderWay();
  room.refuse("the disk is full");
  assertEquals(zoe.peer.take(), [error(500, "the disk is full")]);
  release(room);
  assertEquals(topicOfTea(room), undefined);
});

Deno.test("a topic is one short line, of a room one is in that is not for two", () => {
  const { room, alice, bob } = two();
  const code = (topic: string, where: string | undefined = undefined) => {
    const at = where === undefined ? {} : { room: where };
    room.ask(alice, { type: "set_topic", topic, ...at });
    return alice.peer.take().map((event) =>
      event.type === "error_msg" ? event.code : event.type
    );
  };
  assertEquals(code("ü".repeat(150)), ["set_topic"]);
  assertEquals(code("ü".repeat(151)), [413]);
  assertEquals(code("two\nlines"), [400]);
  assertEquals(code("x", "nowhere"), [404]);
  room.ask(bob, { type: "join_room", room: "den" });
  assertEquals(code("x", "den").slice(-1), [403]);
  room.ask(bob, { type: "private_msg", recipient: "alice", text: "hi" });
  room.durable();
  alice.peer.take();
  assertEquals(code("x", "@bob"), [400]);
});

Deno.test("a topic that is too long, or why somebody is away, is refused by its name and its bytes", () => {
  const { room, alice } = two();
  for (
    const [what, request] of [
      ["a topic", { type: "set_topic", topic: "ü".repeat(151) }],
      ["a reason to be away", { type: "set_away", text: "ü".repeat(151) }],
    ] as const
  ) {
    room.ask(alice, request);
    assertEquals(alice.peer.take(), [
      error(413, `${what} has at most 300 bytes, this one has 302`),
    ]);
  }
});

Deno.test("who is away is told to those who see them, until they are back or leave", () => {
  const { room, alice, bob } = two();
  const away = () => {
    room.ask(alice, { type: "list_members", room: "general" });
    return alice.peer.take().flatMap((event) =>
      event.type === "list_members"
        ? event.members.flatMap(({ name, away }) => away ? [name, away] : [])
        : []
    );
  };
  room.ask(bob, { type: "set_away", text: "lunch" });
  assertEquals(alice.peer.take(), [
    { type: "away", user: "bob", text: "lunch" },
  ]);
  assertEquals(away(), ["bob", "lunch"]);
  room.ask(bob, { type: "set_away" });
  assertEquals(alice.peer.take(), [{ type: "away", user: "bob" }]);
  assertEquals(away(), []);
  room.ask(alice, { type: "set_away", text: "gone" });
  assertEquals(alice.peer.take(), [{ type: "set_away", text: "gone" }]);
  assertEquals(bob.peer.take(), [system("alice is away: gone")]);
  room.disconnect(alice);
  const again = room.login("alice", { password: "secret", reach: "many" });
  again.peer.take();
  room.ask(again, { type: "list_members", room: "general" });
  const [list] = again.peer.take();
  assertEquals(
    list?.type === "list_members" && list.members.map(({ away }) => away),
    [undefined, undefined],
  );
});

Deno.test("who is away for the same reason again, or back again, is answered, and nobody else is told", () => {
  const { room, alice, bob } = two();
  const says = (text?: string) => {
    const away = text === undefined ? {} : { text };
    room.ask(alice, { type: "set_away", ...away });
    assertEquals(alice.peer.take(), [{ type: "set_away", ...away }]);
    return bob.peer.take();
  };
  assertEquals(says(), []);
  assertEquals(says("lunch"), [system("alice is away: lunch")]);
  assertEquals(says("lunch"), []);
  assertEquals(says("tea"), [system("alice is away: tea")]);
  assertEquals(says(), [system("alice is back")]);
  assertEquals(says(), []);
});
