/** Who asks on and on although it was told 429. */

import { assertEquals } from "@std/assert";
import { restOf, type Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type LoginOptions, type Peer } from "./chat_room.ts";

/** Two requests a second, four at once; over two ignored refusals: a mute. */
const LIMITS = {
  requestsPerSecond: 2,
  requestBurst: 4,
  muteGrace: 500,
  muteAfter: 2,
  mute: 60_000,
};

const ON = "Too fast: at most 2 requests a second, wait one second";
const MUTED = "Too fast: you asked on in spite of that and are muted for 60 s";

function told({ peer }: Session<Peer>): string[] {
  return peer.take().map((event) =>
    event.type === "error_msg"
      ? event.text
      : event.type === "login_reject"
      ? event.reason
      : event.type
  );
}

/** What is answered to so many requests at once. */
function askOften(room: ChatRoom, session: Session<Peer>, times: number) {
  session.peer.take();
  for (let count = 0; count < times; count++) {
    room.ask(session, { type: "list_rooms" });
  }
  return told(session);
}

/** Logs in and asks until it is muted, which takes a second. */
function flood(room: ChatRoom, name: string, options: LoginOptions = {}) {
  const session = room.login(name, options);
  assertEquals(askOften(room, session, 4), [
    "list_rooms",
    "list_rooms",
    "list_rooms",
    ON,
  ]);
  room.pass(501);
  assertEquals(askOften(room, session, 3), [ON, ON, MUTED]);
  return session;
}

Deno.test("who asks on behind a 429 is muted, and is heard again when that is over", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const bob = room.login("bob", { address: "192.0.2.2" });
  const alice = flood(room, "alice");
  assertEquals(room.hub.mutes, 1);
  bob.peer.take();
  room.say(alice, "let me");
  assertEquals(told(alice), ["Too fast: you are muted for another 60 s"]);
  room.pass(59_500);
  room.say(alice, "now?");
  assertEquals(told(alice), ["Too fast: you are muted for another 1 s"]);
  assertEquals(room.appended, []);
  // She hears what others say.
  room.say(bob, "hi");
  room.durable();
  assertEquals(told(alice), ["room_msg"]);
  room.pass(500);
  room.say(alice, "thank you");
  room.durable();
  assertEquals(told(alice), ["room_msg_ack"]);
});

Deno.test("receipts take nothing of what may be asked, unless they come faster than requests may", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const alice = room.login("alice", { reach: "many" });
  const state = (times: number) => {
    for (let count = 0; count < times; count++) {
      room.ask(alice, { type: "receipt", room: 1, received: 1 });
    }
  };
  room.pass(2_000);
  state(4);
  // Four at once, as after a rest.
  assertEquals(askOften(room, alice, 5), [
    ...Array<string>(4).fill("list_rooms"),
    ON,
  ]);
  room.pass(2_000);
  // Three of these count.
  state(7);
  assertEquals(askOften(room, alice, 2), ["list_rooms", ON]);
});

Deno.test("who floods with receipts before a login is told and closed", () => {
  const room = new ChatRoom({ limits: { ...LIMITS, muteAtOnce: 10 } });
  const stranger = room.connect();
  const state = (times: number) => {
    for (let count = 0; count < times; count++) {
      room.ask(stranger, { type: "receipt", room: 1, received: 1 });
    }
  };
  state(4 + 4 + 10);
  assertEquals(told(stranger), []);
  state(1);
  assertEquals(told(stranger), [
    "Too fast: too many requests, and none of them logs in",
  ]);
  assertEquals(stranger.closed, true);
});

Deno.test("who heeds a 429, or has more on the way when it comes, is not muted", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const alice = room.login("alice");
  for (let round = 0; round < 10; round++) {
    assertEquals(
      new Set(askOften(room, alice, 20)),
      new Set(["list_rooms", ON]),
    );
    room.pass(500);
    assertEquals(askOften(room, alice, 20), Array(20).fill(ON));
    room.pass(1_000);
  }
  assertEquals(room.hub.mutes, 0);
});

Deno.test("who is refused very much in a row is muted at once, as what it counts", () => {
  const room = new ChatRoom({ limits: { ...LIMITS, muteAtOnce: 10 } });
  const alice = room.login("alice");
  assertEquals(askOften(room, alice, 13).slice(3), Array(10).fill(ON));
  assertEquals(askOften(room, alice, 1), [MUTED]);
  const bob = room.login("bob", { address: "192.0.2.2" });
  assertEquals(askOften(room, bob, 4).at(-1), ON);
  const list = (bytes: number) => {
    room.hub.receive(bob, { type: "list_rooms" }, room.now, bytes);
    room.work();
    return told(bob);
  };
  assertEquals(list(9 * 1_024), [ON]);
  assertEquals(list(1), [MUTED]);
  // It rests behind two requests' worth.
  assertEquals(restOf(bob, room.now), 0);
  list(2_048);
  assertEquals(restOf(bob, room.now), 1_000);
});

