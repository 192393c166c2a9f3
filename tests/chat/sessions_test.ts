import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import type { Position } from "../../lib/wire/mod.ts";
import { ChatRoom, type LoginOptions, type Peer } from "./chat_room.ts";
import { before, error, place, reject, said, welcome } from "./expected.ts";

type Someone = Session<Peer>;

const OVER = reject(401, "this session is over, log in by name");

/** Logs in for a session that is kept; answers it and its token. */
function keep(
  room: ChatRoom,
  name: string,
  options: LoginOptions = {},
): [Someone, string] {
  const session = room.login(name, { keep: true, reach: "many", ...options });
  const [reply] = session.peer.take();
  if (reply?.type !== "login_ack") throw new Error(`no login: ${reply?.type}`);
  return [session, reply.token ?? "none"];
}

function resume(room: ChatRoom, token: string, ...positions: Position[]) {
  const session = room.connect({ reach: "many" });
  room.ask(session, { type: "resume", token, positions });
  return session;
}

const lobby = (last: number, received = last) => ({
  type: "rooms",
  rooms: [{
    room: 102,
    kind: "public",
    name: "general",
    last,
    received,
    read: received,
    receivedByAll: 0,
  }],
} as const);

Deno.test("who asks for a session that is kept gets its token, and goes on with it", () => {
  const room = new ChatRoom();
  const zoe = room.login("zoe", { keep: true, reach: "many" });
  assertEquals(zoe.peer.take(), [
    { ...welcome("zoe"), user: 101, token: "token 102" },
    { ...lobby(0), rooms: [{ ...lobby(0).rooms[0], room: 103 }] },
  ]);
  room.disconnect(zoe);
  const again = resume(room, "token 102");
  assertEquals(again.peer.take(), [
    { ...welcome("zoe"), user: 101 },
    { ...lobby(0), rooms: [{ ...lobby(0).rooms[0], room: 103 }] },
  ]);
  assertEquals([...room.state.sessions.values()], [
    { handle: 102, person: 101, digest: "#token 102", seen: 1_000 },
  ]);
});

Deno.test("who comes back has what its positions say, and is told when everybody has what it says then", () => {
  const room = new ChatRoom();
  const [alice, token] = keep(room, "alice");
  const told = (session: Someone) =>
    session.peer.take().flatMap((event) =>
      event.type === "received_by_all" ? [event.sequence] : []
    );
  const talk = (session: Someone, text: string) => {
    room.say(session, text);
    room.durable();
    room.pass(1_000);
  };
  talk(alice, "one");
  talk(alice, "two");
  assertEquals(told(alice), [1, 2]);
  room.restart();
  const positions = [{ room: 103, sequence: 2 }, { room: 999, sequence: 7 }];
  const again = resume(room, token, ...positions);
  assertEquals(again.peer.take()[1], {
    ...lobby(2),
    rooms: [{ ...lobby(2).rooms[0], room: 103, read: 0 }],
  });
  room.pass(1_000);
  assertEquals(told(again), [2]);
  talk(again, "three");
  assertEquals(told(again), [3]);
});

Deno.test("a token that nobody has is refused and closes", () => {
  const room = new ChatRoom();
  const session = resume(room, "token 1");
  assertEquals(session.peer.take(), [OVER]);
  assertEquals(session.peer.closed, true);
});

Deno.test("who comes back gets what is behind its positions, once, restart or not", () => {
  const room = new ChatRoom();
  const bob = room.login("bob");
  const [zoe, token] = keep(room, "zoe");
  for (const text of ["1", "2"]) {
    room.say(bob, text);
    room.durable();
  }
  zoe.peer.take();
  room.disconnect(zoe);
  room.say(bob, "3");
  room.durable();
  const at = (sequence: number) => ({
    ...before(said("bob", `${sequence}`)),
    place: place(sequence, 102, sequence, 101),
  });
  const told = (received: number, position: Position) => {
    const again = resume(room, token, position);
    const events = again.peer.take();
    assertEquals(events.slice(0, 2), [
      { ...welcome("zoe"), user: 103 },
      { ...lobby(3), rooms: [{ ...lobby(3, received).rooms[0], read: 0 }] },
    ]);
    return events.slice(2);
  };
  assertEquals(told(0, { room: 1, sequence: 3 }), [at(1), at(2), at(3)]);
  assertEquals(told(2, { room: 102, sequence: 2 }), [at(3)]);
  assertEquals(told(3, { room: 102, sequence: 3 }), []);
  assertEquals(told(3, { room: 102, sequence: 9 }), []);
  room.restart();
  assertEquals(told(1, { room: 102, sequence: 1 }), [at(2), at(3)]);
});

Deno.test("a session that goes on elsewhere ends where it was, and nobody sees it", () => {
  const room = new ChatRoom();
  const bob = room.login("bob");
  const [zoe, token] = keep(room, "zoe");
  zoe.peer.take();
  bob.peer.take();
  const again = resume(room, token);
  assertEquals(zoe.peer.take(), [
    error(409, "this session goes on with another connection"),
  ]);
  assertEquals([zoe.peer.closed, again.peer.closed], [true, false]);
  assertEquals(bob.peer.take(), []);
  assertEquals(room.hub.people, 2);
  // And its time does not run.
  room.pass(600_000);
  room.disconnect(again);
  room.pass(599_999);
  assertEquals(resume(room, token).peer.take()[0]?.type, "login_ack");
});

const kinds = (session: Someone) =>
  session.peer.take().map((event) =>
    "code" in event && event.code || event.type
  );

