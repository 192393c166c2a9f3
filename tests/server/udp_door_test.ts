/** What a UDP port keeps of whoever sends to it. */

import { assertEquals } from "@std/assert";
import dgram from "node:dgram";
import { once } from "node:events";
import { DEFAULT_LIMITS, Hub } from "../../lib/chat/mod.ts";
import { Logger } from "../../lib/server/mod.ts";
import type { Peer } from "../../lib/server/peer.ts";
import { UdpDoor } from "../../lib/server/udp_door.ts";
import { KeptLogins } from "../../lib/wire/mod.ts";
import { datagram } from "../wire/udpchat/server_scene.ts";

/** A port that knows at most `udpStrangers` addresses without a login. */
function open(udpStrangers: number, now: () => number): Promise<UdpDoor> {
  const limits = { ...DEFAULT_LIMITS, udpStrangers };
  return UdpDoor.open({
    host: "127.0.0.1",
    port: 0,
    hub: new Hub<Peer>({ limits, accountsOnly: false }),
    logins: new KeptLogins(),
    limits,
    isShared: () => false,
    clock: { now, at: () => () => {} },
    logger: new Logger({
      format: "text",
      level: "error",
      write: () => {},
      now: () => new Date(0),
    }),
    drop: 0,
    request: () => {},
    queued: () => {},
    schedule: () => {},
    closed: () => {},
    refused: () => {},
  });
}

/** Says SYN from a port of its own, and waits for the ACK. */
async function greet(port: number, socket = dgram.createSocket("udp4")) {
  socket.send(datagram(0, "S", '{"username":null}'), port, "127.0.0.1");
  await once(socket, "message");
  return socket;
}

Deno.test("addresses without a login are bounded in number, and forgotten when they are silent for a minute", async () => {
  let now = 0;
  const door = await open(50, () => now);
  const { port } = door.address;
  const last = await greet(port);
  for (let count = 0; count < 200; count++) (await greet(port)).close();
  assertEquals(door.known, { members: 0, strangers: 50 });
  now = 30_000;
  await greet(port, last);
  assertEquals(door.known, { members: 0, strangers: 50 });
  now = 60_001;
  while (door.known.strangers > 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(door.known, { members: 0, strangers: 1 });
  now = 90_001;
  while (door.known.strangers > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  last.close();
  await door.close();
});
