import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../lib/chat/mod.ts";
import { Liveness } from "../../lib/server/liveness.ts";

const LIMITS = { ...DEFAULT_LIMITS, frameTimeout: 5_000, silence: 1_000 };

Deno.test("a request that has begun is late when it has not come whole in its time", () => {
  const liveness = new Liveness(LIMITS, 0);
  assertEquals(liveness.isLate(9_000), false);
  liveness.heard(10_000);
  liveness.began();
  // More of it does not help.
  liveness.heard(12_000);
  liveness.began();
  assertEquals(liveness.isLate(15_000), false);
  assertEquals(liveness.isLate(15_001), true);
  liveness.whole();
  assertEquals(liveness.isLate(15_001), false);
});

Deno.test("whoever sent nothing for too long is silent", () => {
  const liveness = new Liveness(LIMITS, 0);
  assertEquals(liveness.isSilent(1_000), false);
  assertEquals(liveness.isSilent(1_001), true);
  liveness.heard(1_001);
  assertEquals(liveness.isSilent(2_001), false);
  assertEquals(liveness.isSilent(2_002), true);
});

Deno.test("time in which a client was not read from counts neither as silence nor for its request", () => {
  const liveness = new Liveness(LIMITS, 0);
  liveness.heard(100);
  liveness.began();
  liveness.readOn(20_000);
  assertEquals(liveness.isSilent(21_000), false);
  assertEquals(liveness.isSilent(21_001), true);
  assertEquals(liveness.isLate(25_000), false);
  assertEquals(liveness.isLate(25_001), true);
});

Deno.test("whoever takes nothing has the silence, and 2 bytes a ms for what waits", () => {
  const liveness = new Liveness(LIMITS, 0);
  const held = { taken: 500, waiting: 4_000, muchWaits: true };
  assertEquals(liveness.isStuck(100, held), false);
  assertEquals(liveness.isStuck(3_100, held), false);
  assertEquals(liveness.isStuck(3_101, held), true);
  // One byte shows that somebody is there.
  const more = { taken: 501, waiting: 3_999, muchWaits: true };
  assertEquals(liveness.isStuck(3_102, more), false);
  assertEquals(liveness.isStuck(6_000, more), false);
  assertEquals(liveness.isStuck(6_102, more), true);
  // Not read from for another reason: nothing is expected of it.
  assertEquals(liveness.isStuck(6_103, { ...more, muchWaits: false }), false);
});
