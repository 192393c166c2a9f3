import { assertEquals } from "@std/assert";
import { pauseBefore } from "../../lib/client/mod.ts";

Deno.test("pauses double from half a second to thirty, less up to a quarter by chance", () => {
  const attempts = [0, 1, 2, 3, 4, 5, 6, 7, 1000];
  assertEquals(
    attempts.map((attempt) => pauseBefore(attempt, 0)),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
  assertEquals(
    attempts.slice(0, 3).map((attempt) => pauseBefore(attempt, 1)),
    [375, 750, 1500],
  );
});
