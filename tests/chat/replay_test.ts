import { assertEquals } from "@std/assert";
import type { Message, Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type Peer } from "./chat_room.ts";
import { before, error, said, welcome } from "./expected.ts";

type Someone = Session<Peer>;

/** Pages of three, and next to nothing in memory. */
const LIMITS = { replayPage: 3, joinHistory: 1 };

/** The account alice, who was here and is away, and bob, who talks. */
function aliceIsAway(limits = {}): [ChatRoom, Someone] {
  const room = new ChatRoom({ limits: { ...LIMITS, ...limits } });
  room.addAccount("alice", "secret");
  const bob = room.login("bob");
  room.disconnect(login(room));
  return [room, bob];
}

const login = (room: ChatRoom, options = {}) =>
  room.login("alice", { password: "secret", ...options });

function talk(room: ChatRoom, session: Someone, ...texts: string[]): void {
  for (const text of texts) {
    room.say(session, text);
    room.durable();
  }
}

/** What was said to a session; that in brackets as history. */
function heard(session: Someone): string {
  return session.peer.take().flatMap((event) => {
    if (!("text" in event) || event.type === "system_msg") return [];
    return "history" in event ? [`(${event.text})`] : [`${event.text}`];
  }).join(" ");
}

Deno.test("an account that comes back gets all that it missed, and then what is new", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2", "3", "4", "5", "6", "7");
  const alice = login(room);
  const missed = ["1", "2", "3", "4", "5", "6", "7"];
  assertEquals(alice.peer.take(), [
    welcome("alice"),
    ...missed.map((text) => before(said("bob", text))),
  ]);
  talk(room, bob, "8");
  assertEquals(alice.peer.take(), [said("bob", "8")]);
  room.taken(alice);
  room.disconnect(alice);
  talk(room, bob, "9");
  assertEquals(heard(login(room)), "(9)");
});

Deno.test("pages come one after another while others go on talking, and nothing is missing or doubled", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2", "3", "4", "5");
  room.holding.add("page");
  const alice = login(room);
  talk(room, bob, "6");
  assertEquals([room.held.length, heard(alice)], [1, ""]);
  room.release();
  assertEquals([room.held.length, heard(alice)], [1, "(1) (2) (3)"]);
  talk(room, bob, "7", "8");
  room.release();
  assertEquals([room.held.length, heard(alice)], [1, "(4) (5) (6)"]);
  room.say(bob, "9");
  room.release();
  assertEquals([room.held.length, heard(alice)], [0, "(7) (8)"]);
  room.durable();
  talk(room, bob, "10");
  assertEquals(heard(alice), "9 10");
});

Deno.test("a page that shows more than was shown to the others is cut there", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2");
  room.holding.add("page");
  const alice = login(room);
  room.say(bob, "3");
  // The log has it, and its answer is still on the way.
  const settled = room.past["#general"] ?? [];
  const ahead: Message = {
    ...settled[1] as Message,
    id: 3,
    sequence: 3,
    text: "3",
  };
  room.past["#general"] = [...settled, ahead];
  room.release();
  room.past["#general"] = settled;
  assertEquals(heard(alice), "(1) (2)");
  room.durable();
  assertEquals(heard(alice), "3");
});

Deno.test("what one says while one catches up waits until that is done", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2", "3", "4", "5");
  room.holding.add("page");
  const alice = login(room);
  room.say(alice, "mine");
  room.ask(alice, { type: "list_rooms" });
  room.release();
  assertEquals([room.appended, heard(alice)], [[], "(1) (2) (3)"]);
  room.release();
  assertEquals([room.appended, heard(alice)], [[1], "(4) (5)"]);
  room.durable();
  assertEquals(alice.peer.take(), [
    { type: "room_msg_ack", id: 6 },
    { type: "list_rooms", rooms: ["general"] },
  ]);
});

Deno.test("a page of long messages is cut, so that no queue holds much more than 64 KiB", () => {
  const [room, bob] = aliceIsAway({ replayPage: 20 });
  const texts = Array.from({ length: 12 }, () => "x".repeat(8_192));
  talk(room, bob, ...texts);
  room.holding.add("page");
  const alice = login(room);
  alice.peer.take();
  room.release();
  assertEquals(alice.peer.take().length, 9);
  room.release();
  assertEquals([alice.peer.take().length, room.held.length], [3, 0]);
});

Deno.test("who can't be shown what was missed is told and closed, and gets it the next time", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2");
  room.holding.add("page");
  const alice = login(room);
  room.refuse("the disk is gone");
  assertEquals(alice.peer.take(), [
    welcome("alice"),
    error(500, "the disk is gone"),
  ]);
  assertEquals(alice.peer.closed, true);
  room.holding.clear();
  assertEquals(heard(login(room)), "(1) (2)");
});

