import { assertEquals, assertRejects } from "@std/assert";
import { SharedNews } from "../../lib/store/shared_news.ts";

/** Questions that the test answers. */
class Desk {
  readonly open: PromiseWithResolvers<string>[] = [];
  readonly shared = new SharedNews<string>(() => {
    const question = Promise.withResolvers<string>();
    this.open.push(question);
    return question.promise;
  });
}

const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("who asks while an answer is found waits for the next with the others, and the first is told", async () => {
  const desk = new Desk();
  const first = desk.shared.ask();
  const order: (string | undefined)[] = [];
  const others = [1, 2, 3].map(() =>
    desk.shared.ask().then((answer) => order.push(answer))
  );
  assertEquals(desk.open.length, 1);
  desk.open[0]?.resolve("one");
  assertEquals(await first, "one");
  await settle();
  assertEquals(desk.open.length, 2);
  const last = desk.shared.ask();
  desk.open[1]?.resolve("two");
  await Promise.all(others);
  assertEquals(order, ["two", undefined, undefined]);
  await settle();
  desk.open[2]?.resolve("three");
  assertEquals(await last, "three");
  assertEquals(desk.open.length, 3);
});

Deno.test("who asks when nobody else does is asked for at once, each time", async () => {
  const desk = new Desk();
  for (const answer of ["one", "two", "three"]) {
    const asked = desk.shared.ask();
    desk.open.shift()?.resolve(answer);
    assertEquals(await asked, answer);
    assertEquals(desk.open, []);
    await settle();
  }
});

Deno.test("a failure is told to those who shared it, and no others", async () => {
  const desk = new Desk();
  const first = desk.shared.ask();
  const second = [desk.shared.ask(), desk.shared.ask()];
  desk.open[0]?.reject(new Error("one"));
  await assertRejects(() => first, Error, "one");
  await settle();
  desk.open[1]?.reject(new Error("two"));
  for (const each of second) await assertRejects(() => each, Error, "two");
  await settle();
  const third = desk.shared.ask();
  desk.open[2]?.resolve("three");
  assertEquals(await third, "three");
});
