import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import type { HistoryRequest, SearchRequest } from "../../lib/wire/mod.ts";
import { ChatRoom, type ChatRoomOptions, type Peer } from "./chat_room.ts";
import { before, error, said, told, welcome } from "./expected.ts";

type Someone = Session<Peer>;

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Messages of a stream, a second apart: "1", "2", "3" … */
const past = (
  count: number,
  room = "#general",
  text: (number: number) => string = String,
) =>
  numbers(1, count).map((number) => ({
    id: number,
    sequence: number,
    room,
    sender: "old",
    text: text(number),
    time: number * 1_000,
  }));

/** A room in which so much was said, and somebody who has seen all of it. */
function after(
  count: number,
  options: ChatRoomOptions = {},
  text: (number: number) => string = String,
): [ChatRoom, Someone] {
  const room = new ChatRoom(options);
  room.past["#general"] = past(count, "#general", text);
  const zoe = room.login("zoe");
  zoe.peer.take();
  return [room, zoe];
}

/** The texts of a page, and whether there is more. */
function page(
  room: ChatRoom,
  session: Someone,
  query: Partial<HistoryRequest>,
): [string, boolean] {
  const history: unknown[] = [];
  // What a wire of one room can't carry is not told: ask as one of many.
  const many = session.reach === "many" ? session : room.login("reader", {
    reach: "many",
  });
  many.peer.take();
  room.ask(many, { type: "history", room: "general", ...query });
  const reply = many.peer.take().at(-1);
  if (many !== session) room.disconnect(many);
  if (reply?.type !== "history") throw new Error(`no page but ${reply?.type}`);
  for (const { text } of reply.messages) history.push(text);
  return [history.join(" "), reply.more];
}

Deno.test("a page of history is a reply with the messages and their places, oldest first", () => {
  const room = new ChatRoom();
  const alice = room.login("alice", { reach: "many" });
  for (const text of ["1", "2"]) {
    room.ask(alice, { type: "room_msg", text });
    room.durable();
  }
  alice.peer.take();
  room.ask(alice, { type: "history", room: "GENERAL" });
  assertEquals(alice.peer.take(), [{
    type: "history",
    room: "general",
    messages: [
      {
        type: "room_msg",
        room: "general",
        sender: "alice",
        text: "1",
        place: { id: 1, room: 102, sequence: 1, time: 1_000, sender: 101 },
      },
      {
        type: "room_msg",
        room: "general",
        sender: "alice",
        text: "2",
        place: { id: 2, room: 102, sequence: 2, time: 1_000, sender: 101 },
      },
    ],
    more: false,
    receivedByAll: 0,
  }]);
});

Deno.test("pages lead back from the newest, on from a sequence, and on from a time", () => {
  const [room, zoe] = after(7);
  assertEquals(page(room, zoe, { limit: 3 }), ["5 6 7", true]);
  assertEquals(page(room, zoe, { limit: 3, before: 5 }), ["2 3 4", true]);
  assertEquals(page(room, zoe, { limit: 3, before: 2 }), ["1", false]);
  assertEquals(page(room, zoe, { limit: 3, before: 4 }), ["1 2 3", false]);
  assertEquals(page(room, zoe, { limit: 3, after: 0 }), ["1 2 3", true]);
  assertEquals(page(room, zoe, { limit: 3, after: 4 }), ["5 6 7", false]);
  assertEquals(page(room, zoe, { after: 7 }), ["", false]);
  assertEquals(page(room, zoe, { limit: 2, since: 3_000 }), ["3 4", true]);
  assertEquals(page(room, zoe, { since: 6_500 }), ["7", false]);
  assertEquals(page(room, zoe, { since: 8_000 }), ["", false]);
  assertEquals(page(room, zoe, { after: 2, before: 5 }), ["3 4", false]);
  assertEquals(page(room, zoe, { before: 100 }), ["1 2 3 4 5 6 7", false]);
});

Deno.test("a page holds no more messages than the server's limit, and one at least", () => {
  const [room, zoe] = after(7, { limits: { historyPage: 4 } });
  assertEquals(page(room, zoe, {}), ["4 5 6 7", true]);
  assertEquals(page(room, zoe, { limit: 100, after: 0 }), ["1 2 3 4", true]);
  assertEquals(page(room, zoe, { limit: 0 }), ["7", true]);
});

Deno.test("a page holds no more bytes than fit, but one message whatever its size", () => {
  const [room, zoe] = after(
    4,
    { limits: { pageBytes: 7 } },
    (number) => number === 4 ? "four is too long" : `ü${number}`,
  );
  assertEquals(page(room, zoe, {}), ["four is too long", true]);
  assertEquals(page(room, zoe, { before: 4 }), ["ü2 ü3", true]);
  assertEquals(page(room, zoe, { after: 0 }), ["ü1 ü2", true]);
  assertEquals(page(room, zoe, { after: 2 }), ["ü3", true]);
});

Deno.test("no page shows what the log has and nobody was shown yet", () => {
  const [room, zoe] = after(3);
  room.past["#general"] = past(5);
  assertEquals(page(room, zoe, {}), ["1 2 3", false]);
  assertEquals(page(room, zoe, { after: 1 }), ["2 3", false]);
  assertEquals(page(room, zoe, { limit: 2 }), ["2 3", true]);
});

