import { assertEquals } from "@std/assert";
import { RemoteProtocolError } from "../../lib/wire/mod.ts";
import { ChatRoom } from "./chat_room.ts";

const ack = (id: number) => ({ type: "room_msg_ack", id } as const);
const said = (sender: string, text: string, room = "general") =>
  ({ type: "room_msg", room, sender, text }) as const;
const system = (text: string) => ({ type: "system_msg", text }) as const;

Deno.test("a login is answered, and announced to the others alone", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  assertEquals(alice.peer.take(), [
    { type: "login_ack", username: "alice", room: "general" },
  ]);
  const bob = room.login("bob");
  assertEquals(bob.peer.take(), [
    { type: "login_ack", username: "bob", room: "general" },
  ]);
  assertEquals(alice.peer.take(), [system("bob joined general")]);
});

Deno.test("nobody sees a message and its author gets no receipt before it is durable", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  alice.peer.take();
  bob.peer.take();
  room.say(alice, "hi");
  assertEquals(room.appended, [1]);
  assertEquals([alice.peer.take(), bob.peer.take()], [[], []]);
  room.durable();
  assertEquals(alice.peer.take(), [ack(1)]);
  assertEquals(bob.peer.take(), [said("alice", "hi")]);
});

Deno.test("a batch that was not written is refused to its authors and shown to nobody", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.say(alice, "lost");
  alice.peer.take();
  bob.peer.take();
  room.fail("the disk is full");
  assertEquals(alice.peer.take(), [{
    type: "error_msg",
    code: 500,
    text: "Internal error: the disk is full",
    hint: "Try again; if it stays, tell whoever runs the server",
  }]);
  assertEquals(bob.peer.take(), []);
});

Deno.test("what the same people are told one after the other is told at once, in its order", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  room.login("bob");
  const carol = room.login("carol");
  for (const text of ["1", "2", "3"]) room.say(alice, text);
  assertEquals(room.appended, [1, 1, 1]);
  const { hub, now } = room;
  hub.stored([{ id: 1, sequence: 1 }], now);
  hub.stored([{ id: 2, sequence: 2 }], now);
  hub.disconnect(carol, now);
  hub.stored([{ id: 3, sequence: 3 }], now);
  const published = hub.drain().flatMap((effect) =>
    effect.type === "publish" ? [effect] : []
  );
  const names = published.map(({ members }) =>
    members.map(({ person }) => person?.name.shown)
  );
  assertEquals(names, [["alice", "bob", "carol"], ["alice", "bob"]]);
  assertEquals(
    published.map(({ messages }) =>
      messages.map(({ event }) =>
        event?.type === "room_msg" ? event.text : event?.type
      )
    ),
    [["1", "2"], ["presence", "3"]],
  );
});

Deno.test("what arrives in one turn is one append, and replies keep the order of requests", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  const { hub, now } = room;
  hub.receive(alice, { type: "room_msg", text: "1" }, now);
  hub.receive(alice, { type: "room_msg", text: "2" }, now);
  hub.receive(alice, { type: "list_rooms" }, now);
  hub.receive(alice, { type: "room_msg", text: "" }, now);
  hub.receive(alice, { type: "room_msg", text: "3" }, now);
  room.work();
  assertEquals(room.appended, [2]);
  assertEquals(alice.peer.take(), []);
  room.durable();
  assertEquals(alice.peer.take(), [
    ack(1),
    ack(2),
    { type: "list_rooms", rooms: ["general"] },
    {
      type: "error_msg",
      code: 400,
      text: "Malformed: the text is empty",
      hint: "Check the request against docs/chatproto.md",
    },
  ]);
  assertEquals(room.appended, [1]);
  room.durable();
  assertEquals(alice.peer.take(), [ack(3)]);
});

Deno.test("a join waits for the messages before it, and what follows goes to the new room", () => {
  const room = new ChatRoom();
  const [bob, alice] = [room.login("bob"), room.login("alice")];
  alice.peer.take();
  const { hub, now } = room;
  hub.receive(alice, { type: "room_msg", text: "here" }, now);
  hub.receive(alice, { type: "join_room", room: "Tech Talk" }, now);
  hub.receive(alice, { type: "room_msg", text: "there" }, now);
  room.work();
  bob.peer.take();
  room.durable();
  assertEquals(bob.peer.take(), [
    said("alice", "here"),
    system("alice left general"),
  ]);
  room.durable();
  assertEquals(alice.peer.take(), [
    ack(1),
    { type: "join_room", room: "Tech Talk" },
    ack(2),
  ]);
  assertEquals(bob.peer.take(), []);
});

