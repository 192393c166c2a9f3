import { assertEquals } from "@std/assert";
import { Duplex } from "node:stream";
import { DEFAULT_LIMITS, Hub } from "../../lib/chat/mod.ts";
import { Hearing } from "../../lib/net/mod.ts";
import { Connection } from "../../lib/server/connection.ts";
import { ChatProto1ServerCodec } from "../../lib/wire/mod.ts";

/** A peer that never ends what it sends. */
function endlessPeer(): Duplex {
  return new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
}

const nothing = () => {};

Deno.test("what comes behind a close is not kept", async () => {
  const socket = endlessPeer();
  const codec = new ChatProto1ServerCodec();
  const connection = new Connection({
    socket,
    hearing: new Hearing(socket),
    codec,
    limits: DEFAULT_LIMITS,
    events: {
      request: nothing,
      mistake: nothing,
      end: nothing,
      gone: nothing,
      closed: nothing,
      dropped: nothing,
      queued: nothing,
      stalled: nothing,
    },
    remote: { address: "192.0.2.1", port: 1 },
    wire: "chatproto",
    tls: false,
  });
  const hub = new Hub<Connection>({ limits: DEFAULT_LIMITS });
  connection.session = hub.connect(connection, { now: 0 });
  connection.start();
  connection.close();
  const taken = new Promise((resolve) => socket.on("data", resolve));
  socket.push(new Uint8Array(10_000));
  await taken;
  assertEquals(codec.pending, 0);
  socket.destroy();
  await new Promise((resolve) => socket.on("close", resolve));
});
