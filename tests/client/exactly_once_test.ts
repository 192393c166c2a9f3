/** A session that is kept, over connections that are cut. */

import { assertEquals } from "@std/assert";
import {
  linkOpener,
  Session,
  type SessionEvent,
} from "../../lib/client/mod.ts";
import { parseServer } from "../../lib/net/mod.ts";
import { HASTY, PATIENT, withCutter } from "./cutter.ts";
import { withServer } from "../server/test_server.ts";

function session(
  username: string,
  port: number,
  onEvent: (event: SessionEvent) => void,
  password?: string,
): Session {
  const made = new Session({
    open: linkOpener({
      address: parseServer(`chatp://127.0.0.1:${port}`),
      dial: { timeout: 10_000 },
      hasPassword: password !== undefined,
      plaintext: false,
    }),
    username,
    password,
    loginTimeout: 1_000_000,
    clock: password === undefined ? PATIENT : HASTY,
    random: () => 0,
    onEvent,
  });
  made.start();
  return made;
}

Deno.test("wherever the connection is cut, each message is said once, in order, and each is acknowledged", async () => {
  await withServer(async (port) => {
    const password = "long enough a secret";
    const registered = Promise.withResolvers<void>();
    const first = session("alice", port, (event) => {
      if (event.type === "answered") registered.resolve();
    });
    first.submit({ type: "register", password });
    await registered.promise;
    first.close();
    await first.ended;

    const heard: string[] = [];
    const all = Promise.withResolvers<void>();
    const texts = Array.from({ length: 40 }, (_, index) => `m${index}`);
    const bob = session("bob", port, (event) => {
      if (event.type !== "room_msg") return;
      if (heard.push(String(event.text)) === texts.length) all.resolve();
    });
    const budgets = [260, 300, 190, 9, 150, 230, 400, 180, 275, 333];
    await withCutter(port, budgets, async (cut) => {
      const told: SessionEvent[] = [];
      const settled = Promise.withResolvers<void>();
      const alice = session("alice", cut, (event) => {
        told.push(event);
        if ("ref" in event && event.ref === texts.length) settled.resolve();
      }, password);
      for (const text of texts) alice.submit({ type: "room_msg", text });
      await Promise.all([settled.promise, all.promise]);
      alice.close();
      assertEquals(await alice.ended, undefined);
      const refs = (type: string) =>
        told.flatMap((event) =>
          event.type === type && "ref" in event ? [event.ref] : []
        );
      assertEquals(refs("unconfirmed"), []);
      assertEquals(refs("acknowledged"), texts.map((_, index) => index + 1));
      // What one said oneself is not shown as something that was missed.
      assertEquals(told.filter(({ type }) => type === "room_msg"), []);
    });
    assertEquals(heard, texts);
    bob.close();
    await bob.ended;
  });
});
