import { assert, assertEquals } from "@std/assert";
import { FULL, type SessionOptions } from "../../lib/client/mod.ts";
import type { UserError } from "../../lib/net/mod.ts";
import type { Place, RoomState, ServerEvent } from "../../lib/wire/mod.ts";
import { settle, Stage } from "./fakes.ts";

const say = (text: string) => ({ type: "room_msg", text }) as const;

const at = (sequence: number, room = 3): Place => ({
  id: 0,
  room,
  sequence,
  time: sequence * 1000,
});

const ack = (sequence: number, room = 3): ServerEvent => ({
  type: "room_msg_ack",
  id: 0,
  place: at(sequence, room),
});

const state = (room: number, name: string, last: number): RoomState => ({
  room,
  name,
  kind: "public",
  last,
  received: 0,
  read: 0,
  receivedByAll: 0,
});

const rooms = (...states: RoomState[]): ServerEvent => ({
  type: "rooms",
  rooms: states,
});

const position = (sequence: number, room = 3): ServerEvent => ({
  type: "position",
  room,
  sequence,
  time: 0,
});

const heard = (
  sender: string,
  text: string,
  sequence: number,
  history?: true,
): ServerEvent => ({
  type: "room_msg",
  room: "general",
  sender,
  text,
  place: at(sequence),
  ...history && { history },
});

/** Somebody on a wire that keeps sessions, with a server that does or not. */
class Keeper extends Stage {
  readonly #keeps: boolean;

  constructor(keeps = true, options: Partial<SessionOptions> = {}) {
    super({ password: "secret", ...options });
    this.#keeps = keeps;
    this.abilities = FULL;
  }

  /** Is let in, with the room at `last`. */
  async begin(last = 0): Promise<void> {
    this.session.start();
    await settle();
    await this.welcome();
    await this.link.say(rooms(state(3, "general", last)), position(last));
    this.link.take();
    this.take();
  }

  async welcome(): Promise<void> {
    await this.link.say({
      type: "login_ack",
      username: "alice",
      room: "general",
      ...this.#keeps && { token: "t" },
    });
  }

  /** The connection breaks, and the next one is made. */
  async breakOnce(): Promise<void> {
    await this.link.break();
    await this.clock.pass(500);
  }
}

Deno.test("a session that was kept goes on where it was: what had no answer is sent again in order, once", async () => {
  const stage = new Keeper();
  await stage.begin();
  for (const text of ["a", "b", "c"]) stage.session.submit(say(text));
  await settle();
  await stage.link.say(ack(1));
  assertEquals(stage.link.take(), [
    "room_msg a 3",
    "room_msg b 3",
    "room_msg c 3",
  ]);
  stage.session.submit({ type: "list_rooms" });
  await settle();
  await stage.breakOnce();
  stage.session.submit(say("d"));
  await settle();
  assertEquals(stage.link.take(), [
    'resume t [{"room":3,"sequence":1}] 1',
  ]);
  await stage.link.say({
    type: "login_ack",
    username: "alice",
    room: "general",
  });
  assertEquals(stage.link.take(), [
    "room_msg b 3",
    "room_msg c 3",
    "list_rooms",
    "room_msg d 3",
  ]);
  assertEquals(stage.take(), [
    "acknowledged 1",
    "lost for 500 ms",
    "connected general again",
  ]);
});

Deno.test("what one said oneself and had no answer to is not shown again among what was missed", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.submit(say("mine"));
  await settle();
  await stage.breakOnce();
  await stage.welcome();
  await stage.link.say(
    rooms(state(3, "general", 3)),
    heard("bob", "before", 1, true),
    heard("alice", "mine", 2, true),
    heard("bob", "after", 3, true),
    position(3),
  );
  assertEquals(stage.take(), [
    "lost for 500 ms",
    "connected general again",
    "room_msg bob: before",
    "caught up with general at 3",
  ]);
  await stage.link.say({
    type: "room_msg_ack",
    id: 0,
    place: at(2),
    repeated: true,
  });
  assertEquals(stage.take(), ["acknowledged 1", "room_msg bob: after"]);
});

Deno.test("what was shown is not shown again, whatever is replayed", async () => {
  const stage = new Keeper();
  await stage.begin();
  await stage.link.say(heard("bob", "one", 1), heard("bob", "two", 2));
  stage.take();
  await stage.breakOnce();
  await stage.welcome();
  await stage.link.say(
    rooms(state(3, "general", 3)),
    heard("bob", "two", 2, true),
    heard("bob", "three", 3, true),
    position(3),
  );
  assertEquals(stage.take().filter((line) => line.startsWith("room_msg")), [
    "room_msg bob: three",
  ]);
});

