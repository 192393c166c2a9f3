import { assert, assertEquals } from "@std/assert";
import { BASIC, FULL, lostLine } from "../../lib/client/mod.ts";
import { UserError } from "../../lib/net/mod.ts";
import type { ServerEvent } from "../../lib/wire/mod.ts";
import { settle, Stage } from "./fakes.ts";

const say = (text: string) => ({ type: "room_msg", text }) as const;
const ack = (id: number) => ({ type: "room_msg_ack", id }) as const;
const refusal = (code: 429 | 503 | 403, text: string): ServerEvent => ({
  type: "error_msg",
  code,
  text,
});

Deno.test("a session logs in, says what it is told to, and tells what became of it", async () => {
  const stage = new Stage({ password: "secret" });
  stage.session.submit(say("early"));
  const link = await stage.enter();
  assertEquals(link.take(), ["login alice secret", "room_msg early"]);
  await link.say(ack(1), { type: "system_msg", text: "bob joined general" });
  assertEquals(stage.take(), [
    "connected general",
    "acknowledged 1",
    "* bob joined general",
  ]);
  stage.session.close();
  assert(link.ended);
  await link.break();
  assertEquals(stage.end, undefined);
  assertEquals(stage.clock.timers, 0);
});

Deno.test("the first connection that fails ends the session with its failure", async () => {
  const stage = new Stage();
  stage.failures.push(new UserError("refused", "nobody there"));
  stage.session.start();
  await settle();
  assertEquals((stage.end as UserError).kind, "refused");
  assertEquals(stage.clock.timers, 0);
});

Deno.test("a rejected first login ends the session with its kind", async () => {
  for (
    const [reason, kind, status] of [
      ["Name taken: somebody is here as alice", "name_taken", 20],
      ["Not logged in or wrong password: no", "login_rejected", 21],
      ["Unavailable: the server is full", "unavailable", 26],
      ["Too fast: an address has at most 1 guests", "too_many", 29],
      ["Internal error: the accounts can't be read", "server_failed", 30],
      ["out of order", "login_rejected", 21],
    ] as const
  ) {
    const stage = new Stage();
    stage.session.start();
    await settle();
    await stage.link.say({ type: "login_reject", reason });
    const error = stage.end as UserError;
    assertEquals([error.kind, error.status], [kind, status]);
    assertEquals(error.message, `The server rejected the login: ${reason}`);
    assert(stage.link.destroyed);
  }
});

Deno.test("a login that nobody answers times out", async () => {
  const stage = new Stage();
  stage.session.start();
  await settle();
  await stage.clock.pass(10_000);
  assertEquals((stage.end as UserError).kind, "timed_out");
});

Deno.test("a server that closes before the login's answer may speak another wire", async () => {
  const stage = new Stage();
  stage.session.start();
  await settle();
  await stage.link.break();
  const error = stage.end as UserError;
  assertEquals(error.kind, "connection_lost");
  assertEquals(
    error.message,
    "The server closed the connection without an answer to the login",
  );
});

Deno.test("after a break the connection is made again with growing pauses", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.failures.push(
    new UserError("refused", "not yet"),
    new UserError("timed_out", "not yet"),
  );
  await link.break();
  await stage.clock.pass(500 + 1000);
  assertEquals(stage.links.length, 1);
  await stage.clock.pass(2000);
  assertEquals(stage.links.length, 2);
  await stage.letIn();
  assertEquals(stage.take(), [
    "connected general",
    "lost for 500 ms",
    "lost for 1000 ms",
    "lost for 2000 ms",
    "connected general again",
  ]);
  // It did not live long: the pauses go on growing.
  await stage.link.break();
  assertEquals(stage.take(), ["lost for 4000 ms"]);
  await stage.clock.pass(4000);
  await stage.letIn();
  await stage.clock.pass(5000);
  await stage.link.break();
  assertEquals(stage.take(), ["connected general again", "lost for 500 ms"]);
  stage.session.close();
  assertEquals(stage.clock.timers, 0);
});

Deno.test("a failure that waiting does not mend ends the session", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.failures.push(new UserError("certificate_changed", "another one"));
  await link.break();
  await stage.clock.pass(500);
  assertEquals((stage.end as UserError).kind, "certificate_changed");
});

Deno.test("what was sent and not acknowledged is unconfirmed, and not repeated; what was typed meanwhile is sent", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.session.submit(say("one"));
  stage.session.submit({ type: "list_users" });
  stage.session.submit({ type: "private_msg", recipient: "bob", text: "two" });
  await settle();
  await link.break();
  stage.session.submit(say("three"));
  assertEquals(stage.take(), [
    "connected general",
    "unconfirmed 1",
    "unconfirmed 3",
    "lost for 500 ms",
  ]);
  await stage.clock.pass(500);
  await stage.letIn();
  // A listing can be asked twice.
  assertEquals(stage.link.take(), [
    "login alice",
    "list_users",
    "room_msg three",
  ]);
});

