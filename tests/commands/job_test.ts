/** chatp as a shell's job: stopped, gone on with, and left by its terminal. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, startServer } from "./chatp_process.ts";
import { hasScript, PROMPT, TypedChatp } from "./typed_chatp.ts";

const PASTES_ON = "\x1b[?2004h";
const PASTES_OFF = "\x1b[?2004l";

const named = (name: string) => ({
  name: hasScript()
    ? name
    : `${name} (skipped: util-linux's script is missing)`,
  ignore: !hasScript(),
});

/** What `chatp connect` is to be told, with a server of its own. */
async function withServer(
  test: (connect: readonly string[], data: string) => Promise<void>,
): Promise<void> {
  await using folder = await Folder.make();
  const { server, port } = await startServer(folder.path, "--memory");
  await using _ = server;
  const where = [`chatps://127.0.0.1:${port}`, "--insecure"];
  await test(["connect", "alice", ...where], folder.path);
}

Deno.test({
  ...named(
    "Ctrl+Z stops the chat with the terminal as it was, and fg draws it all again",
  ),
  fn: () =>
    withServer(async (connect, data) => {
      const { terminal } = await TypedChatp.startInShell(connect, data);
      await terminal.until("users in general: alice");
      await terminal.type("hello\r");
      await terminal.until("✓");
      await terminal.type("half");
      await terminal.until("half");
      await terminal.type("\x1a");
      await terminal.until(PASTES_OFF);
      await terminal.until("Stopped");
      await terminal.until(PROMPT);
      await terminal.type("stty -a\r");
      // And not -icanon: lines are edited by the terminal again.
      await terminal.until(" icanon");
      await terminal.type("fg\r");
      await terminal.until("fg\r\n");
      await terminal.until(PASTES_ON);
      await terminal.until(" alice: hello");
      await terminal.until("[general] half");
      await terminal.type(" a line\r");
      await terminal.until("alice: half a line");
      await terminal.type("\x04");
      await terminal.until(PROMPT);
      await terminal.type("exit\r");
      assertEquals(await terminal.status(), 0);
    }),
});

Deno.test({
  ...named(
    "a chat that others have stopped takes the terminal again when it goes on, and draws it all",
  ),
  fn: () =>
    withServer(async (connect, data) => {
      const { terminal, pid } = await TypedChatp.startInShell(connect, data);
      await terminal.until("users in general: alice");
      await terminal.type("half");
      await terminal.until("half");
      Deno.kill(pid, "SIGSTOP");
      await terminal.until("Stopped");
      await terminal.until(PROMPT);
      // The terminal is still as the chat had it: Enter makes no new line.
      await terminal.type("stty sane cols 70; echo now it does\n");
      await terminal.until("now it does\r\n");
      await terminal.type("fg\r");
      await terminal.until("fg\r\n");
      await terminal.until(PASTES_ON);
      await terminal.until("users in general: alice");
      await terminal.until("[general] half");
      const { length } = terminal.seen;
      await terminal.type("\x05 a line\r");
      await terminal.until("alice: half a line");
      // A terminal that edits lines by itself shows what is typed.
      assertEquals(terminal.seen.slice(length).includes("^E"), false);
      await terminal.type("\x04");
      await terminal.until(PROMPT);
      await terminal.type("exit\r");
      assertEquals(await terminal.status(), 0);
    }),
});

Deno.test({
  ...named("Ctrl+Z does nothing where no shell could go on with the chat"),
  fn: () =>
    withServer(async (connect, data) => {
      const terminal = await TypedChatp.start(connect, data);
      await terminal.until("users in general: alice");
      await terminal.type("half\x1a a line\r");
      await terminal.until("alice: half a line");
      assertEquals(terminal.seen.includes(PASTES_OFF), false);
      await terminal.type("\x04");
      assertEquals(await terminal.status(), 0);
    }),
});

Deno.test({
  ...named("a server ends with the terminal that it was started at"),
  fn: async () => {
    await using folder = await Folder.make();
    const serve = ["serve", "--memory", "--host", "127.0.0.1", "--port", "0"];
    const { terminal } = await TypedChatp.startInShell(serve, folder.path);
    const port = await terminal.until(/started on 127\.0\.0\.1:(\d+)/);
    await terminal.until("fingerprint");
    const client = await Deno.connect({ port: Number(port) });
    const login = '{"type":"login","username":"alice"}\n';
    await client.write(new TextEncoder().encode(login));
    const told = client.readable.pipeThrough(new TextDecoderStream())
      .getReader();
    assertStringIncludes((await told.read()).value ?? "", "login_ack");
    await terminal.hangUp();
    let last = "";
    for (;;) {
      const { value, done } = await told.read();
      if (done) break;
      last = value;
    }
    assertStringIncludes(last, "the server is going down");
  },
});
