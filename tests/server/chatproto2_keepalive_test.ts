/** Who is alive, and who does not read, on ChatProto 2. */

import { assertEquals } from "@std/assert";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { withServer } from "./test_server.ts";

const { login } = ChatProto2Client;

Deno.test("each keepalive is echoed, among whatever else is said", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    for (let round = 0; round < 3; round++) {
      ann.say(`round ${round}`);
      await ann.ping();
      await ann.event("room_msg_ack");
    }
    assertEquals(ann.codec.keepalives, 3);
    await ann.close();
  }));

Deno.test("a client that has sent keepalives and falls silent is cut, one that never sent any is not", () =>
  withServer(async (port) => {
    const quiet = await login(port, "quiet");
    const alive = await login(port, "alive");
    await alive.ping();
    await alive.closed();
    await quiet.ping();
    await quiet.close();
  }, { limits: { silence: 100 } }));

Deno.test("a reader that falls behind is dropped, and what it missed waits for it", () =>
  withServer(async (port) => {
    const slow = await ChatProto2Client.connect(port, { coded: false });
    const { token = "", roomHandle = 0 } = await slow.answer(
      { type: "login", username: "slow", keep: true },
      "login_ack",
    );
    const ann = await login(port, "ann");
    slow.socket.pause();
    const gone = (async () => {
      for (;;) {
        const { user, here } = await ann.event("presence");
        if (user === "slow" && !here) return;
      }
    })();
    let dropped = false;
    gone.then(() => dropped = true);
    let said = 0;
    while (!dropped) {
      ann.say(`${said++} `.padEnd(8_000, "x"));
      await ann.ping();
    }
    slow.socket.destroy();
    const back = await ChatProto2Client.connect(port);
    const positions = [{ room: roomHandle, sequence: 0 }];
    await back.answer({ type: "resume", token, positions }, "login_ack");
    for (let index = 0; index < said; index++) {
      const { text } = await back.event("room_msg");
      assertEquals(String(text).split(" ")[0], `${index}`);
    }
    await back.close();
    await ann.close();
  }, {
    limits: {
      requestsPerSecond: Infinity,
      requestBurst: Infinity,
      sendQueue: 65_536,
    },
  }));
