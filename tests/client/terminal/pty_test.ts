/** A real terminal, as far as util-linux's `script` makes one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chatpWords } from "../../commands/chatp_process.ts";
import { withServer } from "../../server/test_server.ts";

/** Whether `script` with `-e` (its child's exit status) is there. */
function hasScript(): boolean {
  try {
    const { code, stdout } = new Deno.Command("script", {
      args: ["--help"],
      stderr: "null",
    }).outputSync();
    return code === 0 && new TextDecoder().decode(stdout).includes("--return");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Reads until the output has `text`. */
async function until(
  reader: ReadableStreamDefaultReader<string>,
  seen: string,
  text: string,
): Promise<string> {
  while (!seen.includes(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Not seen: ${JSON.stringify(text)} in ${seen}`);
    seen += value;
  }
  return seen;
}

Deno.test({
  name: hasScript()
    ? "at a real terminal lines break between words, keys edit, a tick follows, pastes are text, and Ctrl+D leaves"
    : "at a real terminal keys edit (skipped: util-linux's script is missing)",
  ignore: !hasScript(),
  fn: () =>
    withServer(async (port) => {
      const folder = await Deno.makeTempDir();
      const words = await chatpWords([
        "connect",
        "alice",
        `chatps://127.0.0.1:${port}`,
        "--data",
        folder,
      ]);
      const command = words.map((word) => `'${word}'`).join(" ");
      const child = new Deno.Command("script", {
        args: ["-qec", `stty rows 24 cols 80; ${command}`, "/dev/null"],
        env: { TERM: "xterm", NO_COLOR: "1" },
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream())
        .getReader();
      const keys = child.stdin.getWriter();
      const press = (text: string) =>
        keys.write(new TextEncoder().encode(text));
      let seen = await until(reader, "", "users in general: alice");
      assertMatch(seen, /First contact with 127\.0\.0\.1:.* now on;\r\nits /);
      assertMatch(seen, /\r\n {2}(..:){26}\r\n {2}(..:){5}[^:]{2}\r\nCompare/);
      await press("hxllo\x1b[D\x1b[D\x1b[D\x7fe\r");
      seen = await until(reader, seen, "⧗ alice: hello");
      seen = await until(reader, seen, "✓");
      assert(seen.includes("\x1b[?2004h"));
      await press("\x1b[200~/quit\rab\x1b[20");
      await press("1~c\r");
      seen = await until(reader, seen, "⧗ alice: /quit");
      seen = await until(reader, seen, "⧗ alice: abc");
      await press("\x04");
      seen = await until(reader, seen, "\x1b[?2004l");
      const { code } = await child.status;
      await reader.cancel();
      await keys.close().catch(() => {});
      await Deno.remove(folder, { recursive: true });
      assertEquals(code, 0);
    }),
});
