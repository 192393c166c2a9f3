import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import type { RoomKind } from "../../lib/wire/mod.ts";
import { ChatRoom, type LoginOptions, type Peer } from "./chat_room.ts";
import { ack, error, place, reject, told, welcome } from "./expected.ts";

type Someone = Session<Peer>;

/** The accounts alice, 101, bob, 102, and carol, 103; nobody is here. */
function threeAccounts(limits = {}, streams = false): ChatRoom {
  const room = new ChatRoom({ limits, streams });
  for (const name of ["alice", "bob", "carol"]) room.addAccount(name, "secret");
  return room;
}

const login = (room: ChatRoom, name: string, options: LoginOptions = {}) =>
  room.login(name, { password: "secret", ...options });

/** Somebody who fetches what waits. */
const fetching = (room: ChatRoom, name: string): Someone => {
  const session = login(room, name, { reach: "none" });
  session.peer.take();
  return session;
};

function write(room: ChatRoom, from: Someone, recipient: string, text: string) {
  room.ask(from, { type: "private_msg", recipient, text });
  room.durable();
}

/** Everything that waits for somebody: ids and texts. */
function waiting(room: ChatRoom, session: Someone): string[] {
  session.peer.take();
  room.ask(session, { type: "list_waiting" });
  const [reply, ...others] = session.peer.take();
  assertEquals(others, []);
  if (reply?.type !== "list_waiting") throw new Error(`got ${reply?.type}`);
  return reply.messages.map(({ sender, text }) => `${sender}: ${text}`);
}

Deno.test("who asks for an account alone is told when there is none, and may try again", () => {
  const room = threeAccounts();
  const session = room.connect({ reach: "many", retries: true });
  const attempt = (username: string, password: string) =>
    room.ask(session, { type: "login", username, password, account: true });
  attempt("dave", "secret");
  attempt("Alice", "wrong");
  assertEquals(session.peer.take(), [
    reject(404, "there is no account dave"),
    reject(401, "the name or the password is wrong"),
  ]);
  assertEquals(session.peer.closed, false);
  attempt("alice", "secret");
  assertEquals(session.peer.take()[0]?.type, "login_ack");
});

Deno.test("who doesn't get in for too long is closed also when logins may be tried again", () => {
  const room = threeAccounts();
  const session = room.connect({ retries: true });
  room.pass(9_000);
  room.ask(session, { type: "login", username: "alice", password: "wrong" });
  session.peer.take();
  room.pass(9_999);
  assertEquals(session.peer.closed, false);
  room.pass(1);
  assertEquals(session.peer.take(), [error(401, "no login within 10 s")]);
  assertEquals(session.peer.closed, true);
});

Deno.test("a rejected login closes where nobody said that it may be tried again", () => {
  const room = threeAccounts();
  const session = room.login("alice", { password: "wrong" });
  assertEquals(session.peer.closed, true);
});

Deno.test("what is said under a key counts once for its author, in every session and after a restart", () => {
  const room = threeAccounts();
  const say = (session: Someone, text: string) => {
    session.peer.take();
    room.ask(session, { type: "room_msg", text, idempotencyKey: "0a" });
    room.durable();
    return session.peer.take();
  };
  const first = ack(1);
  assertEquals(say(login(room, "alice"), "hi"), [first]);
  const again = { ...first, repeated: true } as const;
  assertEquals(say(login(room, "alice"), "hi again"), [again]);
  room.restart();
  assertEquals(say(login(room, "alice"), "hi again"), [again]);
  assertEquals(say(login(room, "bob"), "mine"), [ack(2)]);
  assertEquals(room.past["#general"]?.map(({ text }) => text), ["hi", "mine"]);
});

