import { assertEquals } from "@std/assert";
import { Replays, type Sighting } from "../../lib/secret/mod.ts";

function run(
  replays: Replays,
  steps: readonly (readonly [id: string, place: number, is: Sighting])[],
): void {
  for (const [id, place, is] of steps) {
    assertEquals(replays.see(id, place), is, `${id} at ${place}`);
  }
}

Deno.test("the same id at another place is a replay, at its own it is not", () => {
  run(new Replays(), [
    ["aa", 4, "new"],
    ["bb", 5, "new"],
    ["aa", 4, "same"],
    ["aa", 6, "replayed"],
    ["aa", 4, "same"],
    ["bb", 7, "replayed"],
    ["cc", 6, "new"],
  ]);
});

Deno.test("when the first place is seen last, what was seen before is the replay", () => {
  run(new Replays(), [
    ["aa", 9, "new"],
    ["aa", 4, "earlier"],
    ["aa", 9, "replayed"],
    ["aa", 4, "same"],
    ["aa", 3, "earlier"],
  ]);
});

Deno.test("the newest ids are remembered, however they came", () => {
  const replays = new Replays([], 8);
  for (let place = 100; place > 92; place--) replays.see(`${place}`, place);
  assertEquals(replays.seen.length, 8);
  run(replays, [["3", 3, "new"]]);
  assertEquals(
    replays.seen.map(({ place }) => place),
    [95, 96, 97, 98, 99, 100],
  );
  run(replays, [
    ["100", 101, "replayed"],
    ["95", 101, "replayed"],
    ["94", 101, "new"],
  ]);
  for (let place = 1; place < 1_000; place++) {
    replays.see(`x${place}`, 200 + place);
    assertEquals(replays.seen.length <= 8, true);
  }
});

Deno.test("what was seen is taken up again", () => {
  const before = new Replays();
  run(before, [["bb", 8, "new"], ["aa", 4, "new"]]);
  assertEquals(before.seen, [{ id: "aa", place: 4 }, { id: "bb", place: 8 }]);
  run(new Replays(before.seen), [["aa", 5, "replayed"], ["bb", 8, "same"]]);
});