Deno.test("a private message reaches its recipient, and its sender as the receipt", () => {
  const room = new ChatRoom();
  const [alice, bob, carol] = [
    room.login("alice"),
    room.login("Bob"),
    room.login("carol"),
  ];
  for (const { peer } of [alice, bob, carol]) peer.take();
  room.ask(alice, { type: "private_msg", recipient: "BOB", text: "psst" });
  room.durable();
  const delivery = {
    type: "private_msg_delivery",
    sender: "alice",
    recipient: "Bob",
    text: "psst",
  } as const;
  assertEquals(alice.peer.take(), [delivery]);
  assertEquals(bob.peer.take(), [delivery]);
  assertEquals(carol.peer.take(), []);
});

Deno.test("a private message to oneself comes once", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  room.ask(alice, { type: "private_msg", recipient: "alice", text: "note" });
  room.durable();
  assertEquals(alice.peer.take().length, 1);
});

Deno.test("a private message to nobody is 404", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  room.ask(alice, { type: "private_msg", recipient: "ghost", text: "boo" });
  assertEquals(alice.peer.take(), [{
    type: "error_msg",
    code: 404,
    text: "Not found: nobody here is called ghost",
    hint: "Check the spelling; list the users or the rooms to see who is there",
  }]);
});

Deno.test("a name in use is refused whatever its case, and free when its owner is gone", () => {
  const room = new ChatRoom();
  const alice = room.login("Straße");
  const other = room.login("STRASSE");
  assertEquals(other.peer.take(), [{
    type: "login_reject",
    reason: "Name taken: somebody is here as STRASSE",
    code: 409,
    hint: "Choose another name",
  }]);
  assertEquals(other.peer.closed, true);
  room.disconnect(alice);
  const again = room.login("STRASSE");
  assertEquals(again.peer.take(), [
    { type: "login_ack", username: "STRASSE", room: "general" },
  ]);
});

Deno.test("before the login everything else is 401 and the connection lives", () => {
  const room = new ChatRoom();
  const session = room.connect();
  room.say(session, "hello?");
  const [reply] = session.peer.take();
  assertEquals(reply, {
    type: "error_msg",
    code: 401,
    text: "Not logged in or wrong password: log in first",
    hint: "Log in first, and check the user name and the password",
  });
  room.ask(session, { type: "login", username: "alice" });
  assertEquals(session.peer.take()[0]?.type, "login_ack");
});

Deno.test("a second login is refused and changes nothing", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  room.ask(alice, { type: "login", username: "eve" });
  assertEquals(
    alice.peer.take().map((event) => "code" in event && event.code),
    [400],
  );
  room.ask(alice, { type: "list_users" });
  assertEquals(alice.peer.take(), [
    { type: "list_users", room: "general", users: ["alice"] },
  ]);
});

Deno.test("rooms come into being when joined and vanish when empty, but for general", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.ask(alice, { type: "join_room", room: "den" });
  alice.peer.take();
  room.ask(alice, { type: "list_rooms" });
  assertEquals(alice.peer.take(), [
    { type: "list_rooms", rooms: ["den", "general"] },
  ]);
  bob.peer.take();
  room.ask(bob, { type: "join_room", room: "DEN" });
  assertEquals(bob.peer.take(), [{ type: "join_room", room: "den" }]);
  assertEquals(alice.peer.take(), [system("bob joined den")]);
  room.ask(bob, { type: "join_room", room: "general" });
  room.disconnect(alice);
  bob.peer.take();
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [{ type: "list_rooms", rooms: ["general"] }]);
});

Deno.test("a room is there as long as a message for it is on its way", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.ask(alice, { type: "join_room", room: "den" });
  room.say(alice, "last words");
  room.disconnect(alice);
  room.ask(bob, { type: "join_room", room: "den" });
  bob.peer.take();
  room.durable();
  assertEquals(bob.peer.take(), [said("alice", "last words", "den")]);
});