Deno.test("a group that is made under a key is made once, and its maker is told so again", () => {
  const room = threeAccounts();
  const make = (session: Someone, idempotencyKey: string) => {
    session.peer.take();
    const users = ["bob"];
    room.ask(session, {
      type: "make_group",
      room: "cake",
      users,
      idempotencyKey,
    });
    return session.peer.take()[0];
  };
  const made = {
    type: "make_group",
    room: "cake",
    users: ["alice", "bob"],
  } as const;
  const alice = login(room, "alice", { reach: "many" });
  assertEquals(make(alice, "0a"), made);
  assertEquals(make(alice, "0a"), made);
  room.restart();
  const again = login(room, "alice", { reach: "many" });
  assertEquals(make(again, "0a"), made);
  const taken = error(409, "the name cake is taken");
  assertEquals(make(again, "0b"), taken);
  const bob = login(room, "bob", { reach: "many" });
  assertEquals(make(bob, "0a"), taken);
});

Deno.test("a group that is asked for again while it is being made is made once", () => {
  const room = threeAccounts();
  const ask = (session: Someone) =>
    room.ask(session, {
      type: "make_group",
      room: "cake",
      users: ["bob"],
      idempotencyKey: "0a",
    });
  const one = login(room, "alice", { reach: "many" });
  const two = login(room, "alice", { reach: "many" });
  one.peer.take();
  two.peer.take();
  room.holding.add("open");
  ask(one);
  ask(two);
  room.holding.clear();
  room.release();
  const made = {
    type: "make_group",
    room: "cake",
    users: ["alice", "bob"],
  } as const;
  assertEquals(one.peer.take()[0], made);
  assertEquals(
    two.peer.take().filter(({ type }) => type === "make_group"),
    [made],
  );
});

Deno.test("one's own rooms are listed with who is in them, a direct one by the other's name", () => {
  const room = threeAccounts();
  const alice = login(room, "alice", { reach: "many" });
  room.ask(alice, { type: "make_group", room: "cake", users: ["carol"] });
  write(room, alice, "bob", "psst");
  alice.peer.take();
  room.ask(alice, { type: "list_own_rooms" });
  assertEquals(alice.peer.take(), [{
    type: "list_own_rooms",
    rooms: [
      { ...own(105, "public", "general", 0), users: ["alice"] },
      { ...own(106, "group", "cake", 0), users: ["alice", "carol"] },
      { ...own(107, "direct", "bob", 1), users: ["alice", "bob"] },
    ],
  }]);
});

const own = (room: number, kind: RoomKind, name: string, last: number) =>
  ({
    room,
    kind,
    name,
    last,
    received: 0,
    read: 0,
    receivedByAll: 0,
    created: 1_000,
  }) as const;

Deno.test("the people there are: every account, and the guests who are here", () => {
  const room = threeAccounts();
  const alice = login(room, "alice", { reach: "many" });
  const dave = room.login("Dave");
  room.disconnect(room.login("erin", { keep: true, reach: "many" }));
  const list = () => {
    alice.peer.take();
    room.ask(alice, { type: "list_people" });
    return alice.peer.take();
  };
  assertEquals(list(), [
    { type: "list_people", users: ["alice", "bob", "carol", "Dave"] },
  ]);
  room.disconnect(dave);
  assertEquals(list(), [
    { type: "list_people", users: ["alice", "bob", "carol"] },
  ]);
});

Deno.test("who fetches is told nothing, and gets what waits oldest first, until it says that it has it", () => {
  const room = threeAccounts();
  const bob = login(room, "bob");
  const carol = login(room, "carol");
  write(room, bob, "alice", "1");
  write(room, carol, "alice", "2");
  write(room, bob, "alice", "3");
  const alice = login(room, "alice", { reach: "none" });
  room.say(bob, "to everybody");
  room.durable();
  write(room, carol, "alice", "4");
  assertEquals(alice.peer.take(), [{
    ...welcome("alice"),
    user: 101,
  }]);
  assertEquals(waiting(room, alice), [
    "bob: 1",
    "carol: 2",
    "bob: 3",
    "carol: 4",
  ]);
  const handle = handleOf(room, "bob");
  room.ask(alice, { type: "receipt", room: handle, received: 1 });
  assertEquals(waiting(room, alice), ["carol: 2", "bob: 3", "carol: 4"]);
  room.ask(alice, { type: "receipt", room: handle, received: 2 });
  room.disconnect(alice);
  assertEquals(waiting(room, fetching(room, "alice")), [
    "carol: 2",
    "carol: 4",
  ]);
});

