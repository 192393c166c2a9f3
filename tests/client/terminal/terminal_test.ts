import { assert, assertEquals } from "@std/assert";
import {
  type Abilities,
  BASIC,
  CP,
  FULL,
  type Key,
  type OpenTty,
  type Press,
  runTerminal,
  type TerminalOptions,
  type Tty,
  type TtyHandlers,
} from "../../../lib/client/mod.ts";
import type {
  Place,
  RoomMessage,
  RoomState,
  ServerEvent,
} from "../../../lib/wire/mod.ts";
import { UserError } from "../../../lib/net/mod.ts";
import { settle, Stage } from "../fakes.ts";
import { Emulator } from "./emulator.ts";

/** A terminal and somebody who types at it. */
class FakeTty implements Tty {
  readonly emulator = new Emulator(50, 12);
  handlers: TtyHandlers | undefined;
  written = "";
  /** What stood there when the chat was stopped. */
  readonly stops: string[][] = [];

  get columns(): number {
    return this.emulator.columns;
  }

  get rows(): number {
    return this.emulator.rows;
  }

  write(text: string): void {
    this.written += text;
    this.emulator.write(text);
  }

  open(handlers: TtyHandlers): OpenTty {
    this.handlers = handlers;
    return {
      close: () => this.handlers = undefined,
      suspend: (leave) => {
        this.write(leave());
        this.stops.push(this.emulator.lines);
        this.write("$ fg\r\n");
        handlers.resized();
      },
    };
  }

  /** Presses keys, of which each comes with a read of its own. */
  async press(...keys: (string | Partial<Press>)[]): Promise<void> {
    for (const key of keys) this.read(key);
    await settle();
  }

  /** Presses keys that come with one read. */
  read(...keys: (string | Partial<Press>)[]): void {
    this.handlers?.typed(keys.map((key) => {
      const given = typeof key === "string" ? { text: key } : key;
      return { ctrl: false, meta: false, ...given };
    }));
  }

  async paste(pasted: string): Promise<void> {
    this.handlers?.typed([{ pasted }]);
    await settle();
  }

  async enter(text: string): Promise<void> {
    await this.press(text, { name: "return" });
  }
}

const CTRL_C: Partial<Key> = { name: "c", ctrl: true };
const TAB: Partial<Key> = { name: "tab" };
const CTRL_A: Partial<Key> = { name: "a", ctrl: true };
const CTRL_Z: Partial<Key> = { name: "z", ctrl: true };

/** A chat at a terminal, with fakes all around. */
class Scene {
  readonly tty = new FakeTty();
  readonly stage = new Stage();
  end: UserError | undefined | "running" = "running";
  next: string | undefined;

  constructor(
    options: Partial<TerminalOptions> = {},
    abilities: Abilities = BASIC,
  ) {
    this.stage.abilities = abilities;
    void runTerminal({
      session: {
        open: this.stage.open,
        username: "alice",
        loginTimeout: 10_000,
        random: () => 0,
      },
      clock: this.stage.clock,
      server: "chatps://here:5555",
      colours: false,
      tty: this.tty,
      now: () => new Date(2026, 10, 21, 9, 5),
      ...options,
    }).then(({ error, next }) => {
      this.end = error;
      this.next = next;
    });
  }

  /** Is let in, with bob there. */
  async begin(): Promise<void> {
    await settle();
    await this.stage.letIn();
    await this.link.say({
      type: "list_users",
      room: "general",
      users: ["alice", "bob"],
    });
    this.link.take();
  }

  get link() {
    return this.stage.link;
  }

  get lines(): string[] {
    return this.tty.emulator.lines;
  }
}

