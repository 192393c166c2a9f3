/** Accounts and sessions that are kept, over ChatProto 2 on real sockets. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ChatProto2Client } from "./chatproto2_client.ts";
import { RawClient } from "./raw_client.ts";
import { withServer } from "./test_server.ts";

const { connect, login } = ChatProto2Client;
const PASSWORD = "correct horse battery staple";

Deno.test("an account is made, used and given another password over ChatProto 2", () =>
  withServer(async (port) => {
    const first = await connect(port);
    const made = await first.answer(
      { type: "register", username: "ann", password: PASSWORD, keep: true },
      "login_ack",
    );
    assertEquals([made.username, made.room], ["ann", "general"]);
    assert(made.token !== undefined && made.user !== undefined);
    const second = await login(port, "ann", { password: PASSWORD });
    const newPassword = "another horse battery staple";
    await second.answer(
      { type: "change_password", password: PASSWORD, newPassword },
      "change_password",
    );
    assertEquals((await first.event("error_msg")).code, 401);
    await first.closed();
    const third = await connect(port);
    const refused = await third.answer(
      { type: "resume", token: made.token, positions: [] },
      "login_reject",
    );
    assertEquals(refused.code, 401);
    await third.closed();
    const other = await RawClient.login(port, "ann", "json2", {
      password: newPassword,
    });
    await other.close();
    await second.close();
  }));

Deno.test("a guest registers and goes on under its name", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    const { username } = await ann.answer(
      { type: "register", password: PASSWORD },
      "register",
    );
    assertEquals(username, "ann");
    ann.say("with an account");
    await ann.event("room_msg_ack");
    const without = await RawClient.connect(port, "json2");
    without.ask({ type: "login", username: "ann" });
    assertEquals((await without.event("login_reject")).code, 401);
    await without.closed();
    await ann.close();
  }));

Deno.test("who resumes gets what came meanwhile, and an answer for what was said again, over a socket", () =>
  withServer(async (port) => {
    const bob = await RawClient.login(port, "bob", "json2");
    const ann = await connect(port);
    const { token = "", roomHandle = 0 } = await ann.answer(
      { type: "login", username: "ann", keep: true },
      "login_ack",
    );
    ann.say("said once");
    const { place } = await ann.event("room_msg_ack");
    await ann.close();
    bob.say("meanwhile");
    await bob.event("room_msg_ack");
    const again = await connect(port);
    const positions = [{ room: roomHandle, sequence: 0 }];
    const back = await again.answer(
      { type: "resume", token, positions, ref: 0 },
      "login_ack",
    );
    assertEquals([back.username, back.token], ["ann", undefined]);
    again.say("said once");
    const shown = [
      await again.event("room_msg"),
      await again.event("room_msg"),
    ];
    assertEquals(
      shown.map(({ text, history, place }) => [text, history, place?.sequence]),
      [["said once", true, 1], ["meanwhile", true, 2]],
    );
    assertEquals((await again.event("position")).sequence, 2);
    const repeated = await again.event("room_msg_ack");
    assertEquals(repeated.repeated, true);
    assertEquals(repeated.place?.sequence, place?.sequence);
    again.say("said anew");
    assertEquals((await again.event("room_msg_ack")).place?.sequence, 3);
    await again.close();
    await bob.close();
  }));

Deno.test("a session goes on with the newest connection, and the one before is told so", () =>
  withServer(async (port) => {
    const before = await connect(port);
    const { token = "" } = await before.answer(
      { type: "login", username: "ann", keep: true },
      "login_ack",
    );
    const after = await connect(port);
    await after.answer({ type: "resume", token, positions: [] }, "login_ack");
    assertEquals((await before.event("error_msg")).code, 409);
    await before.closed();
    after.say("still here");
    await after.event("room_msg_ack");
    await after.close();
  }));

Deno.test("who logs out gets every answer that is due, then the server closes and the name is free", () =>
  withServer(async (port) => {
    const ann = await connect(port);
    const { token = "" } = await ann.answer(
      { type: "login", username: "ann", keep: true },
      "login_ack",
    );
    const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`);
    for (const text of texts) ann.say(text);
    ann.ask({ type: "logout" });
    for (const _ of texts) await ann.event("room_msg_ack");
    await ann.closed();
    assertEquals([ann.take(), ann.error], [undefined, undefined]);
    const other = await login(port, "ann");
    const third = await connect(port);
    const refused = await third.answer(
      { type: "resume", token, positions: [] },
      "login_reject",
    );
    assertEquals(refused.code, 401);
    await third.closed();
    await other.close();
  }));

Deno.test("who changes the password comes back with the token of the reply", () =>
  withServer(async (port) => {
    const before = await connect(port);
    const { token: old = "" } = await before.answer(
      { type: "register", username: "ann", password: PASSWORD, keep: true },
      "login_ack",
    );
    const { token = "" } = await before.answer(
      { type: "change_password", password: PASSWORD, newPassword: "shorter" },
      "change_password",
    );
    assertNotEquals(token, old);
    await before.close();
    const stale = await connect(port);
    await stale.answer(
      { type: "resume", token: old, positions: [] },
      "login_reject",
    );
    await stale.closed();
    const after = await connect(port);
    await after.answer({ type: "resume", token, positions: [] }, "login_ack");
    await after.close();
  }));

Deno.test("a login that is refused is told why, and then closed", () =>
  withServer(async (port) => {
    const ann = await login(port, "ann");
    const other = await connect(port);
    const refused = await other.answer(
      { type: "login", username: "Ann" },
      "login_reject",
    );
    assertEquals(refused.code, 409);
    await other.closed();
    assertNotEquals(ann.socket.destroyed, true);
    await ann.close();
  }));