Deno.test("a message with a ref is said once: repeated at once, after a reconnection, after a restart", () => {
  const room = new ChatRoom();
  const bob = room.login("bob");
  const [zoe, token] = keep(room, "zoe");
  zoe.peer.take();
  const say = (session: Someone) => {
    room.ask(session, { type: "room_msg", text: "hi", ref: 7 });
  };
  say(zoe);
  say(zoe);
  room.durable();
  room.durable();
  const ack = {
    type: "room_msg_ack",
    id: 1,
    place: place(1, 102, 1, 103),
  } as const;
  const repeated = { ...ack, repeated: true } as const;
  assertEquals(zoe.peer.take(), [ack, repeated]);
  room.disconnect(zoe);
  const again = resume(room, token, { room: 102, sequence: 1 });
  again.peer.take();
  say(again);
  room.durable();
  assertEquals(again.peer.take(), [repeated]);
  assertEquals(kinds(bob).filter((kind) => kind === "room_msg").length, 1);
  room.restart();
  const third = resume(room, token, { room: 102, sequence: 1 });
  third.peer.take();
  say(third);
  room.durable();
  assertEquals(third.peer.take(), [repeated]);
  assertEquals(room.past["#general"]?.length, 1);
});

Deno.test("a message that was on its way when its connection ended is acknowledged to the next", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  room.ask(zoe, { type: "room_msg", text: "hi", ref: 0 });
  const again = resume(room, token, { room: 103, sequence: 0 });
  again.peer.take();
  room.ask(again, { type: "room_msg", text: "hi", ref: 0 });
  room.durable();
  room.durable();
  const at = place(1, 103, 1, 101);
  assertEquals(again.peer.take(), [
    { ...said("zoe", "hi"), place: at },
    { type: "room_msg_ack", id: 1, place: at, repeated: true },
  ]);
});

Deno.test("a repeated message is acknowledged where and when it was said first", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  room.ask(zoe, { type: "join_room", room: "den" });
  room.ask(zoe, { type: "room_msg", room: "den", text: "hi", ref: 0 });
  room.durable();
  room.disconnect(zoe);
  room.now += 60_000;
  const again = resume(room, token);
  again.peer.take();
  // Without a room: the client is in the lobby now.
  room.ask(again, { type: "room_msg", text: "hi", ref: 0 });
  room.durable();
  const den = room.hub.room("den")?.handle ?? 0;
  assertEquals(again.peer.take(), [{
    type: "room_msg_ack",
    id: 1,
    place: place(1, den, 1, 101),
    repeated: true,
  }]);
});

Deno.test("a message that was stored is not refused when it can't be said any more", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  const bob = room.login("bob");
  const write = (session: Someone) => {
    room.ask(session, {
      type: "private_msg",
      recipient: "bob",
      text: "hi",
      ref: 0,
    });
  };
  write(zoe);
  room.disconnect(zoe);
  room.durable();
  room.disconnect(bob);
  const again = resume(room, token);
  again.peer.take();
  write(again);
  const [reply] = again.peer.take();
  assertEquals(
    reply?.type === "private_msg_delivery" &&
      [reply.text, reply.repeated, reply.place?.id],
    ["hi", true, 1],
  );
  assertEquals(room.state.rejections, []);
});

Deno.test("refs count within their session", () => {
  const room = new ChatRoom();
  const [zoe] = keep(room, "zoe");
  const [bob] = keep(room, "bob");
  for (const session of [zoe, bob]) {
    room.ask(session, { type: "room_msg", text: "hi", ref: 1 });
    room.durable();
  }
  assertEquals(room.past["#general"]?.length, 2);
});

Deno.test("a message that was refused stays refused under its ref, restart or not", () => {
  const room = new ChatRoom();
  const [zoe, token] = keep(room, "zoe");
  zoe.peer.take();
  const write = (session: Someone, ref: number) => {
    room.ask(session, {
      type: "private_msg",
      recipient: "bob",
      text: "hi",
      ref,
    });
  };
  write(zoe, 1);
  const refused = error(404, "nobody here is called bob");
  assertEquals(zoe.peer.take(), [refused]);
  room.login("bob");
  zoe.peer.take();
  write(zoe, 1);
  assertEquals(zoe.peer.take(), [refused]);
  room.restart();
  room.login("bob");
  const again = resume(room, token);
  again.peer.take();
  write(again, 1);
  assertEquals(again.peer.take(), [refused]);
  write(again, 2);
  room.durable();
  assertEquals(kinds(again), ["rooms", "private_msg_delivery"]);
});

Deno.test("what was only too fast, or not written, may be tried again under its ref", () => {
  const room = new ChatRoom({
    limits: { requestBurst: 2, requestsPerSecond: 1 },
  });
  const [zoe] = keep(room, "zoe");
  zoe.peer.take();
  const say = () => room.ask(zoe, { type: "room_msg", text: "hi", ref: 1 });
  say();
  room.fail("the disk is full");
  say();
  assertEquals(kinds(zoe), [500, 429]);
  room.pass(1_000);
  say();
  room.durable();
  assertEquals(kinds(zoe), ["room_msg_ack"]);
});

Deno.test("a refusal that can't be kept is no outcome", () => {
  const room = new ChatRoom();
  const [zoe] = keep(room, "zoe");
  zoe.peer.take();
  room.holding.add("save");
  const write = () =>
    room.ask(zoe, { type: "private_msg", recipient: "bob", text: "", ref: 1 });
  write();
  room.refuse("the disk is full");
  room.holding.clear();
  assertEquals(zoe.peer.take(), [error(500, "the disk is full")]);
  room.login("bob");
  zoe.peer.take();
  write();
  assertEquals(zoe.peer.take(), [error(400, "the text is empty")]);
});
