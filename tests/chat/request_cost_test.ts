import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../lib/chat/mod.ts";
import { costOf, costOfBytes } from "../../lib/chat/request_cost.ts";
import type { Request } from "../../lib/wire/mod.ts";

const LIMITS = { ...DEFAULT_LIMITS, requestBytes: 100, announcedCost: 5 };

/** A request, the bytes that it came in, and as how many it counts. */
const COSTS: readonly (readonly [
  request: Request,
  bytes: number,
  cost: number,
])[] = [
  [{ type: "list_rooms" }, 0, 1],
  [{ type: "list_rooms" }, 199, 1],
  [{ type: "list_rooms" }, 200, 2],
  [{ type: "join_room", room: "tea" }, 0, 5],
  [{ type: "join_room", room: "tea" }, 599, 5],
  [{ type: "join_room", room: "tea" }, 600, 6],
  [{ type: "leave_room", room: "tea" }, 0, 5],
  [{ type: "make_group", room: "tea", users: [] }, 0, 5],
  [{ type: "invite", room: "tea", user: "bob" }, 0, 5],
  [{ type: "set_topic", topic: "tea" }, 0, 5],
  [{ type: "set_away" }, 0, 5],
  // A text by its UTF-8, even if it came in fewer bytes.
  [{ type: "room_msg", text: "x".repeat(100) }, 40, 1],
  [{ type: "room_msg", text: "x".repeat(101) }, 40, 2],
  [{ type: "room_msg", text: "€".repeat(33) }, 40, 1],
  [{ type: "room_msg", text: "€".repeat(34) }, 40, 2],
  [{ type: "private_msg", recipient: "bob", text: "x".repeat(201) }, 0, 3],
  [{ type: "room_msg", text: "x".repeat(101) }, 300, 3],
];

for (const [request, bytes, cost] of COSTS) {
  const size = "text" in request ? `, ${request.text.length} long,` : "";
  Deno.test(`${request.type}${size} in ${bytes} bytes counts as ${cost}`, () => {
    assertEquals(costOf(request, bytes, LIMITS), cost);
  });
}

Deno.test("what is no request counts by its bytes", () => {
  assertEquals(costOfBytes(0, LIMITS), 1);
  assertEquals(costOfBytes(199, LIMITS), 1);
  assertEquals(costOfBytes(1_000, LIMITS), 10);
});