Deno.test("a chat at a terminal shows what is said and what became of it", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("hello");
  await scene.tty.enter("/msg bob psst");
  assertEquals(scene.link.take(), ["room_msg hello", "private_msg bob psst"]);
  assertEquals(scene.lines.slice(-3), [
    "09:05 ⧗ alice: hello",
    "09:05 ⧗ [private] to bob: psst",
    "[general]",
  ]);
  await scene.tty.press("half a li");
  await scene.link.say(
    { type: "room_msg_ack", id: 1 },
    { type: "error_msg", code: 404, text: "Not found: bob has left" },
    {
      type: "room_msg",
      room: "general",
      sender: "bob",
      text: "\x1b[2Jhi\u202e\n",
    },
    {
      type: "private_msg_delivery",
      sender: "bob",
      recipient: "alice",
      text: "you",
    },
  );
  assertEquals(scene.lines, [
    "09:05   * Connected to chatps://here:5555 as",
    "        alice, in general. /help lists the",
    "        commands.",
    "09:05   * users in general: alice, bob",
    "09:05 ✓ alice: hello",
    "09:05 ✗ [private] to bob: psst",
    "09:05   ✗ Not found: bob has left (to bob: psst)",
    "09:05   bob: \\x1b[2Jhi\\u202e\\n",
    "09:05   [private] bob: you",
    "[general] half a li",
  ]);
  assertEquals(scene.tty.written.includes("\x1b[3"), false);
  await scene.tty.press(CTRL_C, CTRL_C);
  const { lines } = scene;
  await scene.link.break();
  assertEquals(scene.end, undefined);
  assertEquals(scene.lines, lines.slice(0, -1));
  assertEquals(scene.tty.handlers, undefined);
});

Deno.test("a break is seen in the prompt, and what is typed meanwhile goes out later", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("in doubt");
  await scene.link.break();
  await scene.tty.enter("typed meanwhile");
  assertEquals(scene.lines.slice(-8), [
    "09:05 ? alice: in doubt",
    "09:05   ! unconfirmed: the connection broke",
    "        before the server acknowledged this, and",
    "        it was not sent again (in doubt)",
    "09:05   ! connection lost, trying again in 0.5 s",
    "        (cut)",
    "09:05 ⧗ alice: typed meanwhile",
    "[general, offline]",
  ]);
  await scene.stage.clock.pass(500);
  await scene.stage.letIn();
  assertEquals(scene.link.take().slice(0, 2), [
    "login alice",
    "room_msg typed meanwhile",
  ]);
  await scene.link.say({ type: "room_msg_ack", id: 9 });
  assertEquals(scene.lines.slice(-3), [
    "09:05 ✓ alice: typed meanwhile",
    "09:05   * Connected again as alice, in general.",
    "[general]",
  ]);
});

Deno.test("each connection that was there and broke is told, however often that happens; of tries in vain only the first", async () => {
  const scene = new Scene();
  await scene.begin();
  const told = () =>
    scene.lines.filter((line) => line.includes("trying again"))
      .map((line) => line.slice("09:05   ! ".length));
  for (let count = 0; count < 8; count++) {
    await scene.link.break();
    await scene.stage.clock.pass(30_000);
    await scene.stage.letIn();
  }
  await scene.link.break();
  assertEquals(told().slice(-2), [
    "connection lost, trying again in 30 s",
    "connection lost, trying again in 30 s",
  ]);
  const { lines } = scene;
  scene.stage.failures.push(new UserError("refused", "nobody"));
  await scene.stage.clock.pass(30_000);
  assertEquals(scene.lines, lines);
});

Deno.test("who logs in as somebody else leaves first, once everything is acknowledged", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("last words");
  await scene.tty.enter("/login bo b");
  assertEquals(scene.end, "running");
  assertEquals(scene.link.ended, false);
  await scene.tty.enter("/login bob");
  await scene.tty.enter("not said");
  assert(scene.link.ended);
  await scene.link.say({ type: "room_msg_ack", id: 1 });
  await scene.link.break();
  assertEquals([scene.end, scene.next], [undefined, "bob"]);
  assertEquals(scene.link.take(), ["room_msg last words"]);
});

Deno.test("what is pasted with a /quit behind it is said", async () => {
  const scene = new Scene();
  await scene.begin();
  const RETURN = { name: "return" };
  await scene.tty.press("bye", RETURN, "/quit", RETURN);
  assert(scene.link.ended);
  assertEquals(scene.link.take(), ["room_msg bye"]);
  await scene.link.say({ type: "room_msg_ack", id: 1 });
  await scene.link.break();
  assertEquals(scene.end, undefined);
});

