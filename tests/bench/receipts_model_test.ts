import { assertEquals } from "@std/assert";
import type { Due } from "../../lib/bench/chat_model.ts";
import { ConversationClock } from "../../lib/bench/conversation_clock.ts";
import { LazyReceipts } from "../../lib/bench/lazy_receipts.ts";
import { StreamModel } from "../../lib/bench/stream_model.ts";
import type { Step } from "../../lib/bench/workload.ts";

Deno.test("receipts are due a second after the first message, and state the last of each room", () => {
  const receipts = new LazyReceipts();
  assertEquals([receipts.deadline, receipts.take()], [Infinity, []]);
  receipts.receive({ room: 7, sequence: 1 }, 5_000);
  receipts.receive({ room: 9, sequence: 4 }, 5_400);
  receipts.receive({ room: 7, sequence: 2 }, 5_900);
  assertEquals(receipts.deadline, 6_000);
  assertEquals(receipts.take(), [
    { room: 7, sequence: 2 },
    { room: 9, sequence: 4 },
  ]);
  assertEquals([receipts.deadline, receipts.take()], [Infinity, []]);
});

Deno.test("what one said oneself is stated only behind what somebody else said", () => {
  const receipts = new LazyReceipts();
  receipts.stored({ room: 7, sequence: 1 });
  assertEquals(receipts.deadline, Infinity);
  receipts.receive({ room: 7, sequence: 2 }, 0);
  receipts.stored({ room: 7, sequence: 3 });
  assertEquals(receipts.take(), [{ room: 7, sequence: 3 }]);
});

/** alice and bob have come in. */
function together(): StreamModel {
  const model = new StreamModel(["alice", "bob"]);
  const login = (user: number, username: string): Step => ({
    time: 0,
    user,
    action: { type: "login", username },
  });
  model.apply(login(0, "alice"));
  model.apply(login(1, "bob"));
  return model;
}

const says = (user: number, time: number): Step => ({
  time,
  user,
  action: { type: "room_msg", text: "hi" },
});

const received = (
  receiver: number,
  sequence: number,
  behind: number,
): Due => ({
  kind: "notice",
  receiver,
  event: { type: "received_by_all", room: "commons", sequence, behind },
});

Deno.test("the author is due to hear within a second that everybody has it", () => {
  const model = together();
  assertEquals(model.next, Infinity);
  model.apply(says(0, 10_000));
  // The author has it from then on.
  assertEquals(model.next, 11_000);
  model.receive(1, "commons", 1, 10_300);
  assertEquals(model.next, 11_000);
  assertEquals(model.wake(11_000), [received(0, 1, 0)]);
  assertEquals(model.next, Infinity);
});

Deno.test("it is due before the next message once half a second is over", () => {
  const model = together();
  model.apply(says(0, 10_000));
  model.receive(1, "commons", 1, 10_300);
  assertEquals(model.apply(says(1, 10_499)).map(({ event }) => event.type), [
    "room_msg_ack",
    "room_msg",
  ]);
  const [first] = model.apply(says(1, 10_500));
  // The second message is there; alice has not stated that she has it.
  assertEquals(first, received(0, 1, 1));
});

Deno.test("nothing is due when somebody lacks it", () => {
  const model = together();
  model.apply(says(0, 10_000));
  assertEquals(model.wake(11_000), []);
  assertEquals(model.next, Infinity);
  model.receive(1, "commons", 1, 12_000);
  assertEquals(model.next, 13_000);
});

Deno.test("the conversation's clock rings what is due by then, once, unless it is called off", () => {
  const clock = new ConversationClock();
  const rung: string[] = [];
  const begin = clock.now();
  clock.at(begin + 500, () => rung.push("first"));
  const callOff = clock.at(begin + 600, () => rung.push("second"));
  clock.at(begin + 2_000, () => rung.push("third"));
  clock.advance(499);
  assertEquals(rung, []);
  callOff();
  clock.advance(1_000);
  clock.advance(1_500);
  assertEquals([rung, clock.elapsed], [["first"], 1_500]);
});
