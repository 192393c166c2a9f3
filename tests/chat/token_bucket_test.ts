import { assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/chat/token_bucket.ts";

Deno.test("a bucket gives its burst, then refuses until a second's worth is in", () => {
  const bucket = new TokenBucket(4, 6, 0);
  const take = (now: number, times: number) =>
    Array.from({ length: times }, () => bucket.take(now));
  assertEquals(take(0, 7), [true, true, true, true, true, true, false]);
  assertEquals(take(250, 1), [false]);
  assertEquals(take(999, 1), [false]);
  assertEquals(take(1000, 5), [true, true, true, true, false]);
});

Deno.test("a bucket never holds more than its burst, and a clock that goes back gives nothing", () => {
  const bucket = new TokenBucket(10, 2, 1_000_000);
  assertEquals(bucket.take(9_000_000), true);
  assertEquals(bucket.take(1), true);
  assertEquals(bucket.take(1), false);
});
