import { assertEquals } from "@std/assert";
import type { MemberRecord, Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";

type Someone = Session<Peer>;

/** The lobby's handle in the rooms of these tests. */
const LOBBY = 104;

/**
 * The accounts alice, 101, on a wire that says what it has, and bob, 102, on one
 * that can't.
 */
function aliceAndBob(limits = {}): [ChatRoom, Someone, Someone] {
  const room = new ChatRoom({ limits });
  room.addAccount("alice", "secret");
  room.addAccount("bob", "hidden");
  const alice = room.login("alice", { password: "secret", reach: "many" });
  const bob = room.login("bob", { password: "hidden" });
  room.pass(1_000);
  alice.peer.take();
  bob.peer.take();
  return [room, alice, bob];
}

function talk(room: ChatRoom, session: Someone, ...texts: string[]): void {
  for (const text of texts) {
    room.say(session, text);
    room.durable();
  }
}

/** What a client says that it has. */
function has(room: ChatRoom, session: Someone, received: number, read = 0) {
  room.ask(session, {
    type: "receipt",
    room: LOBBY,
    received,
    ...read > 0 && { read },
  });
}

/** What the store knows of a member. */
const kept = (room: ChatRoom, person: number): MemberRecord | undefined =>
  room.state.members.get(`${LOBBY} ${person}`);

const at = (person: number, received: number, read = received) =>
  ({ room: LOBBY, person, received, read }) as const;

/** The ticks that a session was told. */
const ticks = (session: Someone) =>
  session.peer.take().filter(({ type }) => type === "received_by_all");

const tick = (sequence: number) =>
  ({ type: "received_by_all", room: LOBBY, sequence }) as const;

Deno.test("on a wire that can't say so, what has left the server's hands counts as received", () => {
  const [room, alice, bob] = aliceAndBob();
  assertEquals(room.hub.shown(bob), undefined);
  talk(room, alice, "1", "2");
  room.pass(1_000);
  assertEquals(kept(room, 102), at(102, 0));
  const shown = room.hub.shown(bob);
  assertEquals([...shown?.values() ?? []], [2]);
  talk(room, alice, "3");
  if (shown !== undefined) room.hub.reached(bob, shown, room.now);
  room.pass(1_000);
  assertEquals(kept(room, 102), at(102, 2));
  room.taken(bob);
  assertEquals(room.hub.shown(bob), undefined);
  room.pass(1_000);
  assertEquals(kept(room, 102), at(102, 3));
});

Deno.test("on a wire that can say so, only what it says counts", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1", "2", "3");
  assertEquals(room.hub.shown(alice), undefined);
  room.taken(alice);
  room.pass(1_000);
  assertEquals(kept(room, 101), at(101, 0));
  has(room, alice, 2, 1);
  room.pass(1_000);
  assertEquals(kept(room, 101), at(101, 2, 1));
});

Deno.test("receipts never go back, nor beyond what was said", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1", "2", "3");
  has(room, alice, 2, 2);
  has(room, alice, 1, 1);
  room.pass(1_000);
  assertEquals(kept(room, 101), at(101, 2));
  has(room, alice, 9, 9);
  room.pass(1_000);
  assertEquals(kept(room, 101), at(101, 3));
});

Deno.test("a receipt of a room that one is no member of means nothing", () => {
  const [room, alice, bob] = aliceAndBob();
  room.ask(bob, { type: "join_room", room: "tea" });
  talk(room, bob, "1");
  room.ask(alice, { type: "receipt", room: 105, received: 1 });
  room.ask(alice, { type: "receipt", room: 999, received: 1 });
  const stranger = room.connect({ reach: "many" });
  room.ask(stranger, { type: "receipt", room: LOBBY, received: 1 });
  alice.peer.take();
  room.pass(1_000);
  assertEquals([alice.peer.take(), stranger.peer.take()], [[], []]);
  assertEquals(room.state.members.size, 3);
});

