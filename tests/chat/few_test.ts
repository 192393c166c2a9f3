import { assertEquals } from "@std/assert";
import { Few, FewByKey, Line } from "../../lib/chat/few.ts";

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

Deno.test("a map of few has what was set last under each key, in the order of the keys", () => {
  const few = new FewByKey<{ name: string }, { name: string }>();
  assertEquals([few.get(a), few.has(a), [...few]], [undefined, false, []]);
  few.set(a, b);
  assertEquals([few.get(a), few.get(b), [...few]], [b, undefined, [[a, b]]]);
  few.set(a, c);
  assertEquals([few.get(a), few.has(b), [...few]], [c, false, [[a, c]]]);
  few.set(b, a);
  few.set(a, a);
  assertEquals([few.get(a), few.has(b)], [a, true]);
  assertEquals([...few], [[a, a], [b, a]]);
});

Deno.test("what is taken out of a map of few is not in it, and nothing else goes", () => {
  const few = new FewByKey<{ name: string }, { name: string }>();
  few.set(a, b);
  few.delete(b);
  assertEquals([...few], [[a, b]]);
  few.delete(a);
  assertEquals([few.get(a), [...few]], [undefined, []]);
  few.set(b, c);
  few.set(c, a);
  few.delete(b);
  few.delete(a);
  assertEquals([few.get(b), few.get(c), [...few]], [undefined, a, [[c, a]]]);
  few.delete(c);
  assertEquals([few.has(c), [...few]], [false, []]);
  few.set(a, b);
  assertEquals([...few], [[a, b]]);
});

Deno.test("from a queue goes first what came first", () => {
  const line = new Line<{ name: string }>();
  const look = () => [line.first, line.length, [...line]];
  assertEquals(look(), [undefined, 0, []]);
  line.shift();
  line.push(a);
  assertEquals(look(), [a, 1, [a]]);
  line.shift();
  assertEquals(look(), [undefined, 0, []]);
  for (const each of [a, b, c]) line.push(each);
  assertEquals(look(), [a, 3, [a, b, c]]);
  line.shift();
  line.push(a);
  assertEquals(look(), [b, 3, [b, c, a]]);
  const seen: { name: string }[] = [];
  line.replace((each) => {
    seen.push(each);
    return each === a ? b : a;
  });
  assertEquals([seen, ...look()], [[b, c, a], a, 3, [a, a, b]]);
  for (let left = 3; left > 0; left--) line.shift();
  assertEquals(look(), [undefined, 0, []]);
  line.push(c);
  line.push(b);
  line.clear();
  assertEquals(look(), [undefined, 0, []]);
  line.push(a);
  assertEquals(look(), [a, 1, [a]]);
});
