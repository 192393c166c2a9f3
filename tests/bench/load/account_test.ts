import { assertEquals } from "@std/assert";
import {
  isLoadClean,
  LoadAccount,
  LoadPlan,
  unanswered,
} from "../../../lib/bench/load/mod.ts";

/** Three people in one room; a message every 10 ms, in turns. */
function three(duration = 1) {
  const plan = new LoadPlan({ clients: 3, rate: 100, duration, rooms: 1 });
  return { plan, account: new LoadAccount(plan) };
}

/** Everybody else gets a message, and its sender the receipt. */
function deliverAll(
  { plan, account }: ReturnType<typeof three>,
  message: number,
  now: number,
): void {
  const sender = plan.sender(message);
  for (const receiver of [0, 1, 2]) {
    if (receiver === sender) continue;
    account.delivered(receiver, sender, plan.text(message), now);
  }
  account.acknowledged(message, now);
}

Deno.test("an account of what came at once, once and in order is clean", () => {
  const made = three();
  for (let message = 0; message < 100; message++) {
    made.account.sent(message, message * 10);
    deliverAll(made, message, message * 10 + 2);
  }
  const tally = made.account.tally();
  assertEquals(tally, {
    sent: 100,
    acknowledged: 100,
    refused: new Map(),
    due: 200,
    delivered: 200,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    unexpected: 0,
    cutOff: 0,
    faults: [],
  });
  assertEquals(isLoadClean(tally), true);
  assertEquals(made.account.open, 0);
  assertEquals(made.account.delivery.max, 2);
  assertEquals(made.account.lastArrival, 992);
});

Deno.test("a server that stalls for a second is late by all that was due meanwhile, sent or not", () => {
  const made = three(2);
  const { account } = made;
  const done = (message: number, now: number) => {
    account.sent(message, now);
    deliverAll(made, message, now);
  };
  // Half a second all is well; then the sender is stopped for a second too,
  // and writes all it owes when the server goes on.
  for (let message = 0; message < 50; message++) done(message, message * 10);
  for (let message = 50; message < 150; message++) done(message, 1500);
  for (let message = 150; message < 200; message++) done(message, message * 10);
  // The message of 0.5 s waited for 1 s, that of 1.49 s for 0.01 s: a sender
  // who counts from writing would have told 0 ms for each.
  const { delivery, acknowledgement, lateness } = account;
  assertEquals(delivery.max, 1000);
  assertEquals(acknowledgement.max, 1000);
  assertEquals(lateness.max, 1000);
  assertEquals(delivery.percentile(50), 0);
  // 180 of 200: the 80th of the hundred that waited, from the shortest.
  assertEquals(Math.floor(delivery.percentile(90) as number), 802);
  assertEquals(Math.floor(delivery.percentile(99) as number), 983);
});

Deno.test("an account finds out what was lost, for whom", () => {
  const { plan, account } = three();
  account.sent(0, 0);
  account.sent(1, 10);
  account.delivered(1, 0, plan.text(0), 1);
  account.delivered(0, 1, plan.text(1), 11);
  account.delivered(2, 1, plan.text(1), 11);
  account.acknowledged(0, 1);
  assertEquals(account.open, 2);
  const tally = account.tally();
  assertEquals(tally.due, 4);
  assertEquals(tally.lost, 1);
  assertEquals(unanswered(tally), 1);
  assertEquals(tally.faults, [{
    client: 2,
    lost: 1,
    doubled: 0,
    outOfOrder: 0,
  }]);
  assertEquals(isLoadClean(tally), false);
});

Deno.test("an account finds out what came again, and counts its latency once", () => {
  const { plan, account } = three();
  account.sent(0, 0);
  for (const now of [1, 500, 900]) account.delivered(1, 0, plan.text(0), now);
  assertEquals(account.delivery.count, 1);
  assertEquals(account.delivery.max, 1);
  assertEquals(account.tally().doubled, 2);
});

Deno.test("an account finds out of order what came behind a later one of the same sender alone", () => {
  const { plan, account } = three();
  // Client 0 says 0, 3 and 6; client 1 says 1 and 4.
  for (let message = 0; message < 7; message++) account.sent(message, 0);
  for (const message of [4, 0, 6, 3]) {
    account.delivered(2, plan.sender(message), plan.text(message), 1);
  }
  // 0 is behind client 1's 4, which is nobody's business; 3 is behind 6.
  assertEquals(account.tally().outOfOrder, 1);
  account.delivered(2, 1, plan.text(1), 2);
  assertEquals(account.tally().outOfOrder, 2);
});

Deno.test("nobody is due what the server refused", () => {
  const made = three();
  made.account.sent(0, 0);
  made.account.sent(1, 10);
  made.account.refused(0, 429, 1);
  deliverAll(made, 1, 12);
  const tally = made.account.tally();
  assertEquals(tally.refused, new Map([[429, 1]]));
  assertEquals([tally.sent, tally.acknowledged, tally.due], [2, 1, 2]);
  assertEquals([tally.lost, unanswered(tally)], [0, 0]);
  assertEquals(made.account.open, 0);
  assertEquals(isLoadClean(tally), true);
});

Deno.test("an answer is an arrival too: the last may be a receipt or a refusal", () => {
  const { plan, account } = three();
  account.sent(0, 0);
  account.delivered(1, 0, plan.text(0), 5);
  account.acknowledged(0, 9);
  assertEquals(account.lastArrival, 9);
  account.sent(1, 10);
  account.refused(1, 429, 14);
  assertEquals(account.lastArrival, 14);
});

Deno.test("an account takes nobody's word: other texts, senders and rooms are unexpected", () => {
  const plan = new LoadPlan({ clients: 4, rate: 100, duration: 1, rooms: 2 });
  const account = new LoadAccount(plan);
  for (let message = 0; message < 4; message++) account.sent(message, 0);
  account.delivered(2, 0, "0 0.000 something else", 1);
  account.delivered(2, 1, plan.text(0), 1);
  account.delivered(2, NaN, plan.text(0), 1);
  // Its own, and one of the other room.
  account.delivered(0, 0, plan.text(0), 1);
  account.delivered(1, 0, plan.text(0), 1);
  const tally = account.tally();
  assertEquals(tally.unexpected, 5);
  assertEquals(tally.delivered, 0);
  assertEquals(tally.due, 4);
});
