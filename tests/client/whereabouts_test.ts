import { assertEquals } from "@std/assert";
import { RoomBook, Whereabouts } from "../../lib/client/mod.ts";
import type { RoomState } from "../../lib/wire/mod.ts";

function at(room?: string): Whereabouts {
  return new Whereabouts(new RoomBook(), room);
}

Deno.test("one is where the login led, unless there are no rooms and somebody was named before", () => {
  const where = at();
  assertEquals(where.room, undefined);
  where.arrived("general", true);
  where.arrived("tea", true);
  assertEquals(where.room, "tea");
  const roomless = at();
  roomless.arrived("", false);
  assertEquals(roomless.room, "");
  roomless.addressed({ type: "private_msg", recipient: "bob", text: "hi" });
  roomless.arrived("", false);
  assertEquals(roomless.room, "@bob");
});

Deno.test("without rooms what names nobody is for who was named last", () => {
  const where = at();
  const text = { type: "room_msg", text: "hi" } as const;
  assertEquals(where.addressed(text), text);
  where.addressed({ type: "private_msg", recipient: "bob", text: "hi" });
  assertEquals(where.addressed(text), {
    type: "private_msg",
    recipient: "bob",
    text: "hi",
  });
});

Deno.test("what is submitted behind a join is meant for where the join leads", () => {
  const where = at("general");
  const before = where.bound;
  where.head("tea");
  assertEquals([where.room, where.moving], ["general", true]);
  assertEquals([where.here === before, where.bound.room], [true, "tea"]);
  where.moved(where.bound, "Tea");
  assertEquals([where.room, where.moving], ["Tea", false]);
});

Deno.test("a join that leads nowhere loses what was meant for it, and nothing else", () => {
  const where = at("general");
  where.head("tea");
  const tea = where.bound;
  where.lost(tea, "it is closed");
  assertEquals([tea.lost, where.moving], ["it is closed", false]);
  where.head("milk");
  where.lost(tea, "it is closed");
  assertEquals(where.bound.room, "milk");
});

Deno.test("whoever is stranded is elsewhere, and goes where it was to go", () => {
  const where = at("tea");
  const tea = where.here;
  where.stranded("tea", "no");
  assertEquals([where.here === tea, tea.lost], [true, undefined]);
  where.stranded("general", "no such room");
  assertEquals([where.room, where.moving], ["general", false]);
  assertEquals(tea.lost, "no such room");
  where.head("milk");
  where.stranded("lobby", "gone");
  assertEquals([where.room, where.bound.room], ["lobby", "milk"]);
});

Deno.test("who leaves the room that one is in is in the next; the book forgets it", () => {
  const book = new RoomBook();
  book.connected();
  const state: RoomState = {
    room: 7,
    kind: "public",
    name: "Tea",
    last: 0,
    received: 0,
    read: 0,
    receivedByAll: 0,
  };
  book.take({ type: "rooms", rooms: [state] });
  const where = new Whereabouts(book, "tea");
  const tea = where.here;
  where.left("milk", "general");
  assertEquals([where.room, book.find("Tea")?.room], ["tea", 7]);
  where.left("Tea", "general");
  assertEquals([where.room, book.find("Tea")], ["general", undefined]);
  assertEquals(tea.lost, "You have left Tea");
});

Deno.test("what is submitted behind a leave is meant for general, if one was to be in that room", () => {
  const where = at("general");
  assertEquals(where.leave(), undefined);
  where.head("Tea");
  assertEquals([where.leave("milk"), where.bound.room], [undefined, "Tea"]);
  const next = where.leave("tEA");
  assertEquals([where.bound === next, next?.room], [true, "general"]);
  assertEquals(where.leave(), undefined);
  where.head("Tea");
  assertEquals(where.leave()?.room, "general");
  assertEquals(at().leave(), undefined);
});

Deno.test("who is not where one was to be has strayed, until one goes somewhere", () => {
  const where = at("tea");
  assertEquals(where.strayedFrom, undefined);
  where.stranded("general", "You have left tea");
  assertEquals([where.room, where.strayedFrom], ["general", "tea"]);
  where.head("milk");
  assertEquals(where.strayedFrom, undefined);
  where.lost(where.bound, "it is closed");
  assertEquals([where.room, where.strayedFrom], ["general", "milk"]);
  where.head("tea");
  where.moved(where.bound, "tea");
  where.leave();
  where.left("tea", "general");
  where.moved(where.bound, "general");
  assertEquals([where.room, where.strayedFrom], ["general", undefined]);
  // Who is on the way elsewhere is not astray.
  where.head("milk");
  where.stranded("lobby", "gone");
  assertEquals(where.strayedFrom, undefined);
});
