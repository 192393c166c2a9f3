import { assertEquals } from "@std/assert";
import { Entrance, type HandshakeOptions } from "../../lib/client/mod.ts";
import { FakeClock, FakeLink } from "./fakes.ts";

const WAY: HandshakeOptions = {
  username: "alice",
  room: "tea",
  again: false,
  tls: true,
};

/** An entrance, begun, whose other end is the test. */
function begun(way: Partial<HandshakeOptions> = {}) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const told: string[] = [];
  const entrance = new Entrance({
    handshake: { ...WAY, ...way },
    link,
    clock,
    timeout: 10_000,
    happened: ({ type }) => told.push(type),
    ready: ({ username, room }) => told.push(`${username} in ${room}`),
    expired: () => told.push("expired"),
    failed: ({ message }) => told.push(message),
  });
  entrance.start();
  return { clock, link, told, entrance };
}

const LET_IN = {
  type: "login_ack",
  username: "Alice",
  room: "general",
  token: "secret",
} as const;

Deno.test("an entrance logs in, joins, tells that one is there, and waits for nothing more", () => {
  const { clock, link, told, entrance } = begun();
  assertEquals(link.take(), ["login alice"]);
  assertEquals([entrance.isNew, entrance.token], [true, undefined]);
  entrance.receive({ type: "system_msg", text: "hello" });
  entrance.receive(LET_IN);
  assertEquals([entrance.isNew, entrance.token], [false, "secret"]);
  assertEquals(link.take(), ["join_room tea"]);
  entrance.receive({ type: "join_room", room: "Tea" });
  assertEquals(told, ["system_msg", "Alice in Tea"]);
  assertEquals(clock.timers, 0);
});

Deno.test("each answer has its own time", async () => {
  const { clock, told, entrance } = begun();
  await clock.pass(9_999);
  entrance.receive(LET_IN);
  await clock.pass(9_999);
  assertEquals(told, []);
  await clock.pass(1);
  assertEquals(told, ["The server did not answer the join within 10 s"]);
});

Deno.test("a login that nobody answers fails", async () => {
  const { clock, told } = begun();
  await clock.pass(10_000);
  assertEquals(told, ["The server did not answer the login within 10 s"]);
});

Deno.test("a join that comes too fast is sent again after a second", async () => {
  const { clock, link, told, entrance } = begun();
  entrance.receive(LET_IN);
  link.take();
  entrance.receive({ type: "error_msg", code: 429, text: "Too fast" });
  await clock.pass(999);
  assertEquals(link.take(), []);
  await clock.pass(1);
  assertEquals(link.take(), ["join_room tea"]);
  assertEquals(told, []);
});

Deno.test("a session that is over there has expired", () => {
  const { clock, link, told, entrance } = begun({
    resume: { type: "resume", token: "old", positions: [] },
  });
  assertEquals(link.take(), ["resume old []"]);
  entrance.receive({ type: "login_reject", reason: "It is over", code: 401 });
  assertEquals([told, clock.timers], [["expired"], 0]);
});

Deno.test("an entrance that is stopped waits for nothing", async () => {
  const { clock, link, told, entrance } = begun();
  link.take();
  entrance.stop();
  await clock.pass(20_000);
  assertEquals([told, link.take()], [[], []]);
});
