import { assertEquals, assertRejects } from "@std/assert";
import { type ChatStore, MemoryStore } from "../../lib/chat/mod.ts";
import { Answers } from "../../lib/server/answers.ts";
import { SECRETS } from "../../lib/store/mod.ts";

Deno.test("which accounts changed is told to the next when somebody's arrival fails", async () => {
  const news = [[{
    handle: 7,
    name: { shown: "Ada", key: "ada" },
    created: 1,
  }]];
  const failures = [new Error("the disk is full")];
  const store: ChatStore = Object.assign(new MemoryStore(), {
    handle: () => {
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve(8);
    },
    accounts: () => Promise.resolve(news.shift()),
  });
  const answers = new Answers(store, SECRETS);
  await assertRejects(() => answers.find({ kind: "arrival" } as never));
  const told = await answers.find({ kind: "arrival" } as never);
  assertEquals((told as { accounts?: unknown[] }).accounts?.length, 1);
});