Deno.test("leaving before everything is acknowledged is said, and has its status", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("in doubt");
  await scene.tty.enter("/quit");
  assert(scene.link.ended);
  await scene.link.break();
  const error = scene.end as UserError;
  assertEquals([error.kind, error.status], ["unconfirmed", 23]);
  assertEquals(error.message, "1 message was not acknowledged when you left");
});

Deno.test("who leaves before a question is answered has left nothing undone", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("/users");
  await scene.tty.enter("/quit");
  const { lines } = scene;
  await scene.link.break();
  assertEquals(scene.end, undefined);
  assertEquals(scene.lines, lines.slice(0, -1));
});

Deno.test("the terminal is not touched when the first connection fails", async () => {
  const scene = new Scene();
  await settle();
  await scene.link.say({ type: "login_reject", reason: "Name taken: alice" });
  assertEquals((scene.end as UserError).kind, "name_taken");
  assertEquals(scene.tty.written, "");
});

Deno.test("Tab completes who was seen, and shows the choices", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.link.say({ type: "system_msg", text: "bonnie joined general" });
  await scene.tty.press("/msg b", TAB, TAB);
  assertEquals(scene.lines.slice(-2), [
    "09:05   * bob  bonnie",
    "[general] /msg bo",
  ]);
  await scene.tty.press("n", TAB);
  assertEquals(scene.lines.at(-1), "[general] /msg bonnie");
});

Deno.test("Tab shows choices that stand right above no second time", async () => {
  const scene = new Scene();
  await scene.begin();
  const bonnie = { type: "system_msg", text: "bonnie joined general" } as const;
  await scene.link.say(bonnie);
  const shown = [
    "09:05   * bonnie joined general",
    "09:05   * bob  bonnie",
    "[general] /msg bo",
  ];
  await scene.tty.press("/msg b", TAB, TAB, TAB);
  assertEquals(scene.lines.slice(-3), shown);
  await scene.tty.press("x", { name: "backspace" }, TAB);
  assertEquals(scene.lines.slice(-3), shown);
  await scene.link.say(bonnie);
  await scene.tty.press(TAB);
  assertEquals(scene.lines.slice(-3), shown);
  assertEquals(
    scene.lines.filter((line) => line.includes("bob  bonnie")).length,
    2,
  );
});

Deno.test("what comes with one read is drawn once, however much it is", async () => {
  const scene = new Scene();
  await scene.begin();
  scene.tty.written = "";
  scene.tty.read(..."x".repeat(8000));
  assertEquals(scene.tty.written.split("\x1b[J").length - 1, 1);
  assertEquals(scene.lines.at(-1)?.length, 23);
  scene.tty.written = "";
  const RETURN = { name: "return" };
  scene.tty.read(RETURN, "one", RETURN, "two", RETURN, "three", {
    name: "left",
  });
  assertEquals(scene.tty.written.split("[general]").length - 1, 1);
  assertEquals(scene.lines.slice(-3), [
    "09:05 ⧗ alice: one",
    "09:05 ⧗ alice: two",
    "[general] three",
  ]);
  assertEquals(scene.tty.emulator.column, 14);
  await settle();
  assertEquals(scene.link.take().length, 3);
});

Deno.test("what is pasted is text: no Tab in it completes, no Ctrl+U erases", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.press("say ");
  await scene.tty.paste("b\tthere\x15\x03!\r");
  assertEquals(scene.lines.at(-1), "[general] say b\\tthere!");
  await scene.tty.enter("");
  assertEquals(scene.link.take(), ["room_msg say b\tthere!"]);
  await scene.tty.paste("/msg bob psst\n");
  assertEquals(scene.link.take(), []);
  await scene.tty.enter("");
  assertEquals(scene.link.take(), ["private_msg bob psst"]);
});

