import { assertEquals } from "@std/assert";
import { RoomsView, type SessionEvent } from "../../../lib/client/mod.ts";

const caughtUp = (last: number): SessionEvent => ({
  type: "caught_up",
  room: "cake",
  last,
});

Deno.test("a room in which one has spoken is not filled with what stands on the screen", () => {
  const view = new RoomsView();
  view.take(caughtUp(0), "cake");
  assertEquals(view.takeWish("cake", 0), undefined);
  view.take({
    type: "acknowledged",
    ref: 1,
    request: { type: "room_msg", text: "a cake?" },
    place: { id: 1, room: 2, sequence: 1, time: 0 },
    room: "cake",
  }, "cake");
  // Another connection has it all.
  view.take(caughtUp(1), "cake");
  assertEquals(view.takeWish("cake", 0), undefined);
});

Deno.test("a room in which nobody was heard is filled once it is known what was said", () => {
  const view = new RoomsView();
  view.take(caughtUp(7), "cake");
  assertEquals(view.takeWish("cake", 0), 20);
  assertEquals(view.takeWish("cake", 0), undefined);
});
