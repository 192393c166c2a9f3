import { assertEquals } from "@std/assert";
import { Few } from "../../lib/chat/few.ts";

const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];

Deno.test("a set of few has everything once, in the order in which it came", () => {
  const few = new Few<{ name: string }>();
  assertEquals([few.size, [...few]], [0, []]);
  few.add(a);
  few.add(a);
  assertEquals([few.size, [...few]], [1, [a]]);
  few.add(b);
  few.add(a);
  few.add(c);
  assertEquals([few.size, [...few]], [3, [a, b, c]]);
});

Deno.test("a set of few says whether what is taken out of it was in it", () => {
  const few = new Few<{ name: string }>();
  assertEquals(few.delete(a), false);
  few.add(a);
  assertEquals([few.delete(b), few.delete(a), few.delete(a)], [
    false,
    true,
    false,
  ]);
  assertEquals([few.size, [...few]], [0, []]);
  few.add(b);
  few.add(c);
  assertEquals([few.delete(a), few.delete(b), [...few]], [false, true, [c]]);
  assertEquals([few.delete(c), few.size, [...few]], [true, 0, []]);
  few.add(a);
  assertEquals([few.size, [...few]], [1, [a]]);
});