Deno.test("several pasted lines are sent one by one on Enter, and none is obeyed", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.paste("/quit\rone\r\n\n// two\rthree\r");
  assertEquals(scene.lines.slice(-5), [
    "[general] //quit",
    "one",
    "",
    "/// two",
    "three",
  ]);
  assertEquals(scene.link.take(), []);
  await scene.tty.enter(".");
  assertEquals(scene.link.take(), [
    "room_msg /quit",
    "room_msg one",
    "room_msg // two",
    "room_msg three.",
  ]);
  assertEquals(scene.lines.at(-1), "[general]");
});

Deno.test("a command with several lines pasted behind it sends nothing, to nobody", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.press("/msg bob ");
  await scene.tty.paste("psst\nand this");
  await scene.tty.enter("");
  assertEquals(scene.link.take(), []);
  assertEquals(scene.lines.slice(-6), [
    "09:05   ! A command takes one line, and this has",
    "        several: nothing was sent. Remove the",
    "        others, or begin its line with // to say",
    "        it",
    "[general] /msg bob psst",
    "and this",
  ]);
});

Deno.test("a mistake costs nothing but a line", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("/jion tea");
  assertEquals(scene.lines.slice(-3), [
    "09:05   ! There is no command /jion. Did you mean",
    "        /join? /help lists the commands",
    "[general]",
  ]);
  assertEquals(scene.link.take(), []);
});

Deno.test("names have colours, and nothing else of ours reaches the terminal", async () => {
  const scene = new Scene({ colours: true });
  await scene.begin();
  scene.tty.written = "";
  await scene.link.say({
    type: "room_msg",
    room: "general",
    sender: "bob",
    text: "\x1b]0;title\x07",
  });
  assertEquals(
    scene.tty.written,
    "\r\x1b[J\x1b[2m09:05\x1b[0m   \x1b[92mbob\x1b[0m: \\x1b]0;title\\x07\r\n" +
      "\x1b[1m[general] \x1b[0m\r\x1b[10C",
  );
});

const stands = (sequence: number, room: number): Place => ({
  id: 0,
  room,
  sequence,
  time: new Date(2026, 10, 21, 8, sequence).getTime(),
});

const room = (handle: number, name: string, last: number): RoomState => ({
  room: handle,
  name,
  kind: "public",
  last,
  received: last,
  read: last,
  receivedByAll: 0,
});

const position = (handle: number, sequence: number): ServerEvent => ({
  type: "position",
  room: handle,
  sequence,
  time: 0,
});

const told = (
  name: string,
  handle: number,
  sequence: number,
  text: string,
): RoomMessage => ({
  type: "room_msg",
  room: name,
  sender: "bob",
  text,
  place: stands(sequence, handle),
});

/** Is let in on ChatProto 2, with this many messages in the room. */
async function beginMany(last = 0): Promise<Scene> {
  const scene = new Scene({}, FULL);
  await settle();
  await scene.stage.letIn();
  await scene.link.say(
    { type: "rooms", rooms: [room(3, "general", last)] },
    position(3, last),
    { type: "list_users", room: "general", users: ["alice", "bob"] },
  );
  scene.link.take();
  return scene;
}

/** Goes to the room tea, which is new. */
async function joinTea(scene: Scene): Promise<void> {
  await scene.tty.enter("/join tea");
  await scene.link.say(
    { type: "join_room", room: "tea" },
    { type: "rooms", rooms: [room(4, "tea", 0)] },
    position(4, 0),
    { type: "list_users", room: "tea", users: ["alice"] },
  );
  scene.link.take();
}

Deno.test("a message has one tick when it is stored, and two when everybody has it", async () => {
  const scene = await beginMany();
  await scene.tty.enter("hello");
  assertEquals(scene.lines.at(-2), "09:05 ⧗ alice: hello");
  await scene.link.say({
    type: "room_msg_ack",
    id: 0,
    place: stands(1, 3),
  });
  assertEquals(scene.lines.at(-2), "09:05 ✓ alice: hello");
  await scene.link.say({ type: "received_by_all", room: 3, sequence: 1 });
  assertEquals(scene.lines.at(-2), "09:05✓✓ alice: hello");
});

