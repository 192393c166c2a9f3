/**
 * However many come, descriptors do not run out: the listener would not accept
 * again when they are back.
 */

import { assertEquals } from "@std/assert";
import { Logger } from "../../lib/server/mod.ts";
import { RawClient } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const FIRST_BYTE = "{";

/** Connects so many, one after the other, each of which says the same. */
async function crowd(port: number, size: number, said: string) {
  const clients: RawClient[] = [];
  for (let index = 0; index < size; index++) {
    const client = await RawClient.connect(port, "json2");
    client.write(said);
    clients.push(client);
  }
  return clients;
}

Deno.test("a full server tells a thousand so, and cuts who comes besides", () =>
  withServer(async (port) => {
    const clients = await crowd(port, 1_001, FIRST_BYTE);
    const late = await RawClient.connect(port, "json2");
    late.write(FIRST_BYTE);
    assertEquals((await late.closed()).length, 0);
    const refused = clients.at(-1)!;
    refused.write('"type":"login","username":"alice","v":2}\n');
    assertEquals((await refused.event("login_reject")).code, 503);
    for (const client of clients) await client.close();
  }, { limits: { connections: 1 } }));

Deno.test("of those who show no wire, the oldest goes when there are too many", () =>
  withServer(async (port) => {
    const clients = await crowd(port, 4_001, "");
    const [oldest, next] = clients;
    assertEquals((await oldest!.closed()).length, 0);
    next!.ask({ type: "login", username: "alice" });
    await next!.event("login_ack");
    for (const client of clients) await client.close();
  }));

Deno.test("more than fit into the files that may be open are cut, which is said once, until one goes", async () => {
  const lines: string[] = [];
  const logger = new Logger({
    format: "text",
    level: "warn",
    write: (line) => lines.push(line),
    now: () => new Date(0),
  });
  await withServer(async (port) => {
    // 136 files but 34 twice and 64.
    const clients: RawClient[] = [];
    for (let index = 0; index < 4; index++) {
      clients.push(await RawClient.login(port, `guest${index}`, "json2"));
    }
    for (let index = 0; index < 2; index++) {
      const late = await RawClient.connect(port, "json2");
      assertEquals((await late.closed()).length, 0);
    }
    await clients.pop()?.close();
    const told = clients[0]!;
    while ((await told.event("system_msg")).text !== "guest3 left general");
    clients.push(await RawClient.login(port, "later", "json2"));
    for (const client of clients) await client.close();
  }, { logger, openFiles: 136 });
  assertEquals(lines, [
    "[WARN] At most 4 connections fit into the 136 files that may be open: " +
    "for 10000, and others who are told that it is full, allow 12086 " +
    "(ulimit -n; in systemd LimitNOFILE)",
    "[ERROR] All 4 connections that fit into the files that may be open are " +
    "taken, others are cut: raise ulimit -n (LimitNOFILE)",
  ]);
});