Deno.test("each device gets what it lacks itself, whatever another one has", () => {
  const [room, bob] = aliceIsAway();
  const keep = () => {
    const session = login(room, { keep: true, reach: "many" });
    const [reply] = session.peer.take();
    return [
      session,
      reply?.type === "login_ack" && reply.token || "none",
    ] as const;
  };
  const [[phone, ofPhone], [laptop, ofLaptop]] = [keep(), keep()];
  talk(room, bob, "1", "2");
  room.disconnect(laptop);
  talk(room, bob, "3", "4");
  const handle = [...room.hub.rooms][0]?.handle ?? 0;
  room.ask(phone, { type: "receipt", room: handle, received: 4 });
  room.disconnect(phone);
  talk(room, bob, "5");
  const back = (token: string, sequence: number) => {
    const session = room.connect({ reach: "many" });
    const positions = [{ room: handle, sequence }];
    room.ask(session, { type: "resume", token, positions });
    return session;
  };
  assertEquals(heard(back(ofLaptop, 2)), "(3) (4) (5)");
  assertEquals(heard(back(ofPhone, 4)), "(5)");
  // A new one has nothing: it is given what no other one has.
  assertEquals(heard(login(room, { reach: "many" })), "(5)");
});

Deno.test("a room that one is not in with a wire of one room waits until one joins it, with all that was missed", () => {
  const [room, bob] = aliceIsAway();
  const alice = login(room);
  room.ask(alice, { type: "join_room", room: "tea" });
  room.ask(bob, { type: "join_room", room: "tea" });
  talk(room, bob, "1");
  room.taken(alice);
  room.disconnect(alice);
  talk(room, bob, "2", "3", "4", "5");
  const again = login(room);
  assertEquals(again.peer.take(), [welcome("alice")]);
  room.ask(again, { type: "join_room", room: "tea" });
  assertEquals(again.peer.take(), [
    { type: "join_room", room: "tea" },
    ...["2", "3", "4", "5"].map((text) => before(said("bob", text, "tea"))),
  ]);
});

Deno.test("who leaves a room while it catches up there, and comes back, goes on where it was", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2", "3", "4", "5");
  room.holding.add("page");
  const alice = login(room);
  room.release();
  assertEquals(heard(alice), "(1) (2) (3)");
  room.ask(alice, { type: "join_room", room: "tea" });
  room.release();
  assertEquals(heard(alice), "");
  room.taken(alice);
  room.holding.clear();
  room.ask(alice, { type: "join_room", room: "general" });
  assertEquals(heard(alice), "(4) (5)");
});

Deno.test("who leaves and comes back while a page is on its way gets each message once", () => {
  const [room, bob] = aliceIsAway();
  talk(room, bob, "1", "2", "3", "4", "5");
  room.holding.add("page");
  const alice = login(room);
  room.ask(alice, { type: "join_room", room: "tea" });
  room.ask(alice, { type: "join_room", room: "general" });
  assertEquals([room.held.length, heard(alice)], [2, ""]);
  room.held.reverse();
  room.release();
  assertEquals(heard(alice), "(1) (2) (3)");
  room.holding.clear();
  while (room.held.length > 0) room.release();
  talk(room, bob, "6");
  assertEquals(heard(alice), "(4) (5) 6");
});

Deno.test("what was pruned meanwhile is passed over", () => {
  for (const kept of [5, 4, 99]) {
    const [room, bob] = aliceIsAway();
    talk(room, bob, "1", "2", "3", "4", "5", "6");
    room.past["#general"] = (room.past["#general"] ?? []).filter(({ id }) =>
      id >= kept
    );
    room.hub.pruned(kept === 99 ? Infinity : 0);
    const alice = login(room);
    const left = ["(4)", "(5)", "(6)"].slice(kept - 4);
    assertEquals(heard(alice), left.join(" "));
    if (kept === 99) continue;
    talk(room, bob, "7");
    assertEquals(heard(alice), "7");
  }
});

Deno.test("what is behind the others is caught up with room by room, over a restart too", () => {
  const [room, bob] = aliceIsAway();
  const many = login(room, { reach: "many" });
  room.ask(many, { type: "make_group", room: "den", users: ["bob"] });
  room.hub.disconnect(many, room.now);
  talk(room, bob, "1", "2", "3", "4");
  room.ask(bob, { type: "private_msg", recipient: "alice", text: "5" });
  room.durable();
  room.ask(bob, { type: "join_room", room: "den" });
  talk(room, bob, "6", "7");
  assertEquals(
    heard(login(room, { reach: "many" })),
    "(1) (2) (3) (4) (6) (7) (5)",
  );
  room.restart();
  assertEquals(
    heard(login(room, { reach: "many" })),
    "(1) (2) (3) (4) (6) (7) (5)",
  );
});
