/** Messages that come again when none is taken: is it known what they were? */

import { assertEquals } from "@std/assert";
import type { Limits, Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";

type Someone = Session<Peer>;

/** Two requests a second, four at once; three refused in a row: a mute. */
const LIMITS = {
  requestsPerSecond: 2,
  requestBurst: 4,
  muteAtOnce: 3,
  mute: 60_000,
};

const ON = "Too fast: at most 2 requests a second, wait one second";
const MUTED = "Too fast: you are muted for another 60 s";
const CLOSING = "Unavailable: the server is going down";

/** Alice, who has an account and a session that is kept; and its token. */
function begin(
  limits: Partial<Limits> = LIMITS,
): { room: ChatRoom; alice: Someone; token: string } {
  const room = new ChatRoom({ limits });
  room.addAccount("alice", "secret");
  const account = { password: "secret", keep: true, reach: "many" } as const;
  const alice = room.login("alice", account);
  const [ack] = alice.peer.take();
  const token = ack?.type === "login_ack" ? ack.token ?? "" : "";
  return { room, alice, token };
}

/** Another client of hers floods until she is muted. */
function mute(room: ChatRoom): void {
  const other = room.login("alice", { password: "secret" });
  for (let asked = 0; asked < 7; asked++) {
    room.ask(other, { type: "list_rooms" });
  }
  assertEquals(room.hub.mutes, 1);
  room.disconnect(other);
}

function resume(room: ChatRoom, token: string): Someone {
  const session = room.connect({ reach: "many" });
  room.ask(session, { type: "resume", token, positions: [] });
  session.peer.take();
  return session;
}

const say = (room: ChatRoom, session: Someone, ref: number) =>
  room.ask(session, { type: "room_msg", text: `${ref}`, ref });

/** Message 0 is stored and was not acknowledged; alice is back, and muted. */
function mutedBehindOne() {
  const { room, alice, token } = begin();
  say(room, alice, 0);
  room.durable();
  room.disconnect(alice);
  mute(room);
  return { room, token, again: resume(room, token) };
}

/** What it was answered: an error's text, or where its message stands. */
const answers = ({ peer }: Someone) =>
  peer.take().flatMap((event): unknown[] =>
    event.type === "error_msg"
      ? [event.text]
      : event.type === "room_msg_ack"
      ? [event.place?.sequence, event.repeated]
      : []
  );

Deno.test("what was stored is acknowledged to whoever is muted, and what is new is refused", () => {
  const { room, token, again } = mutedBehindOne();
  say(room, again, 0);
  say(room, again, 1);
  assertEquals(answers(again), [1, true, MUTED]);
  room.pass(60_000);
  // Nobody looked at it, so it is as good as new.
  room.disconnect(again);
  const third = resume(room, token);
  say(room, third, 1);
  room.durable();
  assertEquals(answers(third), [2, undefined]);
});

Deno.test("what was stored before a restart is acknowledged to whoever asks too fast", () => {
  const { room, alice, token } = begin();
  say(room, alice, 0);
  room.durable();
  room.restart();
  const again = resume(room, token);
  for (let asked = 0; asked < 3; asked++) {
    room.ask(again, { type: "list_rooms" });
  }
  again.peer.take();
  say(room, again, 0);
  say(room, again, 1);
  assertEquals(answers(again), [1, true, ON]);
});

Deno.test("what is on its way to the log is acknowledged from there, also to whoever is muted", () => {
  const { room, alice, token } = begin();
  say(room, alice, 0);
  room.disconnect(alice);
  mute(room);
  const again = resume(room, token);
  say(room, again, 0);
  assertEquals(answers(again), []);
  room.durable();
  assertEquals(answers(again), [1, true]);
});

Deno.test("what was stored is acknowledged by a server that goes down", () => {
  const { room, alice, token } = begin();
  const bob = room.login("bob", { address: "192.0.2.2" });
  say(room, alice, 0);
  room.durable();
  room.disconnect(alice);
  const again = resume(room, token);
  room.say(bob, "so that it is not down at once");
  room.hub.shutdown(room.now);
  say(room, again, 0);
  say(room, again, 1);
  assertEquals(answers(again), [1, true, CLOSING]);
});

Deno.test("what was refused is refused again for what it was, also to whoever is muted", () => {
  const { room, alice, token } = begin();
  const write = (session: Someone) =>
    room.ask(session, {
      type: "private_msg",
      recipient: "nobody",
      text: "hi",
      ref: 0,
    });
  write(alice);
  room.disconnect(alice);
  mute(room);
  const again = resume(room, token);
  write(again);
  assertEquals(answers(again), ["Not found: nobody here is called nobody"]);
});

Deno.test("a flood of new messages costs no look into the log", () => {
  const { room, again } = mutedBehindOne();
  room.holding.add("find");
  for (let ref = 1; ref < 20; ref++) say(room, again, ref);
  assertEquals(answers(again), Array(19).fill(MUTED));
  assertEquals(room.held, []);
});

Deno.test("whoever is closed for not stopping is not told that the last message was refused", () => {
  const answered: (string | boolean)[] = [];
  const limits = { requestsPerSecond: 1, requestBurst: 4, muteAtOnce: 1 };
  const room = new ChatRoom({
    limits: { ...limits, mute: 60_000, muteFlood: 2_000 },
    tell: (session, event, reply) => {
      session.peer.told.push(event);
      if (event.type === "error_msg") answered.push(event.text, reply === true);
    },
  });
  const zoe = room.login("zoe", { keep: true, reach: "many" });
  say(room, zoe, 0);
  room.durable();
  for (let asked = 0; asked < 4; asked++) {
    room.ask(zoe, { type: "list_rooms" });
  }
  for (let second = 0; second < 4; second++) {
    room.pass(1_000);
    say(room, zoe, 0);
  }
  assertEquals(zoe.peer.closed, true);
  assertEquals(answered.slice(-2), [
    "Too fast: you are muted and did not stop",
    false,
  ]);
});

Deno.test("what was stored in a room that is no more is acknowledged in no room", () => {
  const { room, alice, token } = begin({});
  room.ask(alice, { type: "join_room", room: "tea" });
  say(room, alice, 0);
  room.durable();
  room.ask(alice, { type: "leave_room", room: "tea" });
  assertEquals(room.hub.room("tea"), undefined);
  room.disconnect(alice);
  const again = resume(room, token);
  say(room, again, 0);
  room.durable();
  // It is refused, as she is not in there, and found then.
  room.ask(again, { type: "room_msg", room: "tea", text: "0", ref: 0 });
  room.ask(again, {
    type: "private_msg",
    recipient: "Nobody",
    text: "0",
    ref: 0,
  });
  const place = { id: 1, room: 0, sequence: 1, time: 1_000, sender: 101 };
  const acknowledged = {
    type: "room_msg_ack",
    id: 1,
    place,
    repeated: true,
  } as const;
  const [first, second, third] = again.peer.take();
  assertEquals([first, second], [acknowledged, acknowledged]);
  assertEquals(third, {
    type: "private_msg_delivery",
    sender: "alice",
    recipient: "Nobody",
    text: "0",
    place,
    repeated: true,
  });
  assertEquals(room.state.rejections, []);
});