Deno.test("what is said in other rooms is counted in the prompt, and shown and read when one goes there", async () => {
  const scene = await beginMany();
  await joinTea(scene);
  await scene.tty.press("half");
  await scene.link.say(
    told("general", 3, 1, "one"),
    told("general", 3, 2, "two"),
    {
      type: "presence",
      room: "general",
      user: "eve",
      here: true,
      handles: { room: 3, user: 9 },
    },
  );
  assertEquals(scene.lines.at(-1), "[tea · general 2] half");
  await scene.stage.clock.pass(1000);
  assertEquals(scene.link.take(), ["receipt 3 2 0"]);
  // The first of one's rooms; what is being typed stays.
  await scene.tty.press({ name: "1", meta: true });
  assertEquals(scene.lines.slice(-4), [
    "09:05   * you are now in general",
    "08:01   bob: one",
    "08:02   bob: two",
    "[general] half",
  ]);
  await scene.stage.clock.pass(1000);
  assertEquals(scene.link.take(), ["receipt 3 2 2"]);
  await scene.link.say(told("tea", 4, 1, "three"));
  assertEquals(scene.lines.at(-1), "[general · tea 1] half");
  await scene.tty.press({ name: "a", meta: true });
  assertEquals(scene.lines.at(-1), "[tea] half");
  await scene.tty.press({ name: "a", meta: true });
  assertEquals(scene.lines.at(-1), "[tea] half");
});

/** Comes back to general and to tea, in which this much is known of. */
async function comeBack(
  tea: { readonly received: number; readonly read: number },
  last: number,
): Promise<Scene> {
  const scene = new Scene({}, FULL);
  await settle();
  await scene.stage.letIn();
  const missed = Array.from(
    { length: last - tea.received },
    (_, index): RoomMessage => ({
      ...told("tea", 4, tea.received + 1 + index, "missed"),
      history: true,
    }),
  );
  await scene.link.say(
    {
      type: "rooms",
      rooms: [room(3, "general", 0), { ...room(4, "tea", last), ...tea }],
    },
    ...missed,
    position(3, 0),
    position(4, last),
    { type: "list_users", room: "general", users: ["alice"] },
  );
  scene.link.take();
  return scene;
}

Deno.test("a line that was begun in a room is not said in another one that one did not go to", async () => {
  const scene = await beginMany();
  await joinTea(scene);
  await scene.tty.press("the secret");
  await scene.link.say({ type: "moved", left: "tea", room: "general" });
  scene.link.take();
  await scene.tty.enter(" is 1234");
  assertEquals(scene.link.take(), []);
  assertEquals(scene.lines.slice(-6), [
    "09:05   * you are not in tea any more, you are",
    "        now in general",
    "09:05   ! You began this line in tea, and are in",
    "        general now. Enter says it here, Ctrl+C",
    "        drops it",
    "[general] the secret is 1234",
  ]);
  await scene.tty.press({ name: "return" });
  assertEquals(scene.link.take(), ["room_msg the secret is 1234 3"]);
});

Deno.test("what is begun after one was moved is said at once, and so is what names its room", async () => {
  const scene = await beginMany();
  await joinTea(scene);
  await scene.tty.press("/msg bob h");
  await scene.link.say({ type: "moved", left: "tea", room: "general" });
  scene.link.take();
  await scene.tty.enter("i");
  await scene.tty.enter("here");
  await scene.tty.press("gone");
  assertEquals(scene.link.take(), ["private_msg bob hi", "room_msg here 3"]);
});

Deno.test("what one missed in other rooms is counted as one comes back, and shown when one goes there", async () => {
  const scene = await comeBack({ received: 2, read: 2 }, 4);
  assertEquals(scene.lines.at(-1), "[general · tea 2]");
  await scene.tty.press({ name: "2", meta: true });
  assertEquals(scene.lines.slice(-4), [
    "09:05   * you are now in tea",
    "08:03   (earlier) bob: missed",
    "08:04   (earlier) bob: missed",
    "[tea]",
  ]);
});