Deno.test("anybody may look up a public room, nobody one that does not exist", () => {
  const room = new ChatRoom();
  const [alice, zoe] = [
    room.login("alice"),
    room.login("zoe", { reach: "many" }),
  ];
  room.ask(alice, { type: "join_room", room: "tea" });
  room.say(alice, "hot");
  room.durable();
  assertEquals(page(room, zoe, { room: "Tea" }), ["hot", false]);
  room.ask(zoe, { type: "history", room: "coffee" });
  assertEquals(zoe.peer.take(), [
    error(404, "there is no room coffee for you"),
  ]);
});

Deno.test("who joins is shown the last 20, again at each join", () => {
  const [room, zoe] = after(25);
  const shown = numbers(6, 25).map((number) =>
    before(said("old", `${number}`))
  );
  assertEquals(room.login("yan").peer.take(), [welcome("yan"), ...shown]);
  room.ask(zoe, { type: "join_room", room: "tea" });
  zoe.peer.take();
  room.ask(zoe, { type: "join_room", room: "general" });
  assertEquals(zoe.peer.take(), [
    { type: "join_room", room: "general" },
    ...shown,
  ]);
});

/** Everybody's words: alice has a group, zoe is in general, bob is told. */
function words(): [ChatRoom, Someone, Someone] {
  const room = new ChatRoom();
  const [alice, bob] = [
    room.login("alice", { reach: "many" }),
    room.login("bob", { reach: "many" }),
  ];
  room.ask(alice, { type: "make_group", room: "den", users: [] });
  room.ask(bob, { type: "join_room", room: "tea" });
  const say = (session: Someone, where: string, text: string) => {
    room.ask(session, { type: "room_msg", room: where, text });
    room.durable();
  };
  say(alice, "general", "a red fish");
  say(alice, "den", "a red secret");
  say(bob, "tea", "red tea");
  room.ask(bob, { type: "private_msg", recipient: "alice", text: "Red alert" });
  room.durable();
  say(alice, "general", "a blue fish");
  alice.peer.take();
  bob.peer.take();
  return [room, alice, bob];
}

function found(
  room: ChatRoom,
  session: Someone,
  query: Omit<SearchRequest, "type">,
): [string, boolean] {
  room.ask(session, { type: "search", ...query });
  const reply = session.peer.take().at(-1);
  if (reply?.type !== "search") throw new Error(`found ${reply?.type}`);
  return [reply.messages.map(({ text }) => text).join(", "), reply.more];
}

Deno.test("a search finds words in the rooms one is a member of, and in a public one by its name", () => {
  const [room, alice, bob] = words();
  assertEquals(found(room, alice, { words: "red" }), [
    "a red fish, a red secret, Red alert",
    false,
  ]);
  assertEquals(found(room, bob, { words: "RED" }), [
    "a red fish, red tea, Red alert",
    false,
  ]);
  assertEquals(found(room, alice, { words: "red", room: "tea" }), [
    "red tea",
    false,
  ]);
  assertEquals(found(room, alice, { words: "red", room: "@bob" }), [
    "Red alert",
    false,
  ]);
  assertEquals(found(room, alice, { words: "fish blue" }), [
    "a blue fish",
    false,
  ]);
  assertEquals(found(room, alice, { words: "" }), ["", false]);
  room.ask(bob, { type: "search", words: "red", room: "den" });
  assertEquals(bob.peer.take(), [error(404, "there is no room den for you")]);
});

Deno.test("a search leads back page by page", () => {
  const [room, alice] = words();
  const query = { words: "red", limit: 2 };
  assertEquals(found(room, alice, query), ["a red secret, Red alert", true]);
  assertEquals(found(room, alice, { ...query, before: 2 }), [
    "a red fish",
    false,
  ]);
});

Deno.test("a search says that there is more also when the log is ahead", () => {
  const [room, zoe] = after(4, {}, () => "red");
  const many = room.login("yan", { reach: "many" });
  room.past["#general"] = past(5, "#general", () => "red");
  assertEquals(found(room, many, { words: "red", limit: 3 }), [
    "red, red, red",
    true,
  ]);
  assertEquals(zoe.closed, false);
});

Deno.test("what was said in a group that was left while the search ran is not shown", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const login = () =>
    room.login("alice", { password: "secret", reach: "many" });
  const [one, two] = [login(), login()];
  room.login("bob");
  room.ask(one, { type: "make_group", room: "den", users: ["bob"] });
  room.ask(one, { type: "room_msg", room: "den", text: "red" });
  room.durable();
  room.holding.add("search");
  room.ask(one, { type: "search", words: "red" });
  room.ask(two, { type: "leave_room", room: "den" });
  one.peer.take();
  room.release();
  assertEquals(one.peer.take(), [
    { type: "search", messages: [], more: false },
  ]);
});

Deno.test("what was pruned is shown to nobody any more, in whatever room", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const bob = room.login("bob");
  const alice = room.login("alice", { password: "secret" });
  const write = (text: string) => {
    room.say(bob, text);
    room.durable();
    room.ask(bob, { type: "private_msg", recipient: "alice", text });
    room.durable();
  };
  write("old");
  room.now = 5_000;
  write("new");
  room.disconnect(alice);
  for (const [stream, messages] of Object.entries(room.past)) {
    room.past[stream] = messages.filter(({ time }) => time >= 5_000);
  }
  room.hub.pruned(5_000);
  const again = room.login("alice", { password: "secret" });
  assertEquals(again.peer.take(), [
    welcome("alice"),
    before(said("bob", "new")),
    before(told("bob", "alice", "new")),
  ]);
  assertEquals(room.login("zoe").peer.take(), [
    welcome("zoe"),
    before(said("bob", "new")),
  ]);
});
