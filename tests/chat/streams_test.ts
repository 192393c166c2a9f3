/** What a wire with streams is told, so that it need not be told more. */

import { assertEquals } from "@std/assert";
import { ChatRoom } from "./chat_room.ts";

/** A hub with streams, and somebody who follows the lobby's. */
function following(name = "alice") {
  const room = new ChatRoom({ streams: true });
  const session = room.login(name, { reach: "many" });
  const { handle } = room.hub.lobby;
  return { room, session, handle, told: session.peer.take() };
}

Deno.test("who comes in is told the room's handle, who is there, and where the stream is", () => {
  const { room, session, handle, told } = following();
  const user = session.person?.handle ?? 0;
  assertEquals(told.map(({ type }) => type), [
    "login_ack",
    "rooms",
    "names",
    "position",
  ]);
  assertEquals(told[0], {
    type: "login_ack",
    username: "alice",
    room: "general",
    user,
    roomHandle: handle,
  });
  assertEquals(told.slice(2), [
    { type: "names", names: [{ handle: user, kind: "user", name: "alice" }] },
    { type: "position", room: handle, sequence: 0, time: 1 },
  ]);
  const bob = room.login("bob", { reach: "many" });
  assertEquals(session.peer.take(), [{
    type: "presence",
    room: "general",
    user: "bob",
    here: true,
    handles: { room: handle, user: bob.person?.handle ?? 0 },
  }]);
});

Deno.test("each message says how many seconds of its stream have passed, and time never goes back", () => {
  const { room, session } = following();
  const bob = room.login("bob", { reach: "many" });
  bob.peer.take();
  const pauses: unknown[] = [];
  for (const time of [1_999, 2_000, 5_500, 4_000, 5_999, 6_000]) {
    room.now = time;
    room.say(session, `${time}`);
    room.durable();
    for (const event of [...session.peer.take(), ...bob.peer.take()]) {
      if ("place" in event) pauses.push(event.place?.pause);
    }
  }
  // The author's acknowledgement and what bob is shown say the same.
  assertEquals(pauses, [0, 0, 1, 1, 3, 3, 0, 0, 0, 0, 1, 1]);
});

Deno.test("what was said before is no part of the stream, which is stated behind it", () => {
  const { room, session, handle } = following();
  room.say(session, "before");
  room.durable();
  room.now = 61_000;
  const bob = room.login("bob", { reach: "many" });
  const [, , past, , position] = bob.peer.take();
  assertEquals(past?.type === "room_msg" && past.place, {
    id: 1,
    room: handle,
    sequence: 1,
    time: 1_000,
    sender: session.person?.handle ?? 0,
  });
  assertEquals(position, {
    type: "position",
    room: handle,
    sequence: 1,
    time: 1,
  });
});

Deno.test("the position is stated every 128 messages, to those who follow the stream", () => {
  const { room, session, handle } = following();
  const old = room.login("bob");
  const stated = () =>
    session.peer.take().filter(({ type }) => type === "position");
  stated();
  for (let count = 0; count < 127; count++) room.say(session, "x");
  while (room.appended.length > 0) room.durable();
  assertEquals(stated(), []);
  room.say(session, "x");
  while (room.appended.length > 0) room.durable();
  assertEquals(stated(), [
    { type: "position", room: handle, sequence: 128, time: 1 },
  ]);
  assertEquals(
    old.peer.take().filter(({ type }) => type === "room_msg").length,
    128,
  );
});

Deno.test("what everybody has is told by how far it is behind, also to who has caught up since", () => {
  const { room, session, handle } = following();
  const carol = room.login("carol", { reach: "many" });
  room.say(session, "1");
  room.say(session, "2");
  room.durable();
  room.durable();
  room.ask(carol, { type: "receipt", room: handle, received: 1 });
  session.peer.take();
  room.pass(1_000);
  const all = {
    type: "received_by_all",
    room: handle,
    sequence: 1,
    behind: 1,
  } as const;
  assertEquals(session.peer.take(), [all]);
  const bob = room.login("bob", { reach: "many" });
  assertEquals(bob.peer.take().at(-1), all);
});

Deno.test("an account's other clients are told of a room that one of them joins or leaves", () => {
  const room = new ChatRoom();
  room.addAccount("alice", "secret");
  const login = () =>
    room.login("alice", { password: "secret", reach: "many" });
  const [one, two] = [login(), login()];
  two.peer.take();
  room.ask(one, { type: "join_room", room: "den" });
  const [told] = two.peer.take();
  assertEquals(
    told?.type === "rooms" && told.rooms.map(({ name }) => name),
    ["den"],
  );
  room.ask(one, { type: "room_msg", room: "den", text: "hi" });
  room.durable();
  assertEquals(two.peer.take().map(({ type }) => type), ["room_msg"]);
  room.ask(one, { type: "leave_room", room: "den" });
  assertEquals(two.peer.take(), [
    { type: "moved", left: "den", room: "general" },
  ]);
});
