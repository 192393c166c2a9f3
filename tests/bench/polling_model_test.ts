/** Who is owed what on CP, by hand. */

import { assert, assertEquals } from "@std/assert";
import type { Due } from "../../lib/bench/chat_model.ts";
import { converse } from "../../lib/bench/mod.ts";
import { PollingModel } from "../../lib/bench/polling_model.ts";
import type { Step } from "../../lib/bench/workload.ts";
import { CP_LIMITS } from "../../lib/wire/mod.ts";

const ALICE = 0;
const BOB = 1;
const CAROL = 2;

/** alice, bob and carol have come in, in this order. */
function together(): PollingModel {
  const model = new PollingModel(["alice", "bob", "carol"]);
  ["alice", "bob", "carol"].forEach((username, user) =>
    model.apply({ time: 0, user, action: { type: "login", username } })
  );
  return model;
}

const step = (user: number, action: Step["action"]): Step => ({
  time: 0,
  user,
  action,
});

const says = (user: number, text: string) =>
  step(user, { type: "room_msg", text });

const collected = (receiver: number): Due => ({
  kind: "notice",
  receiver,
  event: { type: "collected" },
});

const delivery = (
  message: number,
  [sender, recipient]: readonly [string, string],
  receiver: number,
  text: string,
): Due => ({
  kind: "delivery",
  receiver,
  message,
  event: { type: "private_msg_delivery", sender, recipient, text },
});

const sent = (
  message: number,
  receiver: number,
  recipients: readonly string[],
  text: string,
): Due => ({
  kind: "receipt",
  receiver,
  message,
  event: { type: "sent", recipients, text },
});

Deno.test("over cp who logs in is let in, and asks for what waits", () => {
  const model = new PollingModel(["alice"]);
  const login = step(ALICE, { type: "login", username: "alice" });
  assertEquals(model.apply(login), [
    {
      kind: "notice",
      receiver: ALICE,
      event: { type: "login_ack", username: "alice", room: "" },
    },
    collected(ALICE),
  ]);
});

Deno.test("over cp what is said in a room waits for each in it until he asks, once, the oldest first", () => {
  const model = together();
  assertEquals(model.recipients(ALICE, says(ALICE, "hi").action), [
    "bob",
    "carol",
  ]);
  assertEquals(model.apply(says(ALICE, "hi")), [
    sent(0, ALICE, ["bob", "carol"], "hi"),
  ]);
  assertEquals(model.apply(says(CAROL, "hello")), [
    sent(1, CAROL, ["alice", "bob"], "hello"),
  ]);
  assertEquals(model.asked(BOB), [
    delivery(0, ["alice", "bob"], BOB, "hi"),
    delivery(1, ["carol", "bob"], BOB, "hello"),
    collected(BOB),
  ]);
  assertEquals(model.asked(BOB), [collected(BOB)]);
  assertEquals(model.asked(CAROL), [
    delivery(0, ["alice", "carol"], CAROL, "hi"),
    collected(CAROL),
  ]);
});

Deno.test("over cp moves and lists make nothing due, and part who hears whom", () => {
  const model = together();
  for (const type of ["list_users", "list_rooms"] as const) {
    assertEquals(model.apply(step(ALICE, { type })), []);
  }
  const move = step(CAROL, { type: "join_room", room: "lunch" });
  assertEquals(model.apply(move), []);
  assertEquals(model.recipients(ALICE, says(ALICE, "hi").action), ["bob"]);
  model.apply(says(ALICE, "hi"));
  assertEquals(model.asked(CAROL), [collected(CAROL)]);
  assertEquals(model.recipients(CAROL, move.action), []);
});

Deno.test("over cp a private message waits for one, with its colons as they go out", () => {
  const model = together();
  const whisper = step(BOB, {
    type: "private_msg",
    recipient: "alice",
    text: "at 10:30: there",
  });
  assertEquals(model.recipients(BOB, whisper.action), ["alice"]);
  assertEquals(model.apply(whisper), [
    sent(0, BOB, ["alice"], "at 10;30; there"),
  ]);
  // Who goes asks first.
  assertEquals(model.apply(step(ALICE, { type: "quit" })), [
    delivery(0, ["bob", "alice"], ALICE, "at 10;30; there"),
    collected(ALICE),
  ]);
  assertEquals(model.recipients(BOB, says(BOB, "gone?").action), ["carol"]);
});

Deno.test("every name and line of a conversation goes over cp, and nobody talks to nobody", () => {
  const encoder = new TextEncoder();
  const { users, steps } = converse({ users: 200, messages: 1_000, seed: 1 });
  for (const name of users) assert(name.length <= CP_LIMITS.nameBytes, name);
  const model = new PollingModel(users);
  for (const step of steps) {
    const { action, user } = step;
    if (action.type === "room_msg" || action.type === "private_msg") {
      const text = String(action.text);
      assert(encoder.encode(text).length <= 1_007, text);
      assert(!/[\r\n]/.test(text), text);
      assert(model.recipients(user, action).length > 0, text);
    }
    model.apply(step);
  }
});
