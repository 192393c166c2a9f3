import { assertEquals } from "@std/assert";
import { AwayBook } from "../../lib/client/mod.ts";

Deno.test("who writes to somebody away is told once, and again when they are away again", () => {
  const book = new AwayBook();
  const lunch = { type: "away", user: "Bob", text: "lunch" } as const;
  assertEquals(book.remind("bob"), undefined);
  book.take(lunch);
  assertEquals([book.remind("bob"), book.remind("BOB")], [lunch, undefined]);
  book.take({ type: "away", user: "bob" });
  assertEquals(book.remind("bob"), undefined);
  book.take(lunch);
  assertEquals(book.remind("bob"), lunch);
});

Deno.test("who has left, or may have come back while one was not there, is not called away", () => {
  const book = new AwayBook();
  const lunch = { type: "away", user: "bob", text: "lunch" } as const;
  book.take(lunch);
  book.take({ type: "presence", room: "tea", user: "bob", here: true });
  book.take({ type: "presence", room: "tea", user: "bob", here: false });
  assertEquals(book.remind("bob"), undefined);
  book.take(lunch);
  book.connected();
  assertEquals(book.remind("bob"), undefined);
});

Deno.test("a list of members tells who is away, and is no reason to say it twice", () => {
  const book = new AwayBook();
  const list = (away?: string) => {
    const bob = { user: 2, name: "bob", account: true, here: true };
    const member = away === undefined ? bob : { ...bob, away };
    book.take({ type: "list_members", room: "tea", members: [member] });
    return book.remind("bob")?.text;
  };
  assertEquals(
    [list("lunch"), list("lunch"), list("nap"), list(), list("nap")],
    ["lunch", undefined, "nap", undefined, "nap"],
  );
});
