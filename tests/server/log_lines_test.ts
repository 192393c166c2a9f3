/** What whoever runs a server can find out about those who are gone from it. */

import { assertEquals } from "@std/assert";
import { Logger } from "../../lib/server/mod.ts";
import { RawClient } from "./raw_client.ts";
import { StillClock } from "./still_clock.ts";
import { withServer } from "./test_server.ts";

function logged(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const logger = new Logger({
    format: "text",
    level: "info",
    write: (line) => lines.push(line.replaceAll(/:\d{4,5} /g, ":PORT ")),
    now: () => new Date(0),
  });
  return { logger, lines };
}

Deno.test("the log tells who floods, once", async () => {
  const { logger, lines } = logged();
  await withServer(async (port) => {
    const alice = await RawClient.login(port, "alice", "json2");
    for (let count = 0; count < 5; count++) alice.say("hi");
    for (let count = 0; count < 3; count++) await alice.event("error_msg");
    alice.socket.destroy();
  }, {
    logger,
    limits: { requestsPerSecond: 0.001, requestBurst: 3, muteAtOnce: 2 },
  });
  assertEquals(lines.filter((line) => /alice (logged|is)/.test(line)), [
    "[INFO] alice logged in, 127.0.0.1:PORT (json)",
    "[INFO] alice is muted, 127.0.0.1:PORT (json)",
  ]);
});

Deno.test("the log tells why somebody was sent away, and no name of who did not log in", async () => {
  const { logger, lines } = logged();
  const clock = new StillClock();
  await withServer(async (port) => {
    const stranger = await RawClient.connect(port, "json2");
    const alice = await RawClient.login(port, "alice", "json2");
    stranger.write("{");
    stranger.socket.destroy();
    await clock.passes(60_000);
    assertEquals((await alice.event("error_msg")).code, 401);
    await alice.closed();
  }, { logger, clock, limits: { idleTimeout: 60_000, loginTimeout: 90_000 } });
  assertEquals(lines.filter((line) => line.includes("(json)")).sort(), [
    "[INFO] (not logged in) left, 127.0.0.1:PORT (json)",
    "[INFO] alice is told: Not logged in or wrong password: nothing asked " +
    "for 60 s, logged out, 127.0.0.1:PORT (json)",
    "[INFO] alice left, 127.0.0.1:PORT (json)",
    "[INFO] alice logged in, 127.0.0.1:PORT (json)",
  ]);
});
