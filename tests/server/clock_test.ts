import { assertEquals } from "@std/assert";
import { SteadyClock } from "../../lib/server/clock.ts";

/** A computer whose clock is set by hand. */
class Computer {
  time = 1_000_000;
  #passed = 50;

  set(): number {
    return this.time;
  }

  passed(): number {
    return this.#passed;
  }

  goOn(ms: number): void {
    this.time += ms;
    this.#passed += ms;
  }
}

Deno.test("a clock is the computer's, also when that is set forward", () => {
  const computer = new Computer();
  const clock = new SteadyClock(computer);
  assertEquals(clock.now(), 1_000_000);
  computer.goOn(250);
  assertEquals(clock.now(), 1_000_250);
  computer.time += 3_600_000;
  assertEquals(clock.now(), 4_600_250);
});

Deno.test("a clock that is set back goes on at half speed until it was caught up with", () => {
  const computer = new Computer();
  const clock = new SteadyClock(computer);
  clock.now();
  computer.time -= 10_000;
  assertEquals(clock.now(), 1_000_000);
  computer.goOn(3);
  assertEquals(clock.now(), 1_000_001, "whole ms");
  computer.goOn(5_997);
  assertEquals(clock.now(), 1_003_000);
  computer.goOn(14_000);
  assertEquals([computer.time, clock.now()], [1_010_000, 1_010_000]);
  computer.goOn(500);
  assertEquals(clock.now(), 1_010_500, "at full speed again");
});

Deno.test("nobody is called before it is time, though a clock was set back", async () => {
  const computer = new Computer();
  const clock = new SteadyClock(computer);
  // Each look at the clock is a millisecond later.
  computer.passed = () => {
    computer.goOn(1);
    return 0;
  };
  computer.set = () => {
    computer.goOn(1);
    return computer.time;
  };
  const due = clock.now() + 20;
  const { promise, resolve } = Promise.withResolvers<number>();
  clock.at(due, () => resolve(computer.time));
  computer.time -= 5;
  const called = await promise;
  assertEquals(called >= due, true);
});
