import { assertEquals, assertThrows } from "@std/assert";
import { type ChatRequest, Exchange } from "../../lib/client/mod.ts";
import { RemoteProtocolError, type ServerEvent } from "../../lib/wire/mod.ts";

function exchange(...requests: ChatRequest[]) {
  const one = new Exchange<{ request: ChatRequest; ref: number }>("Alice");
  requests.forEach((request, ref) => one.sent({ request, ref }));
  return (event: ServerEvent) => {
    const meaning = one.receive(event);
    return "asked" in meaning
      ? `${meaning.kind} ${meaning.asked.ref}`
      : meaning.kind;
  };
}

const delivery = (sender: string, recipient: string, text: string) =>
  ({ type: "private_msg_delivery", sender, recipient, text }) as const;

Deno.test("replies belong to the requests in their order, whatever comes between", () => {
  const receive = exchange(
    { type: "room_msg", text: "a" },
    { type: "list_users" },
    { type: "room_msg", text: "b" },
    { type: "join_room", room: "tea" },
    { type: "list_rooms" },
  );
  assertEquals(
    [
      receive({ type: "room_msg", room: "general", sender: "bob", text: "x" }),
      receive({ type: "room_msg_ack", id: 7 }),
      receive({ type: "system_msg", text: "bob left general" }),
      receive({ type: "list_users", room: "general", users: ["alice"] }),
      receive({ type: "error_msg", code: 413, text: "Too large: b" }),
      receive(delivery("bob", "alice", "psst")),
      receive({ type: "join_room", room: "tea" }),
      receive({ type: "list_rooms", rooms: ["general", "tea"] }),
      receive({ type: "error_msg", code: 503, text: "Unavailable: bye" }),
    ],
    [
      "happening",
      "reply 0",
      "happening",
      "reply 1",
      "refusal 2",
      "happening",
      "reply 3",
      "reply 4",
      "last_words",
    ],
  );
});

Deno.test("a delivery is a receipt only when it is what I sent, in its turn", () => {
  const receive = exchange(
    { type: "room_msg", text: "first" },
    { type: "private_msg", recipient: "BOB", text: "psst" },
  );
  assertEquals(receive(delivery("alice", "bob", "psst")), "happening");
  assertEquals(receive({ type: "room_msg_ack", id: 1 }), "reply 0");
  assertEquals(receive(delivery("bob", "alice", "psst")), "happening");
  assertEquals(receive(delivery("alice", "bob", "other")), "happening");
  assertEquals(receive(delivery("alice", "carol", "psst")), "happening");
  assertEquals(
    receive({ ...delivery("alice", "bob", "psst"), history: true }),
    "happening",
  );
  assertEquals(receive(delivery("alice", "bob", "psst")), "reply 1");
  assertEquals(receive(delivery("alice", "bob", "psst")), "happening");
});

Deno.test("a ciphertext's receipt is known by its bytes", () => {
  const receive = exchange({
    type: "private_msg",
    recipient: "bob",
    text: Uint8Array.of(1, 2),
  });
  const receipt = (...bytes: number[]) => ({
    type: "private_msg_delivery" as const,
    sender: "alice",
    recipient: "bob",
    text: Uint8Array.from(bytes),
  });
  assertEquals(receive(receipt(1, 3)), "happening");
  assertEquals(receive(receipt(1, 2)), "reply 0");
});

Deno.test("an answer to something that was not asked is the server's mistake", () => {
  assertThrows(
    () => exchange()({ type: "room_msg_ack", id: 1 }),
    RemoteProtocolError,
    "room_msg_ack answers nothing that was asked",
  );
  assertThrows(
    () => exchange({ type: "list_rooms" })({ type: "join_room", room: "tea" }),
    RemoteProtocolError,
    "join_room can't answer list_rooms, list_rooms can",
  );
});
