import { assertEquals } from "@std/assert";
import { Standstills } from "../../../lib/bench/load/mod.ts";

/** Looks every 10 ms from one time to another, at something that is due. */
function look(
  standstills: Standstills,
  [from, to]: readonly [number, number],
  lastArrival: number,
) {
  for (let now = from; now <= to; now += 10) {
    standstills.look(now, true, lastArrival);
  }
}

Deno.test("the longest time in which nothing came is kept, with the CPU used in it", () => {
  let cpu = 3;
  let queued = 7;
  const standstills = new Standstills(() => ({ cpu, queued }));
  standstills.look(0, false, 0);
  look(standstills, [10, 210], 0);
  // From 50 ms on, when CPU was looked at first.
  assertEquals(standstills.longest, { time: 180, cpu: 0, queued: 0 });
  // It came to an end, and a shorter one is none to be told.
  look(standstills, [220, 320], 215);
  assertEquals(standstills.longest.time, 180);
  // Of the second from the first sample on, a quarter.
  cpu = 4;
  look(standstills, [330, 390], 325);
  cpu = 4.25;
  queued = 7.5;
  look(standstills, [400, 1380], 325);
  assertEquals(standstills.longest, { time: 1_030, cpu: 0.25, queued: 0.5 });
});

Deno.test("where nothing is due nothing stands still", () => {
  const standstills = new Standstills(() => ({ cpu: 0, queued: 0 }));
  for (let now = 0; now < 1_000; now += 10) standstills.look(now, false, 0);
  standstills.look(1_000, true, 0);
  assertEquals(standstills.longest, { time: 0 });
});

Deno.test("what came while nobody looked ends what seemed to stand still", () => {
  const standstills = new Standstills(() => ({ cpu: 0, queued: 0 }));
  look(standstills, [0, 20], 0);
  // Who looks was stopped for a second; what came is read behind this look.
  standstills.look(1_020, true, 0);
  standstills.look(1_021, true, 1_020.5);
  assertEquals(standstills.longest.time, 10);
});

Deno.test("of a server that is not known only the time is told", () => {
  const standstills = new Standstills(() => ({}));
  look(standstills, [0, 300], 0);
  assertEquals(standstills.longest, {
    time: 280,
    cpu: undefined,
    queued: undefined,
  });
});