Deno.test("what another client was sent and nobody saw is unread, and asked for when one goes there", async () => {
  const scene = await comeBack({ received: 3, read: 1 }, 4);
  assertEquals(scene.lines.at(-1), "[general · tea 3]");
  await scene.tty.press({ name: "2", meta: true });
  assertEquals(scene.link.take(), [
    "history 4 20",
    "list_users 4",
    "receipt 4 4 1",
  ]);
  await scene.link.say({
    type: "history",
    room: "tea",
    more: false,
    messages: [1, 2, 3, 4].map((sequence) => ({
      type: "room_msg",
      room: "tea",
      sender: "bob",
      text: `said ${sequence}`,
      place: stands(sequence, 4),
      history: true,
    })),
  });
  assertEquals(scene.lines.slice(-5), [
    "08:01   (earlier) bob: said 1",
    "08:02   (earlier) bob: said 2",
    "08:03   (earlier) bob: said 3",
    "08:04   (earlier) bob: said 4",
    "[tea]",
  ]);
});

Deno.test("the first line of another day says so", async () => {
  let day = 21;
  const scene = new Scene({ now: () => new Date(2026, 10, day, 9, 5) });
  await scene.begin();
  await scene.tty.enter("good night");
  day = 22;
  await scene.tty.enter("good morning");
  await scene.tty.enter("how are you?");
  assertEquals(scene.lines.slice(-5), [
    "09:05 ⧗ alice: good night",
    "09:05   * It is 2026-11-22 now",
    "09:05 ⧗ alice: good morning",
    "09:05 ⧗ alice: how are you?",
    "[general]",
  ]);
});

Deno.test("what was kept since another day is shown with its day", async () => {
  const scene = await beginMany();
  await joinTea(scene);
  const time = new Date(2026, 10, 20, 23, 59).getTime();
  await scene.link.say({
    ...told("general", 3, 1, "late"),
    place: { ...stands(1, 3), time },
  });
  await scene.tty.press({ name: "1", meta: true });
  assertEquals(scene.lines.at(-2), "23:59   (2026-11-20) bob: late");
});

Deno.test("who makes a group goes there; who is put into one is told how to get there", async () => {
  const scene = await beginMany();
  await scene.tty.enter("/group crew bob");
  await scene.link.say(
    { type: "make_group", room: "crew", users: ["alice", "bob"] },
    { type: "rooms", rooms: [room(7, "crew", 0)] },
    position(7, 0),
    { type: "join_room", room: "crew" },
    { type: "invitation", user: "bob", room: "jam" },
  );
  assertEquals(scene.lines.slice(-5), [
    "09:05   * the group crew has alice, bob",
    "09:05   * you are now in crew",
    "09:05   * bob made you a member of the group jam.",
    "        /join jam goes there",
    "[crew]",
  ]);
});

Deno.test("what one says with another client is not unread, nor what was said before it", async () => {
  const scene = await beginMany();
  await joinTea(scene);
  const own = { ...told("general", 3, 2, "I"), sender: "Alice" };
  await scene.link.say(told("general", 3, 1, "one"), own);
  assertEquals(scene.lines.at(-1), "[tea]");
  await scene.link.say(told("general", 3, 3, "three"));
  assertEquals(scene.lines.at(-1), "[tea · general 1]");
});

Deno.test("who goes to another room while there is no connection asks who is there once", async () => {
  const scene = await beginMany();
  await scene.link.break();
  await scene.tty.enter("/join tea");
  await scene.stage.clock.pass(1000);
  await scene.stage.letIn();
  await scene.link.say(
    { type: "rooms", rooms: [room(3, "general", 0)] },
    position(3, 0),
    { type: "join_room", room: "tea" },
    { type: "rooms", rooms: [room(4, "tea", 0)] },
    position(4, 0),
  );
  assertEquals(
    scene.link.take().filter((sent) => sent.startsWith("list_users")),
    ["list_users 4"],
  );
});

Deno.test("so does who is in one room at a time", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.link.break();
  await scene.tty.enter("/join tea");
  await scene.stage.clock.pass(1000);
  await scene.stage.letIn();
  await scene.link.say({ type: "join_room", room: "tea" });
  assertEquals(scene.link.take(), [
    "login alice",
    "join_room tea",
    "list_users",
  ]);
});