Deno.test("a room that nobody may have is refused and one stays where one is", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  for (
    const name of ["general chat ROOM", "", " den", "a\tb", "x".repeat(33)]
  ) {
    room.ask(alice, { type: "join_room", room: name });
    const [reply] = alice.peer.take();
    assertEquals(reply?.type === "error_msg" && reply.code, 400);
  }
  room.ask(alice, { type: "list_users" });
  assertEquals(alice.peer.take(), [
    { type: "list_users", room: "general", users: ["alice"] },
  ]);
});

Deno.test("a text over the limit is 413, one at the limit is taken", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  room.say(alice, "é".repeat(4_097));
  const [reply] = alice.peer.take();
  assertEquals(reply?.type === "error_msg" && reply.code, 413);
  room.say(alice, "é".repeat(4_096));
  room.durable();
  assertEquals(alice.peer.take(), [ack(1)]);
});

Deno.test("who asks too fast gets 429 in the place of each reply until a second's worth has come in", () => {
  const room = new ChatRoom({
    limits: { requestsPerSecond: 2, requestBurst: 3 },
  });
  const alice = room.login("alice");
  alice.peer.take();
  const codes = () =>
    alice.peer.take().map((event) =>
      event.type === "error_msg" ? event.code : 0
    );
  for (let count = 0; count < 4; count++) {
    room.ask(alice, { type: "list_rooms" });
  }
  assertEquals(codes(), [0, 0, 429, 429]);
  room.now += 500;
  room.ask(alice, { type: "list_rooms" });
  assertEquals(codes(), [429]);
  room.now += 500;
  room.ask(alice, { type: "list_rooms" });
  room.ask(alice, { type: "list_rooms" });
  assertEquals(codes(), [0, 0]);
});

Deno.test("who does not log in in time is told and closed", () => {
  const room = new ChatRoom({ limits: { loginTimeout: 10_000 } });
  const [late, early] = [room.connect(), room.login("alice")];
  early.peer.take();
  assertEquals(room.hub.nextWake, 11_000);
  room.now = 10_999;
  room.hub.wake(room.now);
  room.work();
  assertEquals(late.peer.closed, false);
  room.now = 11_000;
  room.hub.wake(room.now);
  room.work();
  assertEquals(late.peer.closed, true);
  assertEquals(late.peer.take(), [{
    type: "error_msg",
    code: 401,
    text: "Not logged in or wrong password: no login within 10 s",
    hint: "Log in first, and check the user name and the password",
  }]);
  assertEquals(early.peer.closed, false);
});

Deno.test("who asks nothing for the idle time is logged out, counted from the last request", () => {
  const room = new ChatRoom({ limits: { idleTimeout: 60_000 } });
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.now += 30_000;
  room.ask(bob, { type: "list_rooms" });
  room.now += 30_000;
  alice.peer.take();
  bob.peer.take();
  room.hub.wake(room.now);
  room.work();
  assertEquals([alice.peer.closed, bob.peer.closed], [true, false]);
  assertEquals(bob.peer.take(), [system("alice left general")]);
  room.pass(1_000);
  assertEquals(room.hub.nextWake, 91_000);
});

Deno.test("a mistake is answered in its place, and a fatal one closes behind the replies before it", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  room.say(alice, "first");
  room.hub.mistake(
    alice,
    new RemoteProtocolError(413, "too long", { fatal: true }),
    room.now,
  );
  room.work();
  assertEquals([alice.peer.take(), alice.peer.closed], [[], false]);
  room.durable();
  assertEquals(alice.peer.take(), [ack(1), {
    type: "error_msg",
    code: 413,
    text: "Too large: too long",
    hint: "Send it in smaller pieces",
  }]);
  assertEquals(alice.peer.closed, true);
});

Deno.test("a peer that ends its sending still gets every reply", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  room.say(alice, "bye");
  room.hub.end(alice, room.now);
  alice.peer.take();
  room.work();
  assertEquals(alice.peer.closed, false);
  room.durable();
  assertEquals([alice.peer.take(), alice.peer.closed], [[ack(1)], true]);
});

Deno.test("a peer that may not log in is told why", () => {
  const room = new ChatRoom();
  const session = room.connect();
  const refused = room.hub.connect(session.peer, {
    now: room.now,
    refusal: new RemoteProtocolError(403, "plaintext", { fatal: true }),
  });
  room.ask(refused, { type: "login", username: "alice" });
  assertEquals(refused.peer.take(), [{
    type: "login_reject",
    reason: "Not allowed: plaintext",
    code: 403,
    hint: "Ask somebody who may, or choose another way",
  }]);
  assertEquals(refused.peer.closed, true);
});

