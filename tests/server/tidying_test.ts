import { assertEquals } from "@std/assert";
import { Tidying } from "../../lib/server/tidying.ts";

/** At which looks memory is given back: connections, people, deliveries. */
function tidiedAt(looks: readonly [number, number, number][]): number[] {
  const at: number[] = [];
  let index = 0;
  const tidying = new Tidying(() => at.push(index));
  for (; index < looks.length; index++) {
    const [connections, people, deliveries] = looks[index]!;
    tidying.look({ connections, people, deliveries });
  }
  return at;
}

Deno.test("memory is given back once nobody comes after a rush, or leaves", () => {
  assertEquals(
    tidiedAt([
      [300, 0, 0],
      [600, 0, 0],
      [700, 0, 0],
      [700, 0, 0],
      [700, 0, 0],
      [1_199, 0, 0],
      [1_199, 0, 0],
      [1_200, 0, 0],
      [1_200, 0, 0],
      [700, 0, 0],
      [700, 0, 0],
    ]),
    [3, 8, 10],
  );
});

Deno.test("a rush is one also when as many are there as before", () => {
  assertEquals(
    tidiedAt([[250, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]),
    [2],
  );
});

Deno.test("memory is not given back while people log in, or hear each other", () => {
  assertEquals(
    tidiedAt([
      [500, 1, 0],
      [500, 2, 0],
      [500, 3, 1],
      [500, 3, 2],
      [500, 3, 2],
      [500, 3, 3],
      [500, 3, 3],
    ]),
    [4],
  );
});

Deno.test("memory is not given back after fewer than 500 who came or left", () => {
  assertEquals(
    tidiedAt([[400, 0, 0], [400, 0, 0], [301, 0, 0], [301, 0, 0]]),
    [],
  );
});