Deno.test("now and then one too many is forgotten after as long as a mute lasts", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const alice = room.login("alice");
  for (let round = 0; round < 5; round++) {
    askOften(room, alice, 10);
    room.pass(501);
    assertEquals(askOften(room, alice, 2), [ON, ON]);
    room.pass(60_001);
  }
  assertEquals(room.hub.mutes, 0);
});

Deno.test("a guest's mute goes with the address, an account's with the account", () => {
  const room = new ChatRoom({ limits: LIMITS });
  room.addAccount("carol", "pass");
  const alice = flood(room, "alice");
  room.disconnect(alice);
  const muted = (name: string, options: LoginOptions) =>
    askOften(room, room.login(name, options), 1);
  const MUTE = ["Too fast: you are muted for another 60 s"];
  assertEquals(muted("alicia", {}), MUTE);
  assertEquals(muted("dave", { address: "192.0.2.9" }), ["list_rooms"]);
  // Behind the same address, but it has shown who it is.
  const password = { password: "pass" };
  assertEquals(muted("carol", password), ["list_rooms"]);
  const carol = flood(room, "carol", { ...password, address: "192.0.2.3" });
  room.disconnect(carol);
  assertEquals(muted("carol", { ...password, address: "192.0.2.4" }), MUTE);
});

Deno.test("at an address that stands for many a guest's mute goes with the name", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const shared = { address: "127.0.0.1", shared: true };
  room.disconnect(flood(room, "alice", shared));
  assertEquals(askOften(room, room.login("bob", shared), 1), ["list_rooms"]);
  assertEquals(askOften(room, room.login("Alice", shared), 1), [
    "Too fast: you are muted for another 60 s",
  ]);
});

Deno.test("who floods before a login is told and closed", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const session = room.connect();
  askOften(room, session, 5);
  room.pass(501);
  assertEquals(askOften(room, session, 3), [
    ON,
    ON,
    "Too fast: too many requests, and none of them logs in",
  ]);
  assertEquals(session.peer.closed, true);
  assertEquals(room.hub.mutes, 1);
});

Deno.test("who is muted and goes on rests a second for each second's worth", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const alice = flood(room, "alice");
  askOften(room, alice, 1);
  assertEquals(restOf(alice, room.now), 0);
  askOften(room, alice, 1);
  assertEquals(restOf(alice, room.now), 1_000);
  assertEquals(restOf(alice, room.now + 999), 1);
  assertEquals(restOf(alice, room.now + 1_000), 0);
  // The clock was set back.
  assertEquals(restOf(alice, room.now - 3_600_000), 0);
});

Deno.test("who is muted and floods on is told and closed, who only goes on asking is not", () => {
  const room = new ChatRoom({ limits: { ...LIMITS, muteFlood: 10_000 } });
  const [alice, bob] = [
    flood(room, "alice"),
    flood(room, "bob", { address: "192.0.2.2" }),
  ];
  for (let second = 0; second < 10; second++) {
    assertEquals(askOften(room, alice, 2).length, 2);
    assertEquals(alice.peer.closed, false);
    if (second % 3 === 0) askOften(room, bob, 2);
    room.pass(1_000);
  }
  assertEquals(askOften(room, alice, 2), [
    "Too fast: you are muted for another 50 s",
    "Too fast: you are muted and did not stop",
  ]);
  assertEquals(alice.peer.closed, true);
  for (let second = 0; second < 30; second += 3) {
    askOften(room, bob, 2);
    room.pass(3_000);
  }
  assertEquals(bob.peer.closed, false);
});

Deno.test("a clock that is set back makes no mute longer", () => {
  const room = new ChatRoom({ limits: LIMITS });
  const alice = flood(room, "alice");
  room.now -= 3_600_000;
  assertEquals(askOften(room, alice, 1), [
    "Too fast: you are muted for another 60 s",
  ]);
});

Deno.test("coming and going counts as ten requests, and a body by its bytes", () => {
  const room = new ChatRoom({
    limits: { requestsPerSecond: 1, requestBurst: 21, announcedCost: 10 },
  });
  const alice = room.login("alice");
  alice.peer.take();
  for (const name of ["tea", "cake", "milk"]) {
    room.ask(alice, { type: "join_room", room: name });
  }
  const TOO_FAST = "Too fast: at most 1 requests a second, wait one second";
  assertEquals(told(alice), ["join_room", "join_room", TOO_FAST]);
  room.pass(21_000);
  const list = (bytes: number) => {
    room.hub.receive(alice, { type: "list_rooms" }, room.now, bytes);
    room.work();
    return told(alice);
  };
  // Twenty, then one, of twenty-one.
  assertEquals(list(20 * 1_024 + 1_023), ["list_rooms"]);
  assertEquals(list(1_023), ["list_rooms"]);
  assertEquals(list(1), [TOO_FAST]);
});
