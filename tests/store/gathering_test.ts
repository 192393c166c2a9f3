import { assertEquals } from "@std/assert";
import { Gathering } from "../../lib/store/gathering.ts";

/** Messages that came by themselves, one each so many ms, up to a time. */
function every(pause: number, until: number): Gathering {
  const gathering = new Gathering();
  for (let now = 0; now <= until; now += pause) gathering.came(1, 0, now);
  return gathering;
}

Deno.test("waits for nobody where messages are far apart", () => {
  const gathering = every(3, 3_000);
  gathering.answered(1, 0);
  assertEquals(gathering.wanted(1, 3_000), 1);
});

Deno.test("waits for one more where that is expected within 2.5 ms", () => {
  const gathering = every(2, 2_000);
  gathering.answered(1, 0);
  assertEquals(gathering.wanted(1, 2_000), 2);
  assertEquals(gathering.left(2_000), 2.5);
});

Deno.test("waits for no more than could have come again", () => {
  const gathering = every(0.125, 1_000);
  gathering.answered(7, 2);
  assertEquals(gathering.wanted(1, 1_000), 9);
  assertEquals(gathering.wanted(9, 1_000), 9);
});

Deno.test("waits for no more than come in 2.5 ms", () => {
  const gathering = every(0.5, 1_000);
  gathering.answered(100, 0);
  // Four: the mean is a little over half a millisecond still.
  assertEquals(gathering.wanted(1, 1_000), 5);
});

Deno.test("the oldest waits 2.5 ms at most, whatever it has waited for before", () => {
  const gathering = every(2, 2_000);
  gathering.came(1, 0, 2_002);
  gathering.answered(4, 1);
  assertEquals(gathering.wanted(1, 2_002.4), 2);
  assertEquals(gathering.wanted(1, 2_003), 1);
  assertEquals(gathering.left(2_003), 1.5);
  assertEquals(gathering.wanted(1, 2_012), 1);
  assertEquals(gathering.left(2_012), 0);
});

Deno.test("who waits for each answer is made to wait ever more seldom", () => {
  const gathering = new Gathering();
  const inVain: number[] = [];
  for (let message = 0, now = 0; message < 1_000; message++, now += 0.5) {
    gathering.came(1, 0, now);
    if (gathering.wanted(1, now) > 1) {
      inVain.push(message);
      gathering.gained(0);
    }
    gathering.answered(1, 0);
  }
  assertEquals(inVain, [12, 45, 110, 239, 496]);
});

Deno.test("where waiting pays again, it is not given up for long", () => {
  const gathering = every(1, 100);
  const pauses: number[] = [];
  for (const gained of [0, 0, 0, 1, 0, 0]) {
    let atOnce = 0;
    while (gathering.wanted(1, 100) === 1) atOnce++;
    gathering.gained(gained);
    pauses.push(atOnce);
  }
  assertEquals(pauses, [0, 32, 64, 128, 0, 0]);
  let atOnce = 0;
  while (gathering.wanted(1, 100) === 1) atOnce++;
  assertEquals(atOnce, 32);
});
