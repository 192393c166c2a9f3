/** What nobody waits for and can't be written: it is written later. */

import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { reject } from "./expected.ts";

const OVER = reject(401, "this session is over, log in by name");

/** Saves wait from now on. */
function fill(room: ChatRoom): void {
  room.holding.add("save");
}

/** None of those is written; later ones are. */
function empty(room: ChatRoom): void {
  while (room.held.length > 0) room.refuse("the disk is full");
  room.holding.delete("save");
}

/** Alice, in a session that is kept, and her token. */
function keptAlice(): [ChatRoom, Session<Peer>, string] {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", {
    password: "secret",
    reach: "many",
    keep: true,
  });
  const [reply] = alice.peer.take();
  if (reply?.type !== "login_ack") throw new Error("no login");
  return [room, alice, reply.token ?? "none"];
}

/** The first reply to a resumption. */
function resume(room: ChatRoom, token: string) {
  const session = room.connect({ reach: "many" });
  room.ask(session, { type: "resume", token, positions: [] });
  return session.peer.take()[0];
}

/** Alice at a wire with one room at a time, in tea. */
function aliceInTea(): [ChatRoom, Session<Peer>] {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const alice = room.login("alice", { password: "secret" });
  room.ask(alice, { type: "join_room", room: "tea" });
  alice.peer.take();
  return [room, alice];
}

/** How many memberships the store has: that of the lobby is one. */
const memberships = (room: ChatRoom) => room.state.members.size;

Deno.test("a logout that could not be written is, ten seconds later, and the token means nothing after a restart", () => {
  const [room, alice, token] = keptAlice();
  fill(room);
  room.ask(alice, { type: "logout" });
  empty(room);
  assertEquals(room.hub.nextWake, 11_000);
  room.pass(9_999);
  assertEquals(room.state.sessions.size, 1);
  room.pass(1);
  assertEquals(room.state.sessions.size, 0);
  assertEquals(room.hub.nextWake, Infinity);
  room.restart();
  assertEquals(resume(room, token), OVER);
});

Deno.test("what could not be written is tried again and again", () => {
  const [room, alice, token] = keptAlice();
  fill(room);
  room.ask(alice, { type: "logout" });
  for (let time = 0; time < 3; time++) {
    room.refuse("the disk is full");
    assertEquals(room.held.length, 0);
    room.pass(10_000);
    assertEquals(room.held.length, 1);
  }
  room.release();
  room.restart();
  assertEquals(resume(room, token), OVER);
});

Deno.test("a server that goes down tries it at once", () => {
  const [room, alice] = keptAlice();
  fill(room);
  room.ask(alice, { type: "logout" });
  empty(room);
  room.hub.shutdown(room.now);
  room.hub.flush();
  room.work();
  assertEquals(room.state.sessions.size, 0);
});

Deno.test("an account that moved out of a room while the disk was full is no member of it", () => {
  const [room, alice] = aliceInTea();
  assertEquals(memberships(room), 2);
  fill(room);
  room.ask(alice, { type: "join_room", room: "general" });
  empty(room);
  assertEquals(memberships(room), 2);
  room.pass(10_000);
  assertEquals(memberships(room), 1);
  assertEquals(room.state.rooms.size, 1);
});

Deno.test("what could not be written undoes nothing that was written after it", () => {
  const [room, alice] = aliceInTea();
  const zoe = room.login("zoe");
  room.ask(zoe, { type: "join_room", room: "tea" });
  fill(room);
  room.ask(alice, { type: "join_room", room: "general" });
  room.ask(alice, { type: "join_room", room: "tea" });
  // The end of her membership fails when the next one is on its way already.
  assertEquals(room.held.length, 2);
  room.refuse("the disk is full");
  room.pass(10_000);
  assertEquals([room.held.length, room.hub.nextWake > room.now], [1, true]);
  room.release();
  assertEquals([room.held.length, memberships(room)], [0, 2]);
  room.pass(10_000);
  assertEquals([room.held.length, memberships(room)], [0, 2]);
});

Deno.test("it is written after what was on its way then", () => {
  const [room, alice, token] = keptAlice();
  const bob = room.login("bob", { reach: "many" });
  fill(room);
  room.ask(alice, { type: "logout" });
  room.ask(bob, { type: "register", password: "hidden" });
  room.refuse("the disk is full");
  room.pass(10_000);
  assertEquals([room.held.length, room.state.sessions.size], [1, 1]);
  room.holding.delete("save");
  room.release();
  assertEquals(room.state.sessions.size, 0);
  room.restart();
  assertEquals(resume(room, token), OVER);
});