Deno.test("what was shown in a room counts also when one has gone on to another", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, alice, "1", "2");
  room.ask(bob, { type: "join_room", room: "tea" });
  talk(room, alice, "3");
  room.taken(bob);
  room.pass(1_000);
  assertEquals(kept(room, 102), at(102, 2));
  assertEquals(room.hub.shown(bob), undefined);
});

Deno.test("what was on its way when a connection broke was not received", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, alice, "1");
  room.ask(bob, { type: "join_room", room: "tea" });
  room.disconnect(bob);
  assertEquals(room.hub.shown(bob), undefined);
});

Deno.test("when everybody has it, its author is told within a second", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, alice, "1");
  room.taken(bob);
  room.pass(999);
  assertEquals(ticks(alice), []);
  room.pass(1);
  assertEquals([ticks(alice), ticks(bob)], [[tick(1)], []]);
  talk(room, alice, "2", "3");
  room.taken(bob);
  room.pass(1_000);
  assertEquals(ticks(alice), [tick(3)]);
  assertEquals(room.hub.nextWake > room.now + 1_000, true);
});

Deno.test("it is told with the next message once it has waited for half a second", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, alice, "1");
  room.taken(bob);
  room.pass(499);
  talk(room, bob, "2");
  assertEquals(ticks(alice), []);
  room.pass(1);
  talk(room, bob, "3");
  assertEquals(
    alice.peer.take().map(({ type }) => type),
    ["received_by_all", "room_msg"],
  );
});

Deno.test("who said nothing of what everybody has now is told nothing", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1", "2");
  room.taken(bob);
  has(room, alice, 2);
  room.pass(60_000);
  assertEquals(ticks(alice), []);
  talk(room, alice, "3");
  room.taken(bob);
  room.pass(1_000);
  assertEquals(ticks(alice), [tick(3)]);
});

Deno.test("nobody has to say that it has what it said itself, but what was before that", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1");
  talk(room, alice, "2", "3");
  room.taken(bob);
  room.pass(1_000);
  assertEquals(ticks(alice), []);
  has(room, alice, 1);
  room.pass(1_000);
  assertEquals(ticks(alice), [tick(3)]);
  // It may not know that it is stored: it is due it when it comes back.
  assertEquals(kept(room, 101), at(101, 1, 0));
});

Deno.test("an account that is away holds the tick back until it has been here", () => {
  const [room, alice, bob] = aliceAndBob();
  room.disconnect(bob);
  talk(room, alice, "1");
  has(room, alice, 1);
  room.pass(60_000);
  assertEquals(ticks(alice), []);
  const again = room.login("bob", { password: "hidden" });
  room.pass(1_000);
  assertEquals(ticks(alice), []);
  room.taken(again);
  room.pass(1_000);
  assertEquals(ticks(alice), [tick(1)]);
});

Deno.test("a guest who is here holds the tick back, one who goes or comes later does not", () => {
  const [room, alice, bob] = aliceAndBob();
  const zoe = room.login("zoe");
  talk(room, alice, "1");
  has(room, alice, 1);
  room.taken(bob);
  room.pass(1_000);
  assertEquals(ticks(alice), []);
  room.login("yan");
  room.disconnect(zoe);
  room.pass(1_000);
  assertEquals(ticks(alice), [tick(1)]);
});

Deno.test("a guest whose session is kept holds it back until that is over", () => {
  const [room, alice, bob] = aliceAndBob();
  const zoe = room.login("zoe", { keep: true, reach: "many" });
  room.disconnect(zoe);
  talk(room, alice, "1");
  has(room, alice, 1);
  room.taken(bob);
  room.pass(599_000);
  assertEquals(ticks(alice), []);
  room.pass(1_000);
  room.pass(1_000);
  assertEquals(ticks(alice), [tick(1)]);
});

