/** What a session does on a wire whose messages have keys. */

import { assertEquals } from "@std/assert";
import { UDPCHAT } from "../../lib/client/mod.ts";
import type { ServerEvent } from "../../lib/wire/mod.ts";
import { type FakeLink, settle, Stage } from "./fakes.ts";

const KEYS = "0123456789abcdef01234567";

const LOBBY = {
  room: 1,
  kind: "public",
  name: "general",
  last: 0,
  received: 0,
  read: 0,
  receivedByAll: 0,
} as const;

/** Alice, whose server may give a token. */
class Keyed extends Stage {
  constructor() {
    super({ password: "secret", keys: KEYS });
    this.abilities = UDPCHAT;
  }

  async welcome(token?: string): Promise<FakeLink> {
    await this.link.say(
      {
        type: "login_ack",
        username: "alice",
        room: "general",
        ...token !== undefined && { token },
      },
      { type: "rooms", rooms: [LOBBY] },
      { type: "position", room: 1, sequence: 0, time: 0 },
    );
    return this.link;
  }

  override async enter(token?: string): Promise<FakeLink> {
    this.session.start();
    await settle();
    return await this.welcome(token);
  }
}

const say = (text: string) => ({ type: "room_msg", text }) as const;

const ack = (sequence: number): ServerEvent => {
  const place = { id: sequence, room: 1, sequence, time: 0 };
  return { type: "room_msg_ack", id: sequence, place };
};

const refusal: ServerEvent = { type: "error_msg", code: 429, text: "Too fast" };

Deno.test("a message with a key is sent again behind another login, with the same key", async () => {
  const alice = new Keyed();
  const first = await alice.enter();
  first.take();
  alice.session.submit(say("one"));
  alice.session.submit({ type: "make_group", room: "tea", users: ["bob"] });
  await settle();
  const sent = [
    `room_msg one 1 ${KEYS}00000001`,
    `make_group tea ["bob"] ${KEYS}00000002`,
  ];
  assertEquals(first.take(), sent);
  await first.break();
  await alice.clock.pass(500);
  assertEquals(alice.link.take(), ["login alice secret true"]);
  const second = await alice.welcome();
  assertEquals(second.take(), sent);
  await second.say(ack(1));
  const told = alice.take();
  assertEquals(told.filter((each) => each.startsWith("unconfirmed")), []);
  assertEquals(told.filter((each) => each.startsWith("ack")), [
    "acknowledged 1",
  ]);
});

Deno.test("what waits is also sent again when the session that was kept is over", async () => {
  const alice = new Keyed();
  const first = await alice.enter("t0ken");
  alice.session.submit(say("one"));
  await settle();
  await first.break();
  await alice.clock.pass(500);
  const [resume = ""] = alice.link.take();
  assertEquals(resume.split(" ").slice(0, 2), ["resume", "t0ken"]);
  await alice.link.say({ type: "login_reject", reason: "gone", code: 401 });
  const second = await alice.welcome("t1ken");
  assertEquals(second.take(), [
    "login alice secret true",
    `room_msg one 1 ${KEYS}00000001`,
  ]);
});

Deno.test("who leaves before a message with a key is acknowledged waits for it two seconds, and is told", async () => {
  const alice = new Keyed();
  await alice.enter();
  alice.session.submit(say("one"));
  await settle();
  alice.take();
  alice.session.close();
  await alice.clock.pass(2_000);
  assertEquals(alice.take(), ["unconfirmed 1"]);
  await alice.session.settled();
  assertEquals(alice.session.unsettled, 0);
});

Deno.test("what was refused for being too fast keeps its key", async () => {
  const alice = new Keyed();
  const link = await alice.enter();
  link.take();
  alice.session.submit(say("one"));
  await settle();
  await link.say(refusal);
  link.take();
  await alice.clock.pass(1_000);
  assertEquals(link.take(), [`room_msg one 1 ${KEYS}00000001`]);
});

Deno.test("an account is made over the same connection, if that is wanted and there is none", async () => {
  const missing = {
    type: "login_reject",
    reason: "Not found: alice has no account",
    code: 404,
  } as const;
  const alice = new Stage({ password: "secret", register: true });
  alice.abilities = UDPCHAT;
  alice.session.start();
  await settle();
  assertEquals(alice.link.take(), ["login alice secret true"]);
  await alice.link.say(missing);
  assertEquals(alice.link.take(), ["register alice secret true"]);
  await alice.letIn();
  assertEquals(alice.take(), ["connected general"]);

  const other = new Stage({ password: "secret" });
  other.abilities = UDPCHAT;
  other.session.start();
  await settle();
  await other.link.say(missing);
  assertEquals(other.link.destroyed, true);
});