Deno.test("a new connection goes back to the room before anything is said", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.session.submit({ type: "join_room", room: "Tea" });
  await settle();
  await link.say({ type: "join_room", room: "Tea" });
  await link.break();
  stage.session.submit(say("hello"));
  await stage.clock.pass(500);
  await stage.letIn();
  assertEquals(stage.link.take(), ["login alice", "join_room Tea"]);
  await stage.link.say({ type: "join_room", room: "Tea" });
  assertEquals(stage.link.take(), ["room_msg hello"]);
  assertEquals(stage.session.room, "Tea");
});

Deno.test("what was meant for a room that is closed now is not said elsewhere", async () => {
  const stage = new Stage({ room: "tea" });
  const link = await stage.enter();
  await link.say({ type: "join_room", room: "tea" });
  await link.break();
  stage.session.submit(say("for tea"));
  await stage.clock.pass(500);
  await stage.letIn();
  stage.take();
  await stage.link.say(refusal(403, "Not allowed: members only"));
  stage.session.submit(say("for general"));
  await settle();
  assertEquals(stage.take(), [
    "warned: Can't join tea: Not allowed: members only",
    "connected general again",
    "refused 1: Not sent: Can't join tea: Not allowed: members only",
  ]);
  assertEquals(stage.link.take(), [
    "login alice",
    "join_room tea",
    "room_msg for general",
  ]);
});

Deno.test("nothing is said until a join is answered, and nothing meant for a room that refused", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  link.take();
  stage.session.submit({ type: "join_room", room: "club" });
  stage.session.submit(say("for the club"));
  stage.session.submit({ type: "list_rooms" });
  await settle();
  assertEquals(link.take(), ["join_room club"]);
  await link.say(refusal(403, "Not allowed: no"));
  assertEquals(stage.take(), [
    "connected general",
    "refused 1: Not allowed: no",
    "refused 2: Not sent: Not allowed: no",
  ]);
  assertEquals(link.take(), ["list_rooms"]);
});

Deno.test("nothing is shown of a room that one only passes through", async () => {
  const stage = new Stage({ room: "tea" });
  const link = await stage.enter();
  await link.say(
    { type: "room_msg", room: "general", sender: "bob", text: "not for me" },
    { type: "system_msg", text: "carol joined general" },
    {
      type: "private_msg_delivery",
      sender: "bob",
      recipient: "alice",
      text: "for me",
    },
    { type: "join_room", room: "tea" },
    {
      type: "room_msg",
      room: "tea",
      sender: "bob",
      text: "for all",
      history: true,
    },
  );
  assertEquals(stage.take(), [
    "private_msg_delivery bob: for me",
    "connected tea",
    "room_msg bob: for all",
  ]);
});

Deno.test("a join that comes too fast is tried again after a rest", async () => {
  const stage = new Stage({ room: "tea" });
  const link = await stage.enter();
  link.take();
  await link.say(refusal(429, "Too fast: wait"));
  assertEquals(link.take(), []);
  await stage.clock.pass(1000);
  assertEquals(link.take(), ["join_room tea"]);
});

Deno.test("a room that refuses at the start ends the session", async () => {
  const stage = new Stage({ room: "club" });
  const link = await stage.enter();
  await link.say(refusal(403, "Not allowed: no"));
  const error = stage.end as UserError;
  assertEquals(
    [error.kind, error.message],
    ["request_rejected", "Can't join club: Not allowed: no"],
  );
  assertEquals(error.advice, "Ask somebody who may, or choose another way");
});

Deno.test("what was refused as too fast is sent again in order after a rest", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  link.take();
  for (const text of ["a", "b", "c", "d"]) stage.session.submit(say(text));
  await settle();
  assertEquals(link.take().length, 4);
  await link.say(ack(1), refusal(429, "Too fast: wait"));
  stage.session.submit(say("e"));
  await settle();
  assertEquals(link.take(), []);
  await link.say(
    refusal(429, "Too fast: wait"),
    refusal(429, "Too fast: wait"),
  );
  await stage.clock.pass(999);
  assertEquals(link.take(), []);
  await stage.clock.pass(1);
  assertEquals(link.take(), [
    "room_msg b",
    "room_msg c",
    "room_msg d",
    "room_msg e",
  ]);
  await link.say(ack(2), ack(3), ack(4), ack(5));
  assertEquals(stage.take(), [
    "connected general",
    "acknowledged 1",
    "acknowledged 2",
    "acknowledged 3",
    "acknowledged 4",
    "acknowledged 5",
  ]);
});