Deno.test("a screen with nothing of its room on it asks for the last 20", async () => {
  const scene = new Scene({}, FULL);
  await settle();
  await scene.stage.letIn();
  await scene.link.say(
    { type: "rooms", rooms: [room(3, "general", 7)] },
    position(3, 7),
    { type: "list_users", room: "general", users: ["alice"] },
  );
  assertEquals(scene.link.take().at(-1), "history 3 20");
  await scene.link.say(told("general", 3, 8, "new"), {
    type: "history",
    room: "general",
    more: true,
    messages: [
      {
        type: "room_msg",
        room: "general",
        sender: "bob",
        text: "old",
        place: stands(7, 3),
      },
      {
        type: "room_msg",
        room: "general",
        sender: "bob",
        text: "new",
        place: stands(8, 3),
      },
    ],
  });
  assertEquals(scene.lines.slice(-3), [
    "09:05   bob: new",
    "08:07   (earlier) bob: old",
    "[general]",
  ]);
});

Deno.test("a password is asked for twice, neither shown nor remembered", async () => {
  const scene = await beginMany();
  await scene.tty.enter("/register");
  scene.tty.written = "";
  await scene.tty.press("sesame");
  assertEquals(scene.lines.at(-1), "Password for your account:");
  await scene.tty.press({ name: "return" });
  await scene.tty.enter("sesame");
  assertEquals(scene.link.take().at(-1), "register sesame");
  assertEquals(scene.lines.slice(-3), [
    "09:05   ! a password of fewer than 8 characters",
    "        is soon guessed",
    "[general]",
  ]);
  await scene.tty.press({ name: "up" });
  assertEquals(scene.lines.at(-1), "[general] /register");
  await scene.tty.press({ name: "y", ctrl: true });
  assertEquals(scene.lines.at(-1), "[general] /register");
  assertEquals(scene.tty.written.includes("sesame"), false);
});

Deno.test("a pasted password is not shown, and is one line as it is", async () => {
  const scene = await beginMany();
  await scene.tty.enter("/register");
  scene.tty.written = "";
  await scene.tty.paste("/one\n/two\n");
  assertEquals(scene.lines.slice(-4), [
    "09:05   ! A password has one line, and what was",
    "        pasted has several. Paste the password",
    "        alone",
    "Password for your account:",
  ]);
  await scene.tty.paste("/sesame\n");
  assertEquals(scene.lines.at(-1), "Password for your account:");
  await scene.tty.press({ name: "return" });
  await scene.tty.paste("/sesame");
  await scene.tty.press({ name: "return" });
  assertEquals(scene.link.take().at(-1), "register /sesame");
  assertEquals(scene.tty.written.includes("sesame"), false);
});

Deno.test("a guest is asked for no password to change, until there is one", async () => {
  const scene = await beginMany();
  await scene.tty.enter("/passwd");
  assertEquals(scene.lines.slice(-3), [
    "09:05   ! A guest has no password. /register",
    "        makes your name an account",
    "[general]",
  ]);
  assertEquals(scene.link.take(), []);
  await scene.tty.enter("/register");
  await scene.tty.enter("open sesame");
  await scene.tty.enter("open sesame");
  await scene.link.say({ type: "register", username: "alice" });
  await scene.tty.enter("/passwd");
  assertEquals(scene.lines.at(-1), "Your password until now:");
});

Deno.test("what was asked about a password can be given up", async () => {
  const scene = await beginMany();
  await scene.tty.enter("/register");
  await scene.tty.press("old", CTRL_C, CTRL_C);
  assertEquals(scene.lines.slice(-2), [
    "09:05   * Nothing was changed.",
    "[general]",
  ]);
  assertEquals(scene.link.take(), []);
});

Deno.test("where there are no rooms the prompt says to whom a line goes, as long as somebody is called so", async () => {
  const scene = new Scene({}, CP);
  await settle();
  await scene.link.say({ type: "login_ack", username: "alice", room: "" });
  assertEquals(scene.lines.at(-1), "[nobody]");
  await scene.tty.enter("/msg bib hi");
  assertEquals(scene.lines.at(-1), "[@bib]");
  const text = "Not found: receiver user does not exist";
  await scene.link.say({ type: "error_msg", code: 404, text });
  assertEquals(scene.lines.at(-1), "[nobody]");
});

