import { assert, assertEquals } from "@std/assert";
import { LatencyHistogram } from "../../../lib/bench/load/mod.ts";
import { SeededRandom } from "../../../lib/bench/random.ts";

Deno.test("a histogram tells short times to the microsecond", () => {
  const histogram = new LatencyHistogram();
  for (const time of [0.003, 0.001, 0.002, 0.255]) histogram.record(time);
  assertEquals(histogram.count, 4);
  assertEquals(histogram.percentile(25), 0.001);
  assertEquals(histogram.percentile(50), 0.002);
  assertEquals(histogram.percentile(75), 0.003);
  assertEquals(histogram.percentile(99.9), 0.255);
  assertEquals(histogram.max, 0.255);
});

Deno.test("an empty histogram has no percentiles and no longest time", () => {
  const histogram = new LatencyHistogram();
  assertEquals(histogram.percentile(50), undefined);
  assertEquals(histogram.max, undefined);
});

Deno.test("a histogram takes what is below 0 for 0 and what is beyond it for its end", () => {
  const histogram = new LatencyHistogram();
  histogram.record(-5);
  assertEquals(histogram.max, 0);
  histogram.record(1e12);
  assertEquals(histogram.max, 4_294_967.295);
  assertEquals(histogram.percentile(100), 4_294_967.295);
});

Deno.test("a histogram's parts begin and end where they are said to", () => {
  // From 256 µs on parts are 2 µs wide, from 512 µs on 4 µs, ...
  for (
    const [time, upper] of [
      [0.256, 0.257],
      [0.257, 0.257],
      [0.258, 0.259],
      [0.511, 0.511],
      [0.512, 0.515],
      [1.024, 1.031],
      [1000, 1003.519],
    ] as const
  ) {
    const histogram = new LatencyHistogram();
    histogram.record(time);
    histogram.record(4_000_000);
    assertEquals(histogram.percentile(50), upper, `${time} ms`);
  }
});

Deno.test("a histogram's percentiles are never above the longest", () => {
  const histogram = new LatencyHistogram();
  // A part of 8 microseconds begins with it.
  histogram.record(1.024);
  assertEquals(histogram.percentile(50), 1.024);
  assertEquals(histogram.percentile(100), 1.024);
});

Deno.test("99.9 % of a thousand are 999 of them", () => {
  const histogram = new LatencyHistogram();
  for (let index = 0; index < 999; index++) histogram.record(0.01);
  histogram.record(0.2);
  assertEquals(histogram.percentile(99.9), 0.01);
  assertEquals(histogram.percentile(99.91), 0.2);
});

Deno.test("a histogram's percentiles are the exact ones, or less than 1/128 above", () => {
  const random = new SeededRandom(7);
  const histogram = new LatencyHistogram();
  // Microseconds to an hour, each power of ten as often.
  const times = Array.from(
    { length: 20_000 },
    () => Math.round(10 ** (random.fraction() * 9.5)) / 1000,
  );
  for (const time of times) histogram.record(time);
  const ascending = times.toSorted((a, b) => a - b);
  for (const percent of [1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100]) {
    const rank = Math.ceil(percent / 100 * times.length);
    const exact = ascending[rank - 1] as number;
    const found = histogram.percentile(percent) as number;
    assert(found >= exact, `p${percent}: ${found} is below ${exact}`);
    assert(
      found - exact <= exact / 128,
      `p${percent}: ${found} is too far above ${exact}`,
    );
  }
});