Deno.test("when the session is over one logs in anew, and what had no answer is unconfirmed", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.submit(say("in doubt"));
  await settle();
  await stage.breakOnce();
  await stage.link.say({
    type: "login_reject",
    code: 401,
    reason: "Not logged in or wrong password: this session is over",
  });
  assertEquals(stage.take(), ["lost for 500 ms", "unconfirmed 1"]);
  assertEquals(stage.links.length, 3);
  assertEquals(stage.link.take(), ["login alice secret true"]);
  await stage.welcome();
  assertEquals(stage.take(), ["connected general again"]);
});

Deno.test("a room that one is no member of any more when one comes back is left", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.submit({ type: "join_room", room: "tea" });
  await settle();
  await stage.link.say(
    { type: "join_room", room: "tea" },
    rooms(state(4, "tea", 0)),
    position(0, 4),
  );
  await stage.breakOnce();
  stage.session.submit(say("for tea"));
  await stage.welcome();
  await stage.link.say(rooms(state(3, "general", 0)), position(0));
  assertEquals(stage.take().slice(-2), [
    "moved to general",
    "caught up with general at 0",
  ]);
  assertEquals(stage.session.room, "general");
});

Deno.test("receipts say what came and what was seen, a second later or with something else", async () => {
  const stage = new Keeper();
  await stage.begin();
  await stage.link.say(heard("bob", "one", 1));
  assertEquals(stage.link.take(), []);
  await stage.clock.pass(1000);
  assertEquals(stage.link.take(), ["receipt 3 1 0"]);
  await stage.link.say(heard("bob", "two", 2));
  stage.session.seen(at(2));
  stage.session.submit({ type: "list_rooms" });
  await settle();
  assertEquals(stage.link.take(), ["list_rooms", "receipt 3 2 2"]);
  await stage.clock.pass(1000);
  assertEquals(stage.link.take(), []);
});

Deno.test("when everybody has a message that is told, once", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.submit(say("one"));
  stage.session.submit(say("two"));
  await settle();
  await stage.link.say(ack(1), ack(2));
  const all = { type: "received_by_all", room: 3 } as const;
  await stage.link.say({ ...all, sequence: 1 }, { ...all, sequence: 1 });
  await stage.link.say({ ...all, sequence: 2 });
  assertEquals(stage.take(), [
    "acknowledged 1",
    "acknowledged 2",
    "all have 1 of general: 1",
    "all have 2 of general: 2",
  ]);
});

const tooFast: ServerEvent = {
  type: "error_msg",
  code: 429,
  text: "Too fast: wait",
};

/** Says these in the room 3, and drops what was sent. */
async function sayAll(stage: Keeper, ...texts: string[]): Promise<void> {
  for (const text of texts) stage.session.submit(say(text));
  await settle();
  stage.link.take();
}

Deno.test("a message refused as too fast is tried again as another one", async () => {
  const stage = new Keeper();
  await stage.begin();
  await sayAll(stage, "a");
  await stage.link.say(tooFast);
  await stage.clock.pass(1000);
  assertEquals(stage.link.take(), ["room_msg a 3"]);
  await stage.breakOnce();
  await stage.welcome();
  assertEquals(stage.link.take(), [
    'resume t [{"room":3,"sequence":0}] 1',
    "room_msg a 3",
  ]);
});

/** What was sent since the last call, but for receipts. */
const requests = ({ link }: Keeper) =>
  link.take().filter((sent) => !sent.startsWith("receipt"));

Deno.test("what was refused as too fast goes before what had no answer, by its own number, when the connection breaks", async () => {
  const stage = new Keeper();
  await stage.begin();
  await sayAll(stage, "a", "b");
  stage.session.submit({ type: "set_topic", topic: "tea" });
  await sayAll(stage, "c");
  stage.session.submit({ type: "join_room", room: "den" });
  await settle();
  await sayAll(stage, "in den");
  await stage.link.say(ack(1), tooFast, tooFast);
  await stage.breakOnce();
  await stage.welcome();
  assertEquals(requests(stage), [
    'resume t [{"room":3,"sequence":1}] 1',
    "room_msg b 3",
    "set_topic tea 3",
    "room_msg c 3",
    "join_room den",
  ]);
  // The topic may be set by now, or not.
  await stage.link.say(tooFast);
  await stage.link.break();
  await stage.clock.pass(1000);
  await stage.welcome();
  assertEquals(requests(stage), [
    'resume t [{"room":3,"sequence":1}] 1',
    "room_msg b 3",
    "room_msg c 3",
    "join_room den",
  ]);
  await stage.link.say(rooms(state(3, "general", 1)), position(1));
  await stage.link.say(
    { ...ack(2), repeated: true } as ServerEvent,
    { ...ack(3), repeated: true } as ServerEvent,
  );
  assertEquals(requests(stage), []);
  await stage.link.say({ type: "join_room", room: "den" });
  await stage.link.say(rooms(state(4, "den", 0)), position(0, 4));
  assertEquals(requests(stage)[0], "room_msg in den 4");
});