Deno.test("a command that the wire can't carry says so in one line, and what to do", async () => {
  const scene = new Scene();
  await scene.begin();
  await scene.tty.enter("/register");
  assertEquals(scene.lines.slice(-4), [
    "09:05   ! The wire to this server can't carry",
    "        that. Connect with chatps:// to a server",
    "        that speaks ChatProto 2",
    "[general]",
  ]);
});

Deno.test("a room's topic is shown as one goes there, and no control character of it reaches the terminal", async () => {
  const scene = await beginMany();
  await joinTea(scene);
  scene.tty.written = "";
  await scene.link.say(
    { type: "topic", room: "tea", user: "bob", topic: "leaves \x1b[2J" },
    { type: "topic", room: "general", user: "bob", topic: "pie" },
    { type: "topic", room: "general", user: "bob", topic: "cake\x07" },
    told("general", 3, 1, "one"),
  );
  assertEquals(scene.lines.slice(-3), [
    "09:05   * bob set the topic of tea: leaves",
    "        \\x1b[2J",
    "[tea · general 1]",
  ]);
  await scene.tty.enter("/join general");
  assertEquals(scene.lines.slice(-4), [
    "09:05   * you are now in general",
    "09:05   * bob set the topic of general: cake\\x07",
    "08:01   bob: one",
    "[general]",
  ]);
  for (const control of ["\x1b[2J", "\x07"]) {
    assertEquals(scene.tty.written.includes(control), false);
  }
  await scene.tty.enter("/join tea");
  await scene.tty.enter("/join general");
  assertEquals(scene.lines.slice(-3), [
    "09:05   * you are now in tea",
    "09:05   * you are now in general",
    "[general]",
  ]);
});

Deno.test("a topic is put in by Tab, to be changed", async () => {
  const scene = new Scene({}, FULL);
  await settle();
  await scene.stage.letIn();
  await scene.link.say(
    { type: "rooms", rooms: [{ ...room(3, "general", 0), topic: "cake" }] },
    position(3, 0),
    { type: "list_users", room: "general", users: ["alice"] },
  );
  scene.link.take();
  assertEquals(scene.lines.slice(-3), [
    "09:05   * topic of general: cake",
    "09:05   * users in general: alice",
    "[general]",
  ]);
  await scene.tty.press("/topic ", TAB);
  assertEquals(scene.lines.at(-1), "[general] /topic cake");
  await scene.tty.enter("at four");
  assertEquals(scene.link.take(), ["set_topic cake at four 3"]);
});

Deno.test("Ctrl+Z leaves what is typed where it is, and all is drawn when one is back", async () => {
  const scene = new Scene();
  await scene.begin();
  const typed = "half a line that is too long for one row of it";
  scene.tty.read(typed, CTRL_A, CTRL_Z, "x");
  await settle();
  const chat = [
    "09:05   * Connected to chatps://here:5555 as",
    "        alice, in general. /help lists the",
    "        commands.",
    "09:05   * users in general: alice, bob",
  ];
  assertEquals(scene.tty.stops, [[
    ...chat,
    "[general] half a line that is too long for one ro",
    "w of it",
  ]]);
  assertEquals(scene.lines, [
    ...chat,
    "[general] xhalf a line that is too long for one r",
    "ow of it",
  ]);
});

Deno.test("Ctrl+Z stops the chat while a password is asked for, and what was typed of it stays", async () => {
  const scene = await beginMany();
  await scene.tty.enter("/register");
  await scene.tty.press("secret", CTRL_Z);
  assertEquals(scene.tty.stops[0]?.at(-1), "Password for your account:");
  assertEquals(scene.lines.at(-1), "Password for your account:");
  await scene.tty.enter("word");
  await scene.tty.enter("secretword");
  assertEquals(scene.link.take().at(-1), "register secretword");
});
