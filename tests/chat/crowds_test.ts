/** Who comes and goes where many are is told as numbers, and not too often. */

import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/chat/mod.ts";
import { ChatRoom, type ChatRoomOptions, type Peer } from "./chat_room.ts";
import { said, system } from "./expected.ts";

/** A hub whose rooms are crowds when more than three people are there. */
function small(options: ChatRoomOptions = {}): ChatRoom {
  return new ChatRoom({
    ...options,
    limits: { namesTold: 3, joinHistory: 0, ...options.limits },
  });
}

/** Logs so many in, one after the other. */
function crowd(room: ChatRoom, names: string): Session<Peer>[] {
  return names.split(" ").map((name) => room.login(name));
}

Deno.test("up to the limit who comes and goes has a name, above it is counted, told after a second", () => {
  const room = small();
  const [ann] = crowd(room, "ann bob cat") as [Session<Peer>];
  ann.peer.take();
  const [dan, eve] = crowd(room, "dan eve") as [Session<Peer>, Session<Peer>];
  room.disconnect(dan);
  assertEquals(ann.peer.take(), []);
  room.pass(999);
  assertEquals(ann.peer.take(), []);
  room.pass(1);
  const told = system("2 joined general, 1 left: 4 are there");
  assertEquals(ann.peer.take(), [told]);
  assertEquals(eve.peer.take().at(-1), told);
  // Four are there: the one who goes was in a crowd, the next is not.
  room.disconnect(eve);
  room.pass(1_000);
  assertEquals(ann.peer.take(), [system("1 left general: 3 are there")]);
  const [fay] = crowd(room, "fay") as [Session<Peer>];
  room.pass(1_000);
  assertEquals(ann.peer.take(), [system("1 joined general: 4 are there")]);
  room.disconnect(fay);
  room.pass(1_000);
  ann.peer.take();
  const [bob] = [...room.hub.lobby.listeners].slice(1) as [Session<Peer>];
  room.disconnect(bob);
  assertEquals(ann.peer.take(), [system("bob left general")]);
  crowd(room, "gus");
  assertEquals(ann.peer.take(), [system("gus joined general")]);
});

Deno.test("a second session of somebody in a crowd counts nothing", () => {
  const room = small();
  room.addAccount("ann", "pw");
  const first = room.login("ann", { password: "pw" });
  crowd(room, "bob cat dan");
  room.pass(1_000);
  first.peer.take();
  const second = room.login("ann", { password: "pw" });
  room.disconnect(second);
  room.pass(1_000);
  assertEquals(first.peer.take(), []);
});

Deno.test("the larger a crowd, the less often it is told: a second for each thousand", () => {
  const room = small();
  const [ann] = crowd(room, "ann") as [Session<Peer>];
  for (let number = 0; number < 2_998; number++) {
    room.login(`n${number}`, { shared: true });
  }
  room.pass(10_000);
  ann.peer.take();
  const start = room.now;
  room.login("late");
  assertEquals(room.hub.nextWake - start, 3_000);
  room.login("later");
  room.pass(2_999);
  assertEquals(ann.peer.take(), []);
  room.pass(1);
  assertEquals(ann.peer.take(), [
    system("2 joined general: 3,001 are there"),
  ]);
});

Deno.test("a thousand who join a room are told some thousand notices, not half a million", () => {
  let told = 0;
  const room = new ChatRoom({
    tell: (_, { type }) => {
      if (type === "presence" || type === "crowd") told++;
    },
  });
  const sessions = Array.from(
    { length: 1_000 },
    (_, index) => room.login(`n${index}`, { reach: "many", shared: true }),
  );
  room.pass(1_000);
  told = 0;
  for (const session of sessions) {
    room.ask(session, { type: "join_room", room: "hall" });
  }
  room.pass(1_000);
  // Of the first hundred each tells those before it, and 900 come to a crowd:
  // those are told how many are there, and in the end all how many came.
  assertEquals(told, 99 * 100 / 2 + 900 + 1_000);
});

Deno.test("who comes into a crowd that follows the stream is told how many are there, and the names of those who talk", () => {
  const room = small({ streams: true });
  const [, bob, cat, dan] = crowd(room, "ann bob cat dan");
  room.say(dan!, "one");
  room.say(bob!, "two");
  while (room.appended.length > 0) room.durable();
  const eve = room.login("eve", { reach: "many" });
  const { handle: roomHandle } = room.hub.lobby;
  const named = (session: Session<Peer>) => ({
    handle: session.person?.handle ?? 0,
    kind: "user" as const,
    name: session.person?.name.shown ?? "",
  });
  const [ann] = [...room.hub.lobby.listeners] as [Session<Peer>];
  assertEquals(eve.peer.take().slice(2), [
    { type: "names", names: [named(bob!), named(dan!), named(ann)] },
    {
      type: "crowd",
      room: "general",
      joined: 0,
      left: 0,
      here: 5,
      roomHandle,
    },
    { type: "position", room: roomHandle, sequence: 2, time: 1 },
  ]);
  // Cat was named to nobody; dan was.
  room.say(cat!, "three");
  room.say(dan!, "four");
  while (room.appended.length > 0) room.durable();
  const [names, three, four] = eve.peer.take();
  assertEquals(names, { type: "names", names: [named(cat!)] });
  assertEquals(
    [three, four].map((event) => event && "text" in event && event.text),
    ["three", "four"],
  );
  room.say(cat!, "five");
  room.durable();
  assertEquals(eve.peer.take().map(({ type }) => type), ["room_msg"]);
});

Deno.test("where few are nobody is introduced", () => {
  const room = small({ streams: true });
  const [ann] = crowd(room, "ann") as [Session<Peer>];
  const bob = room.login("bob", { reach: "many" });
  bob.peer.take();
  room.say(ann, "hi");
  room.durable();
  assertEquals(bob.peer.take().map(({ type }) => type), ["room_msg"]);
});

Deno.test("a wire that has one room at a time is told nothing but the message", () => {
  const room = small();
  const [ann, bob] = crowd(room, "ann bob cat dan");
  room.pass(1_000);
  bob!.peer.take();
  room.say(ann!, "hi");
  room.durable();
  assertEquals(bob!.peer.take(), [said("ann", "hi")]);
});

Deno.test("that somebody in a crowd is away is told where few are", () => {
  const room = small();
  const people = ["ann", "bob", "cat", "dan"].map((name) =>
    room.login(name, { reach: "many" })
  );
  for (const each of people.slice(0, 2)) {
    room.ask(each, { type: "join_room", room: "tea" });
  }
  for (const { peer } of people) peer.take();
  room.ask(people[0]!, { type: "set_away", text: "lunch" });
  const away = { type: "away", user: "ann", text: "lunch" } as const;
  assertEquals(people.map(({ peer }) => peer.take()), [
    [{ type: "set_away", text: "lunch" }],
    [away],
    [],
    [],
  ]);
});

Deno.test("a crowd is told nothing any more when the server goes down", () => {
  const room = small();
  const [ann] = crowd(room, "ann bob cat dan") as [Session<Peer>];
  ann.peer.take();
  room.hub.shutdown(room.now);
  room.work();
  room.pass(1_000);
  assertEquals(ann.peer.take().map(({ type }) => type), ["error_msg"]);
  assertEquals(room.hub.nextWake, Infinity);
});
