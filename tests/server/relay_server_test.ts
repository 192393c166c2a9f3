/** The relay on real sockets: who gets a place, what is handed on, what is logged. */

import { assertEquals } from "@std/assert";
import { connectTcp, destroy, once } from "../net/sockets.ts";
import { RawRelayClient, RelayWorld } from "./relay_world.ts";

const READY = "server ready\n";

Deno.test("the relay logs a conversation as the seed does, and takes the next two behind it", async () => {
  await using world = await RelayWorld.start();
  for (let round = 0; round < 2; round++) {
    world.lines.splice(round === 0 ? 1 : 0);
    const alice = await world.connect();
    const bob = await world.connect();
    assertEquals(await alice.read(13), READY);
    assertEquals(await bob.read(13), READY);
    alice.socket.write("a".repeat(128));
    assertEquals(await bob.read(128), "a".repeat(128));
    bob.socket.write("b".repeat(256));
    assertEquals(await alice.read(256), "b".repeat(256));
    bob.socket.end("exit");
    assertEquals(await alice.rest(), "exit");
    assertEquals(await bob.rest(), "");
    const start = round === 0
      ? [`server running at 127.0.0.1:${world.port}`]
      : [];
    assertEquals(await world.logged(start.length + 7), [
      ...start,
      "serving client 0 at 127.0.0.1",
      "serving client 1 at 127.0.0.1",
      "sent 128 / 128 bytes from 127.0.0.1 to 127.0.0.1",
      "sent 256 / 256 bytes from 127.0.0.1 to 127.0.0.1",
      "sent 4 / 4 bytes from 127.0.0.1 to 127.0.0.1",
      "closing connection with 127.0.0.1",
      "closing connection with 127.0.0.1",
    ]);
  }
});

Deno.test("a third client is told that the server is full, and disturbs nobody", async () => {
  await using world = await RelayWorld.start({}, "debug");
  const alice = await world.connect();
  const bob = await world.connect();
  assertEquals(await bob.read(13), READY);
  const carol = await world.connect();
  carol.socket.write("let me in");
  assertEquals(await carol.rest(), "server full\n");
  alice.socket.write("still here");
  assertEquals(await bob.read(10), "still here");
  assertEquals(await world.logged(5), [
    `server running at 127.0.0.1:${world.port}`,
    "serving client 0 at 127.0.0.1",
    "serving client 1 at 127.0.0.1",
    "[DEBUG] 127.0.0.1 turned away: two clients are here",
    "sent 10 / 10 bytes from 127.0.0.1 to 127.0.0.1",
  ]);
});

for (const how of ["ends", "is cut off"]) {
  Deno.test(`a client that waits and ${how} leaves its place`, async () => {
    await using world = await RelayWorld.start();
    const ghost = await world.connect();
    if (how === "ends") ghost.socket.end();
    else ghost.socket.resetAndDestroy();
    await world.logged(3);
    const alice = await world.connect();
    const bob = await world.connect();
    assertEquals(await alice.read(13), READY);
    assertEquals(await bob.read(13), READY);
    assertEquals(world.lines.slice(1), [
      "serving client 0 at 127.0.0.1",
      "closing connection with 127.0.0.1",
      "serving client 0 at 127.0.0.1",
      "serving client 1 at 127.0.0.1",
    ]);
  });
}

Deno.test("when one of a pair is cut off, the other's connection is ended", async () => {
  await using world = await RelayWorld.start();
  const alice = await world.connect();
  const bob = await world.connect();
  assertEquals(await bob.read(13), READY);
  alice.socket.resetAndDestroy();
  assertEquals(await bob.rest(), "");
  assertEquals((await world.logged(5)).slice(3), [
    "closing connection with 127.0.0.1",
    "closing connection with 127.0.0.1",
  ]);
});

Deno.test("what was sent before the other came is handed on behind server ready", async () => {
  await using world = await RelayWorld.start({ heldBytes: 100 });
  const alice = await world.connect();
  for (let piece = 0; piece < 10; piece++) alice.socket.write("0123456789");
  const bob = await world.connect();
  assertEquals(await bob.read(113), READY + "0123456789".repeat(10));
  assertEquals(await alice.read(13), READY);
});

Deno.test("who sends more than may be held before the other came is closed, and leaves its place", async () => {
  await using world = await RelayWorld.start({ heldBytes: 100 }, "debug");
  const flood = await world.connect();
  flood.socket.write("x".repeat(101));
  assertEquals(await flood.rest(), "");
  assertEquals((await world.logged(4)).slice(1), [
    "serving client 0 at 127.0.0.1",
    "[DEBUG] 127.0.0.1 sent too much to nobody",
    "closing connection with 127.0.0.1",
  ]);
  await world.connect();
  assertEquals(world.lines.at(-1), "serving client 0 at 127.0.0.1");
});

const MIB = 2 ** 20;

Deno.test("who does not read stops the other's being read, and gets everything once it reads", async () => {
  await using world = await RelayWorld.start();
  const alice = await world.connect();
  const bob = await world.connect();
  assertEquals(await bob.read(13), READY);
  bob.socket.pause();
  const before = world.lines.length;
  const pieces = 64;
  for (let piece = 0; piece < pieces; piece++) {
    alice.socket.write(new Uint8Array(MIB).fill(piece));
  }
  await world.logged(before + 1);
  const counts = new Array(pieces).fill(0);
  bob.socket.removeAllListeners("data");
  bob.socket.on("data", (bytes: Uint8Array) => {
    for (const byte of bytes) counts[byte]++;
    assertEquals(bytes.every((each, at) => each >= (bytes[at - 1] ?? 0)), true);
  });
  alice.socket.end();
  bob.socket.resume();
  await once(bob.socket, "end");
  assertEquals(counts, new Array(pieces).fill(MIB));
});

Deno.test("a pair of which one takes nothing is ended, and little of what the other sent was read", async () => {
  await using world = await RelayWorld.start({ stallTimeout: 300 }, "debug");
  const alice = await world.connect();
  const bob = await world.connect();
  assertEquals(await bob.read(13), READY);
  bob.socket.pause();
  alice.socket.on("error", () => {});
  for (let piece = 0; piece < 64; piece++) {
    alice.socket.write(new Uint8Array(MIB));
  }
  await world.until(() =>
    world.lines.filter((line) => /^closing/.test(line)).length === 2
  );
  assertEquals(world.lines.includes("[DEBUG] 127.0.0.1 takes nothing"), true);
  const { writableLength } = alice.socket;
  assertEquals(writableLength > 32 * MIB, true, String(writableLength));
});

Deno.test("a relay that is closed ends both connections, and whoever waits", async () => {
  for (const clients of [0, 1, 2]) {
    const world = await RelayWorld.start();
    const all = [];
    while (all.length < clients) all.push(await world.connect());
    if (clients === 2) await all[1]?.read(13);
    const closed = world.relay.close();
    for (const client of all) {
      await client.rest();
      client.socket.destroy();
    }
    await closed;
    assertEquals(
      world.lines.slice(1 + clients),
      new Array(clients).fill("closing connection with 127.0.0.1"),
    );
  }
});

Deno.test("when too many are being turned away, one more is cut without a word", async () => {
  await using world = await RelayWorld.start({ closing: 1 }, "debug");
  await world.connect();
  await world.connect();
  const carol = await world.connect();
  assertEquals(await carol.rest(), "server full\n");
  // Carol's half is still open.
  const dave = new RawRelayClient(await connectTcp(world.port));
  assertEquals(await dave.rest(), "");
  await destroy(dave.socket);
});