Deno.test("a long text counts as several requests, in bytes", () => {
  const room = new ChatRoom({
    limits: { requestsPerSecond: 1, requestBurst: 9 },
  });
  const alice = room.login("alice");
  const codes = (text: string) => {
    alice.peer.take();
    room.say(alice, text);
    room.durable();
    return alice.peer.take().map((event) =>
      event.type === "error_msg" ? event.code : event.type
    );
  };
  assertEquals(codes("x".repeat(1_024)), ["room_msg_ack"]);
  assertEquals(codes("x".repeat(1_025)), ["room_msg_ack"]);
  assertEquals(codes("ü".repeat(1_024)), ["room_msg_ack"]);
  assertEquals(codes("ü".repeat(2_048)), [429]);
});

Deno.test("a shutdown finishes what was accepted, takes nothing more and tells everybody once", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.say(alice, "in time");
  alice.peer.take();
  bob.peer.take();
  room.hub.shutdown(room.now);
  room.say(bob, "too late");
  const closing = {
    type: "error_msg",
    code: 503,
    text: "Unavailable: the server is going down",
    hint: "Connect again in a moment",
  } as const;
  assertEquals(bob.peer.take(), [closing]);
  room.durable();
  assertEquals(alice.peer.take(), [ack(1), closing]);
  assertEquals(bob.peer.take(), [said("alice", "in time"), closing]);
  assertEquals([alice.peer.closed, bob.peer.closed], [true, true]);
});

const past = (count: number, room = "#general") =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    sequence: index + 1,
    room,
    sender: "old",
    text: `${index + 1}`,
    time: 0,
  }));

Deno.test("who joins is shown the room's newest messages, then what is said from then on", () => {
  const room = new ChatRoom({ limits: { joinHistory: 2 } });
  room.past["#general"] = past(3);
  const alice = room.login("alice");
  const before = (sender: string, text: string) =>
    ({ ...said(sender, text), history: true }) as const;
  assertEquals(alice.peer.take(), [
    { type: "login_ack", username: "alice", room: "general" },
    before("old", "2"),
    before("old", "3"),
  ]);
  room.say(alice, "new");
  const bob = room.login("bob");
  assertEquals(bob.peer.take().slice(1), [
    before("old", "2"),
    before("old", "3"),
  ]);
  room.durable();
  assertEquals(bob.peer.take(), [said("alice", "new")]);
  const carol = room.login("carol");
  assertEquals(carol.peer.take().slice(1), [
    before("old", "3"),
    before("alice", "new"),
  ]);
});

Deno.test("nobody is in a room before the log has told its past, and requests behind the join wait", () => {
  const room = new ChatRoom();
  const alice = room.login("alice");
  alice.peer.take();
  room.holding.add("open");
  room.past["#den"] = past(1, "#den");
  room.ask(alice, { type: "join_room", room: "den" });
  room.ask(alice, { type: "list_users" });
  assertEquals(alice.peer.take(), []);
  room.release();
  assertEquals(alice.peer.take(), [
    { type: "join_room", room: "den" },
    { ...said("old", "1", "den"), history: true },
    { type: "list_users", room: "den", users: ["alice"] },
  ]);
});

Deno.test("a room whose only visitor leaves before it opens vanishes", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.holding.add("open");
  room.ask(alice, { type: "join_room", room: "den" });
  room.disconnect(alice);
  room.release();
  bob.peer.take();
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [{ type: "list_rooms", rooms: ["general"] }]);
});

Deno.test("what a turn brings is appended in parts, each shown when it is durable", () => {
  const room = new ChatRoom({ limits: { requestBurst: 1_000 } });
  const alice = room.login("alice");
  const bob = room.login("bob");
  bob.peer.take();
  for (let number = 0; number < 300; number++) {
    const text = `${number}`;
    room.hub.receive(alice, { type: "room_msg", text }, room.now);
  }
  room.work();
  assertEquals(room.appended, [128, 128, 44]);
  room.durable();
  assertEquals(bob.peer.take().length, 128);
  room.durable();
  room.durable();
  assertEquals(bob.peer.take().at(-1), said("alice", "299"));
});