/** The handle of the room that alice and somebody have. */
function handleOf(room: ChatRoom, name: string): number {
  const alice = login(room, "alice", { reach: "many" });
  const rooms = alice.peer.take().flatMap((event) =>
    event.type === "rooms" ? event.rooms : []
  );
  room.disconnect(alice);
  return rooms.find((each) => each.name === name)?.room ?? 0;
}

Deno.test("what one said oneself waits for nobody", () => {
  const room = threeAccounts({ historyPage: 2 });
  const alice = fetching(room, "alice");
  for (const text of ["1", "2", "3"]) write(room, alice, "bob", text);
  assertEquals(waiting(room, alice), []);
  const bob = login(room, "bob");
  write(room, bob, "alice", "4");
  write(room, alice, "bob", "5");
  assertEquals(waiting(room, alice), ["bob: 4"]);
});

Deno.test("what one writes to oneself waits for one", () => {
  const room = threeAccounts();
  const alice = fetching(room, "alice");
  write(room, alice, "alice", "note");
  assertEquals(waiting(room, alice), ["alice: note"]);
  const handle = handleOf(room, "alice");
  room.ask(alice, { type: "receipt", room: handle, received: 1 });
  assertEquals(waiting(room, alice), []);
});

Deno.test("as much of what waits is told as a page holds, the oldest of it", () => {
  const room = threeAccounts({ historyPage: 2 });
  const bob = login(room, "bob");
  const carol = login(room, "carol");
  for (const text of ["1", "2", "3"]) write(room, bob, "alice", text);
  write(room, carol, "alice", "4");
  assertEquals(waiting(room, fetching(room, "alice")), ["bob: 1", "bob: 2"]);
});

Deno.test("who fetches is acknowledged what it writes, and what reaches nobody is refused", () => {
  const room = threeAccounts();
  const alice = fetching(room, "alice");
  const bob = login(room, "bob");
  bob.peer.take();
  write(room, alice, "bob", "hi");
  room.ask(alice, { type: "private_msg", recipient: "dave", text: "hi" });
  assertEquals(alice.peer.take(), [
    { ...told("alice", "bob", "hi"), place: place(1, 107, 1, 101) },
    error(404, "nobody here is called dave"),
  ]);
  assertEquals(bob.peer.take(), [told("alice", "bob", "hi")]);
});

Deno.test("what its author's clock said goes with a message, to everybody and into the log", () => {
  const room = threeAccounts();
  const alice = login(room, "alice", { reach: "many" });
  const bob = login(room, "bob", { reach: "many" });
  bob.peer.take();
  const sent = "2026-11-21T02:30:00.123456";
  room.ask(alice, { type: "room_msg", text: "hi", sent });
  room.durable();
  const [message] = bob.peer.take();
  assertEquals(message?.type === "room_msg" && message.place?.sent, sent);
  assertEquals(room.past["#general"]?.[0]?.sent, sent);
});

Deno.test("who wants all receipts is told what everybody has though others said it", () => {
  const room = threeAccounts({}, true);
  const alice = login(room, "alice", { reach: "many" });
  const bob = login(room, "bob", { reach: "many", allReceipts: true });
  const carol = login(room, "carol", { reach: "many" });
  room.say(alice, "hi");
  room.durable();
  room.pass(2_000);
  for (const each of [alice, bob, carol]) each.peer.take();
  for (const each of [bob, carol]) {
    room.ask(each, { type: "receipt", room: 105, received: 1 });
  }
  room.pass(2_000);
  const all = {
    type: "received_by_all",
    room: 105,
    sequence: 1,
    behind: 0,
  } as const;
  assertEquals(bob.peer.take(), [all]);
  assertEquals(alice.peer.take(), [all]);
  assertEquals(carol.peer.take(), []);
});