Deno.test("all that was refused as too fast is sent again from its own numbers on", async () => {
  const stage = new Keeper();
  await stage.begin();
  await sayAll(stage, "a", "b");
  await stage.link.say(tooFast, tooFast);
  await stage.breakOnce();
  await stage.welcome();
  assertEquals(stage.link.take(), [
    'resume t [{"room":3,"sequence":0}] 0',
    "room_msg a 3",
    "room_msg b 3",
  ]);
});

Deno.test("a number is not used again when one behind it has its answer", async () => {
  const stage = new Keeper();
  await stage.begin();
  await sayAll(stage, "a", "b", "c");
  await stage.link.say(tooFast, ack(1));
  await stage.breakOnce();
  await stage.welcome();
  assertEquals(requests(stage), [
    'resume t [{"room":3,"sequence":1}] 2',
    "room_msg c 3",
    "room_msg a 3",
  ]);
});

Deno.test("when the session is over, what was refused as too fast is said in the next one", async () => {
  const stage = new Keeper();
  await stage.begin();
  await sayAll(stage, "a", "b");
  await stage.link.say(tooFast);
  await stage.breakOnce();
  stage.take();
  await stage.link.say({
    type: "login_reject",
    code: 401,
    reason: "Not logged in: this session is over",
  });
  await stage.welcome();
  await stage.link.say(rooms(state(3, "general", 0)), position(0));
  assertEquals(stage.take()[0], "unconfirmed 2");
  assertEquals(stage.link.take().at(-1), "room_msg a 3");
});

Deno.test("a keepalive goes out after ten seconds of silence, and a server silent for thirty is dead", async () => {
  const stage = new Keeper();
  await stage.begin();
  const { link } = stage;
  await stage.clock.pass(9_999);
  assertEquals(link.keepalives, 0);
  await stage.clock.pass(1);
  assertEquals(link.keepalives, 1);
  await link.say({ type: "system_msg", text: "alive" });
  await stage.clock.pass(29_999);
  assert(!link.destroyed);
  assertEquals(link.keepalives, 3);
  await stage.clock.pass(1);
  assert(link.destroyed);
});

Deno.test("a guest's session goes on too, and what had no answer is sent again", async () => {
  const stage = new Keeper(true, { password: undefined });
  stage.session.start();
  await settle();
  assertEquals(stage.link.take(), ["login alice true"]);
  await stage.welcome();
  await stage.link.say(rooms(state(3, "general", 0)), position(0));
  stage.session.submit(say("once"));
  await settle();
  await stage.breakOnce();
  await stage.welcome();
  assertEquals(stage.link.take(), [
    'resume t [{"room":3,"sequence":0}] 0',
    "room_msg once 3",
  ]);
});

Deno.test("who leaves logs out behind everything that was said, and waits for the server to close", async () => {
  const stage = new Keeper();
  await stage.begin();
  await stage.link.say(heard("bob", "one", 1));
  stage.session.submit(say("last"));
  await settle();
  void stage.session.finish();
  await settle();
  assertEquals(stage.link.take(), ["room_msg last 3", "receipt 3 1 0"]);
  await stage.link.say(ack(2));
  assertEquals(stage.link.take(), ["receipt 3 2 2", "logout"]);
  assertEquals([stage.link.ended, stage.end], [true, "running"]);
  await stage.link.break();
  assertEquals([stage.end, stage.links.length], [undefined, 1]);
});

Deno.test("who leaves while a session is taken up again logs out, too", async () => {
  const stage = new Keeper();
  await stage.begin();
  await stage.breakOnce();
  stage.session.close();
  assertEquals(stage.link.take(), [
    'resume t [{"room":3,"sequence":0}] 0',
    "logout",
  ]);
  await stage.welcome();
  assertEquals([stage.link.destroyed, stage.end], [false, "running"]);
  await stage.link.break();
  assertEquals(stage.end, undefined);
});

Deno.test("a server that does not close behind a logout is waited for two seconds", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.close();
  await stage.clock.pass(1_999);
  assertEquals(stage.end, "running");
  await stage.clock.pass(1);
  assertEquals(stage.end, undefined);
});

Deno.test("a connection that breaks is no logout", async () => {
  const stage = new Keeper();
  await stage.begin();
  const { link } = stage;
  await stage.breakOnce();
  assertEquals(link.take(), []);
});

