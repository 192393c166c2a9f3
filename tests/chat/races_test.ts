/** What happens between a question of the hub's and its answer. */

import { assertEquals } from "@std/assert";
import { ChatRoom } from "./chat_room.ts";

Deno.test("a room stays for who waits to come in when the one before leaves at once", () => {
  const room = new ChatRoom();
  const [alice, bob] = [room.login("alice"), room.login("bob")];
  room.holding.add("open");
  room.ask(alice, { type: "join_room", room: "den" });
  room.ask(bob, { type: "join_room", room: "den" });
  room.hub.end(alice, room.now);
  room.release();
  bob.peer.take();
  room.ask(bob, { type: "list_rooms" });
  assertEquals(bob.peer.take(), [
    { type: "list_rooms", rooms: ["den", "general"] },
  ]);
});
