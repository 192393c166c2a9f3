/**
 * What a server says to peers that are not on loopback. Runs in a network of
 * its own, whose one interface has the address 10.77.0.1 as well.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS, MemoryStore } from "../../lib/chat/mod.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { RawCp } from "./cp_client.ts";
import { RawClient } from "./raw_client.ts";
import { testSecureContext } from "./test_server.ts";
import { SECRETS } from "../../lib/store/mod.ts";

const HOST = "10.77.0.1";

async function withServer(
  plaintext: boolean,
  test: (port: number) => Promise<void>,
): Promise<void> {
  const server = await ChatServer.start({
    listen: [{ host: "0.0.0.0", port: 0 }],
    openStore: () => Promise.resolve(new MemoryStore()),
    secrets: SECRETS,
    limits: DEFAULT_LIMITS,
    plaintext,
    secureContext: testSecureContext,
    logger: SILENT,
  });
  await test(server.addresses[0]?.port ?? 0);
  await server.close();
}

await withServer(false, async (port) => {
  for (const wire of ["chatp1", "json1", "json2"] as const) {
    const client = await RawClient.connect(port, wire, { host: HOST });
    client.ask({ type: "login", username: "alice", password: "secret" });
    const answer = await client.next();
    assertEquals(answer, {
      type: "login_reject",
      reason:
        "Not allowed: this server takes plaintext from its own machine only",
      ...wire === "json2" && {
        code: 403,
        hint:
          "Connect with TLS (chatps:// or jsons://), or have the server started with --plaintext",
      },
    });
    await client.closed();
  }
  const cp = await RawCp.connect(port, { host: HOST });
  assertEquals(
    await cp.ask("USERalice\r\n"),
    "500 Not allowed: " +
      "this server takes plaintext from its own machine only\r\n",
  );
  assertEquals(await cp.read(), "");
  const cps = await RawCp.connect(port, { host: HOST, secure: true });
  assertEquals(
    await cps.ask("USERalice\r\n"),
    "220 received username successfully\r\n",
  );
  await cps.close();
  const secure = await RawClient.connect(port, "json2", {
    host: HOST,
    secure: true,
  });
  secure.ask({ type: "login", username: "alice" });
  assertEquals((await secure.next()).type, "login_ack");
  await secure.close();
  const near = await RawClient.login(port, "bob");
  await near.close();
});

await withServer(true, async (port) => {
  const client = await RawClient.connect(port, "chatp1", { host: HOST });
  client.ask({ type: "login", username: "alice" });
  assertEquals((await client.next()).type, "login_ack");
  await client.close();
  const cp = await RawCp.connect(port, { host: HOST });
  assertEquals(
    await cp.ask("USERalice\r\n"),
    "220 received username successfully\r\n",
  );
  await cp.close();
});