Deno.test("at most 32 requests wait for their reply at once", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  link.take();
  for (let count = 0; count < 40; count++) stage.session.submit(say("x"));
  await settle();
  assertEquals(link.take().length, 32);
  await link.say(ack(1), ack(2));
  assertEquals(link.take().length, 2);
});

Deno.test("a 429 as the last word leaves in doubt what it seemed to answer", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.session.submit(say("one"));
  stage.session.submit(say("two"));
  await settle();
  await link.say(refusal(429, "Too fast: you read too slowly"));
  await link.break();
  assertEquals(stage.take(), [
    "connected general",
    "unconfirmed 1",
    "unconfirmed 2",
    "lost for 500 ms",
  ]);
});

Deno.test("what a server refused because it goes down is sent to the next one", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.session.submit(say("one"));
  await settle();
  await link.say(refusal(503, "Unavailable: bye"));
  await link.break();
  await stage.clock.pass(500);
  await stage.letIn();
  assertEquals(stage.link.take(), ["login alice", "room_msg one"]);
});

Deno.test("a name that the server still holds is tried a few times, then reported", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  await link.break();
  for (const pause of [500, 1000, 2000, 4000, 8000, 16_000]) {
    assertEquals(stage.end, "running");
    await stage.clock.pass(pause);
    await stage.link.say({
      type: "login_reject",
      reason: "Name taken: somebody is here as alice",
    });
  }
  assertEquals((stage.end as UserError).kind, "name_taken");
});

Deno.test("a login that is refused again for the server's own sake is tried until it is taken", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  await link.break();
  for (
    const [pause, reason] of [
      [500, "Too fast: at most 5 logins a second from one address"],
      [1000, "Internal error: the accounts can't be read"],
    ] as const
  ) {
    await stage.clock.pass(pause);
    await stage.link.say({ type: "login_reject", reason });
    assertEquals(stage.end, "running");
  }
  await stage.clock.pass(2000);
  await stage.letIn();
  assertEquals(stage.take().at(-1), "connected general again");
});

Deno.test("a message to oneself is acknowledged and shown, once each", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.session.submit({ type: "private_msg", recipient: "alice", text: "me" });
  await settle();
  await link.say({
    type: "private_msg_delivery",
    sender: "alice",
    recipient: "alice",
    text: "me",
  });
  assertEquals(stage.take(), [
    "connected general",
    "acknowledged 1",
    "private_msg_delivery alice: me",
  ]);
});

Deno.test("a server's last words are the reason of the loss", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  await link.say(refusal(503, "Unavailable: back soon"));
  await link.break();
  const lost = stage.events.at(-1);
  assert(lost?.type === "lost");
  assertEquals(lost.reason, "Unavailable: back soon");
});

Deno.test("a connection over which no reply comes is given up", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  await stage.clock.pass(60_000);
  stage.session.submit(say("one"));
  await stage.clock.pass(29_999);
  await link.say({ type: "system_msg", text: "alive" });
  stage.take();
  await stage.clock.pass(30_000);
  assertEquals(stage.take(), []);
  await stage.clock.pass(30_000);
  assertEquals(stage.take()[0], "unconfirmed 1");
  assert(link.destroyed);
});

Deno.test("who was stopped itself does not take the server for dead, before it has listened again", async () => {
  for (const abilities of [BASIC, FULL]) {
    const stage = new Stage();
    stage.abilities = abilities;
    const link = await stage.enter();
    stage.session.submit({ type: "private_msg", recipient: "bob", text: "hi" });
    await settle();
    stage.take();
    await stage.clock.stop(75_000);
    await stage.clock.pass(29_999);
    assertEquals([stage.take(), link.destroyed], [[], false]);
    await stage.clock.pass(30_001);
    assert(stage.take().includes("lost for 500 ms"));
  }
});

Deno.test("answers that don't fit end the session: no other could be trusted", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  await link.say(ack(1));
  assertEquals((stage.end as UserError).kind, "wrong_protocol");
});

Deno.test("a session that only waits for its end does not wait forever", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  await link.break();
  stage.session.submit(say("one"));
  const finished = stage.session.finish();
  for (let count = 0; count < 10; count++) {
    stage.failures.push(new UserError("refused", "gone"));
  }
  await stage.clock.pass(120_000);
  assertEquals((await finished)?.kind, "refused");
  assertEquals(stage.take().at(-1), "refused 1: Not sent: the session is over");
});

Deno.test("whoever leaves once all is settled is told of no other try when the connection breaks", async () => {
  const stage = new Stage();
  const link = await stage.enter();
  stage.session.submit(say("one"));
  await settle();
  const finished = stage.session.finish();
  await link.break();
  assertEquals(await finished, undefined);
  const lost = stage.events.at(-1);
  assert(lost?.type === "lost");
  assertEquals([lost.pause, stage.links.length], [undefined, 1]);
  assertEquals(lostLine(lost), `connection lost (${lost.reason})`);
});
