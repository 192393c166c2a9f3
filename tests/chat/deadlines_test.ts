import { assertEquals } from "@std/assert";
import { Deadlines } from "../../lib/chat/deadlines.ts";

Deno.test("deadlines come in the order of their starts, and a new start puts one off", () => {
  const deadlines = new Deadlines<string>(100);
  assertEquals(deadlines.next, Infinity);
  deadlines.start("a", 0);
  deadlines.start("b", 10);
  deadlines.start("c", 20);
  deadlines.start("a", 30);
  deadlines.stop("c");
  assertEquals(deadlines.next, 110);
  assertEquals(deadlines.expire(109), []);
  assertEquals(deadlines.expire(110), ["b"]);
  assertEquals(deadlines.expire(1_000), ["a"]);
  assertEquals(deadlines.next, Infinity);
});
