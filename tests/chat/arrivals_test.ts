/** How many come from one address, and what names their guests take. */

import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";

/** What a login was answered, or what was said last. */
function told({ peer }: Session<Peer>): string | undefined {
  const event = peer.take().at(-1);
  if (event?.type === "login_reject") return event.reason;
  return event?.type === "error_msg" ? event.text : event?.type;
}

const FULL = "Too fast: an address has at most 2 guests, and yours has them";

Deno.test("guests of one address have so many names, and one that leaves makes room", () => {
  const room = new ChatRoom({ limits: { guestsPerAddress: 2 } });
  const at = (address: string) => ({ address });
  const here = at("2001:db8:0:1::1");
  const alice = room.login("alice", here);
  assertEquals(told(alice), "login_ack");
  // Whoever has one address of a /64 has all of them.
  assertEquals(
    told(room.login("bob", at("2001:db8:0:1:ffff::2"))),
    "login_ack",
  );
  assertEquals(told(room.login("carol", here)), FULL);
  assertEquals(told(room.login("carol", at("2001:db8:0:2::1"))), "login_ack");
  room.disconnect(alice);
  assertEquals(told(room.login("dave", here)), "login_ack");
  assertEquals(told(room.login("erin", here)), FULL);
});

Deno.test("a guest who may come back has its name, an account has no guest's", () => {
  const room = new ChatRoom({
    limits: { guestsPerAddress: 2, guestSession: 600_000 },
  });
  room.addAccount("carol", "pass");
  room.disconnect(room.login("alice", { keep: true }));
  assertEquals(told(room.login("carol", { password: "pass" })), "login_ack");
  const bob = room.login("bob", { reach: "many" });
  assertEquals(told(room.login("dave")), FULL);
  // A guest who makes an account is none any more.
  room.ask(bob, { type: "register", password: "word" });
  assertEquals(told(bob), "register");
  assertEquals(told(room.login("dave")), "login_ack");
  assertEquals(told(room.login("erin")), FULL);
  room.pass(600_000);
  assertEquals(told(room.login("erin")), "login_ack");
});

Deno.test("an address that stands for many has as many guests as come", () => {
  const room = new ChatRoom({ limits: { guestsPerAddress: 1, loginBurst: 1 } });
  for (const name of ["alice", "bob", "carol"]) {
    assertEquals(told(room.login(name, { shared: true })), "login_ack");
  }
});

Deno.test("an address logs in so often at once, then as often a second", () => {
  const room = new ChatRoom({ limits: { loginsPerSecond: 2, loginBurst: 3 } });
  const TOO_FAST =
    "Too fast: too many logins from your address, wait one second";
  const login = (name: string, address?: string) => {
    const session = room.login(name, address === undefined ? {} : { address });
    const answer = told(session);
    room.disconnect(session);
    return answer;
  };
  const storm = ["a", "b", "c", "d"].map((name) => login(name));
  assertEquals(storm, ["login_ack", "login_ack", "login_ack", TOO_FAST]);
  assertEquals(login("e", "192.0.2.2"), "login_ack");
  room.pass(1_000);
  assertEquals(["f", "g", "h"].map((name) => login(name)), [
    "login_ack",
    "login_ack",
    TOO_FAST,
  ]);
});

Deno.test("a name that its guest has not used for long goes to who asks for it", () => {
  const room = new ChatRoom({ limits: { guestIdle: 3_600_000 } });
  const watcher = room.login("watcher");
  const idle = room.login("alice", { keep: true, reach: "many" });
  room.pass(3_599_999);
  const early = room.login("ALICE");
  assertEquals(told(early), "Name taken: somebody is here as ALICE");
  room.pass(1);
  watcher.peer.take();
  idle.peer.take();
  const fresh = room.login("Alice");
  assertEquals(told(fresh), "login_ack");
  assertEquals(
    told(idle),
    "Not logged in or wrong password: Alice was idle, and somebody came for it",
  );
  assertEquals(idle.peer.closed, true);
  assertEquals(watcher.peer.take(), [
    { type: "system_msg", text: "alice left general" },
    { type: "system_msg", text: "Alice joined general" },
  ]);
  // Its token means nothing any more, and its name is in use.
  assertEquals(room.state.sessions.size, 0);
  assertEquals(
    told(room.login("alice")),
    "Name taken: somebody is here as alice",
  );
});

Deno.test("an account's name is nobody else's, however idle it is", () => {
  const room = new ChatRoom({ limits: { guestIdle: 1_000 } });
  room.addAccount("carol", "pass");
  const carol = room.login("carol", { password: "pass" });
  room.pass(5_000);
  const other = room.login("carol", { password: "guess" });
  assertEquals(
    told(other),
    "Not logged in or wrong password: the name or the password is wrong",
  );
  assertEquals(carol.peer.closed, false);
});

Deno.test("of those without a login the oldest goes when there are too many", () => {
  const room = new ChatRoom({ limits: { strangers: 2 } });
  const first = room.connect();
  const alice = room.login("alice");
  const [second, third] = [room.connect(), room.connect()];
  room.work();
  assertEquals(
    told(first),
    "Unavailable: too many others have not logged in either",
  );
  assertEquals(first.peer.closed, true);
  const closed = [alice, second, third].map(({ peer }) => peer.closed);
  assertEquals(closed, [false, false, false]);
});