Deno.test("an account that leaves a room, or is removed, holds nothing back there", () => {
  const room = new ChatRoom();
  for (const name of ["alice", "bob", "carol"]) room.addAccount(name, name);
  const [alice, bob] = ["alice", "bob"].map((name) =>
    room.login(name, { password: name, reach: "many" })
  ) as [Someone, Someone];
  room.ask(alice, {
    type: "make_group",
    room: "den",
    users: ["bob", "carol"],
  });
  const handle = [...room.hub.rooms].at(-1)?.handle ?? 0;
  room.ask(alice, { type: "room_msg", room: "den", text: "1" });
  room.durable();
  room.ask(alice, { type: "receipt", room: handle, received: 1 });
  room.ask(bob, { type: "leave_room", room: "den" });
  room.pass(1_000);
  assertEquals(ticks(alice), []);
  room.state.people.delete(103);
  room.changeAccounts();
  room.hub.accountsChanged(room.accounts ?? [], room.now);
  room.pass(1_000);
  assertEquals(ticks(alice), [{ ...tick(1), room: handle }]);
});

Deno.test("a second device is told how far the first one is", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1", "2", "3");
  has(room, alice, 3, 2);
  room.taken(bob);
  room.pass(1_000);
  const second = room.login("alice", { password: "secret", reach: "many" });
  assertEquals(second.peer.take()[1], {
    type: "rooms",
    rooms: [{
      room: LOBBY,
      kind: "public",
      name: "general",
      last: 3,
      received: 3,
      read: 2,
      receivedByAll: 3,
    }],
  });
});

Deno.test("who still catches up is told, too, what everybody has", () => {
  const [room, , bob] = aliceAndBob({ joinHistory: 0 });
  talk(room, bob, "1");
  room.restart();
  room.holding.add("page");
  const again = room.login("alice", { password: "secret", reach: "many" });
  const other = room.login("bob", { password: "hidden", reach: "many" });
  room.holding.clear();
  has(room, again, 1);
  has(room, other, 1);
  room.pass(1_000);
  assertEquals(ticks(again), []);
  room.release();
  assertEquals(ticks(again), [tick(1)]);
});

Deno.test("cursors are written when a server stops, and a server that dies knows of less, never of more", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1", "2");
  has(room, alice, 1);
  room.hub.flush();
  room.work();
  has(room, alice, 2);
  room.restart();
  const again = room.login("alice", { password: "secret", reach: "many" });
  const [, state, ...missed] = again.peer.take();
  assertEquals(state?.type === "rooms" && state.rooms[0]?.received, 1);
  assertEquals(missed.map((event) => "text" in event && event.text), ["2"]);
});

Deno.test("a receipt gets no reply, also while the server goes down", () => {
  const [room, alice, bob] = aliceAndBob();
  talk(room, bob, "1");
  room.ask(bob, { type: "room_msg", text: "on its way" });
  alice.peer.take();
  room.hub.shutdown(room.now);
  has(room, alice, 1);
  assertEquals(alice.peer.take(), []);
  room.durable();
  assertEquals(alice.peer.take().map(({ type }) => type), [
    "room_msg",
    "error_msg",
  ]);
});

Deno.test("what was shown counts also when one has left and is shown it again from the beginning", () => {
  const [room, alice, bob] = aliceAndBob({ joinHistory: 1, replayPage: 1 });
  room.ask(alice, { type: "make_group", room: "den", users: ["bob"] });
  room.ask(bob, { type: "join_room", room: "den" });
  for (const text of ["1", "2", "3"]) {
    room.ask(alice, { type: "room_msg", room: "den", text });
    room.durable();
  }
  room.ask(bob, { type: "join_room", room: "tea" });
  room.holding.add("page");
  room.ask(bob, { type: "join_room", room: "den" });
  room.release();
  const den = room.hub.room("den");
  assertEquals([...room.hub.shown(bob) ?? []], [[den, 3]]);
});
