/** A peer that asks much at once gets every reply, and costs little memory. */

import { assertEquals } from "@std/assert";
import { once } from "node:events";
import net from "node:net";
import { type Draft, MemoryStore } from "../../lib/chat/mod.ts";
import { RawClient } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const UNLIMITED = { requestsPerSecond: Infinity, requestBurst: Infinity };

/** A log that is durable a turn of the event loop later, as a disk's is. */
class SlowLog extends MemoryStore {
  override async append(drafts: readonly Draft[]) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return await super.append(drafts);
  }
}

/** A log that answers all appends at once, when it is told to. */
class HeldLog extends MemoryStore {
  readonly #release = Promise.withResolvers<void>();
  #appended = 0;
  #expected = Infinity;

  /** Answers as soon as so many messages were appended. */
  releaseAt(messages: number): void {
    this.#expected = messages;
  }

  override async append(drafts: readonly Draft[]) {
    this.#appended += drafts.length;
    if (this.#appended >= this.#expected) this.#release.resolve();
    await this.#release.promise;
    return await super.append(drafts);
  }
}

for (const secure of [false, true]) {
  const where = secure ? "in TLS" : "without TLS";

  Deno.test(`who asks far more than the backlog at once gets every reply, ${where}`, () =>
    withServer(async (port) => {
      const alice = await RawClient.login(port, "alice", "json2", { secure });
      const count = 1_000;
      alice.write('{"type":"room_msg","text":"hi"}\n'.repeat(count));
      for (let id = 1; id <= count; id++) {
        assertEquals(await alice.next(), { type: "room_msg_ack", id });
      }
      await alice.close();
    }, { limits: { ...UNLIMITED, backlog: 10 }, log: new SlowLog() }));

  Deno.test(`who ends its sending right behind more than the backlog gets every reply, ${where}`, () =>
    withServer(async (port) => {
      const alice = await RawClient.login(port, "alice", "json2", { secure });
      const count = 1_000;
      alice.socket.end('{"type":"room_msg","text":"hi"}\n'.repeat(count));
      for (let id = 1; id <= count; id++) {
        assertEquals(await alice.next(), { type: "room_msg_ack", id });
      }
      await alice.closed();
    }, { limits: { ...UNLIMITED, backlog: 10 }, log: new SlowLog() }));
}

Deno.test("who reads is not dropped, however long the replies to what it asked at once", () =>
  withServer(async (port) => {
    const alice = await RawClient.login(port, "alice", "json2");
    for (const room of ["here", "there"]) {
      alice.ask({ type: "join_room", room });
      for (let count = 0; count < 20; count++) alice.say("x".repeat(8_000));
    }
    for (let count = 0; count < 40; count++) await alice.event("room_msg_ack");
    // Somebody stays, so that the room does not have to be recalled.
    const others = [];
    for (const room of ["here", "there"]) {
      const other = await RawClient.login(port, `in-${room}`);
      other.ask({ type: "join_room", room });
      await other.event("join_room");
      others.push(other);
    }
    const joins = Array.from(
      { length: 100 },
      (_, index) => index % 2 === 0 ? "here" : "there",
    );
    // One piece: they all arrive in the same turn.
    alice.write(
      joins.map((room) => `{"type":"join_room","room":"${room}"}\n`).join(""),
    );
    for (const room of joins) {
      assertEquals((await alice.event("join_room")).room, room);
    }
    alice.ask({ type: "list_rooms" });
    await alice.event("list_rooms");
    await alice.close();
    for (const other of others) await other.close();
  }, { limits: UNLIMITED }));

Deno.test("nobody who reads is dropped for how much others say at once", () => {
  const log = new HeldLog();
  const count = 100;
  log.releaseAt(count);
  return withServer(async (port) => {
    const alice = await RawClient.login(port, "alice");
    const bob = await RawClient.login(port, "bob", "chatp1", { secure: true });
    for (let index = 0; index < count; index++) alice.say("x".repeat(8_000));
    for (let index = 0; index < count; index++) await bob.event("room_msg");
    bob.ask({ type: "list_rooms" });
    await bob.event("list_rooms");
    await Promise.all([alice.close(), bob.close()]);
  }, { limits: { ...UNLIMITED, sendQueue: 100_000 }, log });
});

Deno.test("a web browser that keeps its connection open does not keep the server from closing", async () => {
  const browser = new net.Socket({ allowHalfOpen: true });
  browser.on("error", () => {});
  await withServer(async (port) => {
    browser.connect({ port, host: "127.0.0.1" });
    await once(browser, "connect");
    browser.write("GET / HTTP/1.1\r\n\r\n");
    await once(browser, "data");
  }, { limits: { closeTimeout: 50 } });
  browser.destroy();
  await once(browser, "close");
});
