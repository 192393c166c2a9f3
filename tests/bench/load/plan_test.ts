import { assert, assertEquals } from "@std/assert";
import { loadFault, LoadPlan } from "../../../lib/bench/load/mod.ts";

const SMALL = { clients: 4, rate: 100, duration: 1, rooms: 1 };

Deno.test("a plan says when each message is due, whatever became of the others", () => {
  const plan = new LoadPlan(SMALL);
  assertEquals(plan.messages, 100);
  assertEquals([0, 1, 2, 99].map((each) => plan.due(each)), [0, 10, 20, 990]);
});

Deno.test("a plan counts what is due by a time, and never before", () => {
  const plan = new LoadPlan(SMALL);
  assertEquals(plan.dueBy(-0.001), 0);
  assertEquals(plan.dueBy(0), 1);
  assertEquals(plan.dueBy(9.999), 1);
  assertEquals(plan.dueBy(10), 2);
  assertEquals(plan.dueBy(989.9), 99);
  assertEquals(plan.dueBy(990), 100);
  assertEquals(plan.dueBy(1e9), 100);
});

Deno.test("a plan of an odd rate has each message due by its own time, and not by the one before", () => {
  const plan = new LoadPlan({ ...SMALL, rate: 333, duration: 3 });
  assertEquals(plan.messages, 999);
  for (let message = 1; message < plan.messages; message++) {
    assertEquals(plan.dueBy(plan.due(message)), message + 1);
    assertEquals(plan.dueBy(plan.due(message) - 0.001), message);
  }
});

Deno.test("a plan of 0.7 s at 10 a second has 7 messages, and the shortest has one", () => {
  assertEquals(new LoadPlan({ ...SMALL, rate: 10, duration: 0.7 }).messages, 7);
  assertEquals(
    new LoadPlan({ ...SMALL, rate: 0.1, duration: 0.1 }).messages,
    1,
  );
});

Deno.test("senders take turns, and rooms have their messages numbered without a gap", () => {
  // Clients 0, 2, 4 are in room 0; clients 1, 3 in room 1.
  const plan = new LoadPlan({ clients: 5, rate: 10, duration: 1, rooms: 2 });
  const messages = Array.from({ length: 10 }, (_, message) => message);
  assertEquals(messages.map((each) => plan.sender(each)), [
    ...[0, 1, 2, 3, 4],
    ...[0, 1, 2, 3, 4],
  ]);
  assertEquals([plan.members(0), plan.members(1)], [3, 2]);
  const ordinals = (room: number) =>
    messages.filter((each) => plan.room(plan.sender(each)) === room)
      .map((each) => plan.ordinal(each));
  assertEquals(ordinals(0), [0, 1, 2, 3, 4, 5]);
  assertEquals(ordinals(1), [0, 1, 2, 3]);
});

Deno.test("a message's text has its number and its time, and is known again unchanged only", () => {
  const plan = new LoadPlan({ ...SMALL, rate: 300 });
  const text = plan.text(7);
  assert(text.startsWith("7 23.333 "), text);
  assertEquals(plan.read(text), 7);
  assertEquals(plan.read(`${text}!`), undefined);
  assertEquals(plan.read(text.replace("7 23.333", "8 23.333")), undefined);
  assertEquals(plan.read("hello"), undefined);
  assertEquals(plan.read("300 1000.000 x"), undefined);
});

const FAULTS: readonly (readonly [
  change: Partial<typeof SMALL>,
  fault: string | undefined,
])[] = [
  [{}, undefined],
  [{ clients: 1 }, "--clients is a whole number from 2 to 5,000, not 1"],
  [{ clients: 2.5 }, "--clients is a whole number from 2 to 5,000, not 2.5"],
  [{ rate: 0 }, "--rate is a number from 0.1 to 100,000, not 0"],
  [{ rate: NaN }, "--rate is a number from 0.1 to 100,000, not NaN"],
  [{ duration: 4000 }, "--duration is a number from 0.1 to 3,600, not 4000"],
  [{ rooms: 3 }, "3 rooms are too many for 4 clients: each needs two"],
  [
    { clients: 5000, rate: 1000, duration: 600 },
    "The load would be more than 1,000,000,000 deliveries, and account is kept of every one",
  ],
];

for (const [change, fault] of FAULTS) {
  Deno.test(`a load with ${JSON.stringify(change)} is ${fault === undefined ? "taken" : "refused"}`, () => {
    assertEquals(loadFault({ ...SMALL, ...change }), fault);
  });
}