for (
  const [name, token, opening] of [
    [
      "a new password's token is the one to come back with, and is shown to nobody",
      "new",
      'resume new [{"room":3,"sequence":0}] 0',
    ],
    [
      "a new password without a token ends the session that was kept",
      undefined,
      "login alice better true",
    ],
  ] as const
) {
  Deno.test(name, async () => {
    const stage = new Keeper();
    await stage.begin();
    stage.session.submit({
      type: "change_password",
      password: "secret",
      newPassword: "better",
    });
    await settle();
    await stage.link.say({
      type: "change_password",
      ...token !== undefined && { token },
    });
    assertEquals(stage.events, [
      { type: "answered", ref: 1, answer: { type: "change_password" } },
    ]);
    await stage.breakOnce();
    assertEquals(stage.link.take(), [opening]);
  });
}

Deno.test("the room that is always there is not asked to be left", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.submit({ type: "leave_room" });
  stage.session.submit({ type: "leave_room", room: "General" });
  await settle();
  assertEquals(stage.link.take(), []);
  const text = "Not sent: Everybody is in general, it can't be left";
  assertEquals(stage.take(), [`refused 1: ${text}`, `refused 2: ${text}`]);
});

Deno.test("a room one is in already is entered without asking", async () => {
  const stage = new Keeper();
  await stage.begin();
  stage.session.submit({ type: "join_room", room: "tea" });
  await settle();
  await stage.link.say(
    { type: "join_room", room: "tea" },
    rooms(state(4, "tea", 0)),
  );
  stage.session.submit(say("for tea"));
  stage.session.submit({ type: "join_room", room: "GENERAL" });
  stage.session.submit(say("for all"));
  await settle();
  assertEquals(stage.link.take(), [
    "join_room tea",
    "room_msg for tea 4",
    "room_msg for all 3",
  ]);
  assertEquals(stage.session.room, "general");
});

Deno.test("what a wire can't carry is refused, with what to do", async () => {
  const stage = new Stage();
  await stage.enter();
  stage.session.submit({ type: "list_members" });
  await settle();
  const refused = stage.events.at(-1);
  assert(refused?.type === "refused");
  assertEquals(
    [refused.text, refused.hint],
    [
      "Not sent: The wire to this server can't carry that",
      "Connect with chatps:// to a server that speaks ChatProto 2",
    ],
  );
});

Deno.test("who comes back and had no session is in all rooms again, and sees nothing twice", async () => {
  const stage = new Keeper(false, { password: undefined });
  await stage.begin();
  for (const [handle, name] of [[4, "tea"], [5, "club"]] as const) {
    stage.session.submit({ type: "join_room", room: name });
    await settle();
    await stage.link.say(
      { type: "join_room", room: name },
      rooms(state(handle, name, 0)),
      position(0, handle),
    );
  }
  await stage.link.say(heard("bob", "one", 1));
  stage.session.submit(say("in doubt"));
  await settle();
  stage.take();
  await stage.breakOnce();
  assertEquals(stage.take(), ["unconfirmed 3", "lost for 500 ms"]);
  await stage.link.say(
    { type: "login_ack", username: "alice", room: "general" },
    rooms(state(3, "general", 2)),
    heard("bob", "one", 1, true),
    heard("bob", "two", 2, true),
    position(2),
    { type: "join_room", room: "tea" },
    { type: "join_room", room: "club" },
  );
  assertEquals(stage.link.take(), [
    "login alice true",
    "join_room tea",
    "join_room club",
  ]);
  assertEquals(stage.take(), [
    "room_msg bob: two",
    "caught up with general at 2",
    "connected club again",
  ]);
});

Deno.test("who is not let into the room to be in logs out, and then is told why", async () => {
  const stage = new Keeper(true, { room: "club" });
  stage.session.start();
  await settle();
  await stage.welcome();
  stage.link.take();
  await stage.link.say({
    type: "error_msg",
    code: 403,
    text: "Not allowed: no",
  });
  assertEquals(stage.link.take(), ["logout"]);
  assert(stage.link.ended && !stage.link.destroyed);
  assertEquals(stage.end, "running");
  await stage.link.break();
  assertEquals(
    (stage.end as UserError).message,
    "Can't join club: Not allowed: no",
  );
  assertEquals(stage.clock.timers, 0);
});

Deno.test("a server that does not answer the first join, or answers what was not asked, is told that one leaves", async () => {
  const late = new Keeper(true, { room: "club" });
  late.session.start();
  await settle();
  await late.welcome();
  late.link.take();
  await late.clock.pass(10_000);
  assertEquals(late.link.take(), ["logout"]);
  await late.clock.pass(2_000);
  assertEquals((late.end as UserError).kind, "timed_out");

  const odd = new Keeper();
  await odd.begin();
  await odd.link.say(ack(1), ack(2));
  assertEquals(odd.link.take(), ["logout"]);
  await odd.link.break();
  assertEquals((odd.end as UserError).kind, "wrong_protocol");
});
