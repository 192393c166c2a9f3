import { assert, assertEquals } from "@std/assert";
import {
  type Key,
  runTerminal,
  type TerminalOptions,
  type Tty,
  type TtyHandlers,
} from "../../../lib/client/mod.ts";
import type { UserError } from "../../../lib/net/mod.ts";
import { settle, Stage } from "../fakes.ts";
import { Emulator } from "./emulator.ts";

/** A terminal and somebody who types at it. */
class FakeTty implements Tty {
  readonly emulator = new Emulator(50, 12);
  handlers: TtyHandlers | undefined;
  written = "";

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

  open(handlers: TtyHandlers): () => void {
    this.handlers = handlers;
    return () => this.handlers = undefined;
  }

  async press(...keys: (string | Partial<Key>)[]): Promise<void> {
    for (const key of keys) {
      const given = typeof key === "string" ? { text: key } : key;
      this.handlers?.key({ ctrl: false, meta: false, ...given });
    }
    await settle();
  }

  async enter(text: string): Promise<void> {
    await this.press(text, { name: "return" });
  }
}

const CTRL_C: Partial<Key> = { name: "c", ctrl: true };
const TAB: Partial<Key> = { name: "tab" };

/** A chat at a terminal, with fakes all around. */
class Scene {
  readonly tty = new FakeTty();
  readonly stage = new Stage();
  end: UserError | undefined | "running" = "running";

  constructor(options: Partial<TerminalOptions> = {}) {
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
    }).then((error) => this.end = error);
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
  await scene.link.break();
  assertEquals(scene.end, undefined);
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
