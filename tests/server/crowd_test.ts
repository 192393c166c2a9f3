/**
 * However many come, descriptors do not run out: the listener would not accept
 * again when they are back.
 */

import { assertEquals } from "@std/assert";
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
