import { assertEquals } from "@std/assert";
import { ChatModel, type Due } from "../../lib/bench/chat_model.ts";
import { Deliveries, isClean } from "../../lib/bench/deliveries.ts";
import type { BenchEvent } from "../../lib/bench/stated.ts";

const ALICE = 0;
const BOB = 1;

function said(text: string): BenchEvent {
  return { type: "room_msg", room: "general", sender: "alice", text };
}

function delivery(message: number, text: string): Due {
  return { kind: "delivery", receiver: BOB, message, event: said(text) };
}

function receipt(message: number): Due {
  return {
    kind: "receipt",
    receiver: ALICE,
    message,
    event: { type: "room_msg_ack", id: 1 },
  };
}

/** Three messages of alice, all due at once. */
function three(): Deliveries {
  const deliveries = new Deliveries(2);
  ["one", "two", "three"].forEach((text, message) => {
    deliveries.expect(receipt(message));
    deliveries.expect(delivery(message, text));
  });
  return deliveries;
}

function acknowledge(deliveries: Deliveries): void {
  for (const id of [11, 12, 13]) {
    deliveries.receive(ALICE, { type: "room_msg_ack", id });
  }
}

const CLEAN = {
  messages: 3,
  acknowledged: 3,
  due: 3,
  lost: 0,
  doubled: 0,
  outOfOrder: 0,
  notices: 0,
  noticesLost: 0,
  unexpected: 0,
};

Deno.test("a stream with everything once and in order is clean", () => {
  const deliveries = three();
  acknowledge(deliveries);
  for (const text of ["one", "two", "three"]) {
    deliveries.receive(BOB, said(text));
  }
  assertEquals(deliveries.open, 0);
  assertEquals(deliveries.tally(), CLEAN);
  assertEquals(isClean(deliveries.tally()), true);
});

Deno.test("a message that does not come is lost", () => {
  const deliveries = three();
  acknowledge(deliveries);
  deliveries.receive(BOB, said("one"));
  deliveries.receive(BOB, said("three"));
  assertEquals(deliveries.open, 1);
  deliveries.expire();
  assertEquals(deliveries.open, 0);
  assertEquals(deliveries.tally(), { ...CLEAN, lost: 1 });
  assertEquals(isClean(deliveries.tally()), false);
});

Deno.test("a message that comes after the deadline stays lost", () => {
  const deliveries = three();
  acknowledge(deliveries);
  deliveries.expire();
  deliveries.receive(BOB, said("one"));
  assertEquals(deliveries.tally(), { ...CLEAN, lost: 3, unexpected: 1 });
});

Deno.test("a message that comes twice is doubled", () => {
  const deliveries = three();
  acknowledge(deliveries);
  for (const text of ["one", "two", "two", "three"]) {
    deliveries.receive(BOB, said(text));
  }
  assertEquals(deliveries.tally(), { ...CLEAN, doubled: 1 });
  assertEquals(isClean(deliveries.tally()), false);
});

Deno.test("a receipt that comes twice is doubled, one that is missing is told", () => {
  const deliveries = three();
  for (const text of ["one", "two", "three"]) {
    deliveries.receive(BOB, said(text));
  }
  acknowledge(deliveries);
  deliveries.receive(ALICE, { type: "room_msg_ack", id: 13 });
  assertEquals(deliveries.tally(), { ...CLEAN, doubled: 1 });
  const other = three();
  for (const text of ["one", "two", "three"]) other.receive(BOB, said(text));
  other.receive(ALICE, { type: "room_msg_ack", id: 11 });
  other.expire();
  assertEquals(other.tally(), { ...CLEAN, acknowledged: 1 });
  assertEquals(isClean(other.tally()), false);
});

Deno.test("a message that comes after a later one is out of order", () => {
  const deliveries = three();
  acknowledge(deliveries);
  for (const text of ["one", "three", "two"]) {
    deliveries.receive(BOB, said(text));
  }
  assertEquals(deliveries.tally(), { ...CLEAN, outOfOrder: 1 });
  assertEquals(isClean(deliveries.tally()), false);
});

Deno.test("a message with another content is unexpected, and the due one lost", () => {
  const deliveries = three();
  acknowledge(deliveries);
  for (const text of ["one", "twö", "three"]) {
    deliveries.receive(BOB, said(text));
  }
  deliveries.garbage();
  deliveries.expire(BOB);
  assertEquals(deliveries.tally(), { ...CLEAN, lost: 1, unexpected: 2 });
});

Deno.test("an announcement has to say who came or went, and where", () => {
  const model = new ChatModel(["alice", "bob"]);
  const deliveries = new Deliveries(2);
  const login = (user: number, username: string) =>
    model.apply({ time: 0, user, action: { type: "login", username } });
  for (const due of [...login(ALICE, "alice"), ...login(BOB, "bob")]) {
    deliveries.expect(due);
  }
  for (const [user, username] of [[ALICE, "alice"], [BOB, "bob"]] as const) {
    deliveries.receive(user, { type: "login_ack", username, room: "general" });
  }
  deliveries.receive(ALICE, { type: "system_msg", text: "bob left lunch" });
  assertEquals(deliveries.open, 1);
  deliveries.receive(ALICE, { type: "system_msg", text: "bob joined general" });
  assertEquals(deliveries.open, 0);
  assertEquals(deliveries.tally().notices, 3);
  assertEquals(deliveries.tally().unexpected, 1);
});

Deno.test("lists are due with everybody in them, in any order", () => {
  const deliveries = new Deliveries(1);
  const event = {
    type: "list_users",
    room: "general",
    users: ["bob", "alice"],
  } as const;
  deliveries.expect({ kind: "notice", receiver: 0, event });
  deliveries.receive(0, { ...event, users: ["alice"] });
  deliveries.receive(0, { ...event, users: ["alice", "bob"] });
  assertEquals(deliveries.open, 0);
  assertEquals(deliveries.tally().unexpected, 1);
});

Deno.test("what is due later is not waited for, and is lost if it never comes", () => {
  const deliveries = three();
  acknowledge(deliveries);
  for (const text of ["one", "two", "three"]) {
    deliveries.receive(BOB, said(text));
  }
  for (const sequence of [1, 2]) {
    deliveries.expect({
      kind: "notice",
      receiver: BOB,
      event: { type: "received_by_all", room: "a", sequence, behind: 0 },
      later: true,
    });
  }
  assertEquals([deliveries.open, deliveries.later], [0, 2]);
  deliveries.receive(BOB, {
    type: "received_by_all",
    room: "a",
    sequence: 2,
    behind: 0,
  });
  deliveries.expire(undefined, false);
  assertEquals([deliveries.open, deliveries.later], [0, 1]);
  deliveries.expire();
  assertEquals([deliveries.open, deliveries.later], [0, 0]);
  assertEquals(deliveries.tally(), { ...CLEAN, notices: 2, noticesLost: 1 });
});
