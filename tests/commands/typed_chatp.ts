/**
 * chatp at a terminal of its own, as far as util-linux's `script` makes one.
 *
 * @module
 */

import { packages, root } from "../../.ci/deno.ts";

/** Whether `script` with `-e` (its child's exit status) is there. */
export function hasScript(): boolean {
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

/** A chatp that is typed at. */
export class TypedChatp {
  /** Everything that came to the screen. */
  seen = "";
  readonly #child: Deno.ChildProcess;
  readonly #screen: ReadableStreamDefaultReader<string>;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  /** Where the next {@link until} begins to look. */
  #from = 0;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#screen = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#keys = child.stdin.getWriter();
  }

  /** Starts `chatp` with these arguments; none may hold a quote. */
  static async start(
    args: readonly string[],
    data: string,
  ): Promise<TypedChatp> {
    const words = [
      Deno.execPath(),
      "run",
      "--allow-all",
      "--no-check",
      `--config=${root}/deno.json`,
      await packages(),
      `${root}/main.ts`,
      ...args,
    ];
    const command = words.map((word) => `'${word}'`).join(" ");
    return new TypedChatp(
      new Deno.Command("script", {
        args: ["-qec", command, "/dev/null"],
        env: { TERM: "xterm", NO_COLOR: "1", XDG_DATA_HOME: data },
        stdin: "piped",
        stdout: "piped",
      }).spawn(),
    );
  }

  async type(text: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(text));
  }

  /** Waits until `text` comes to the screen, behind what was waited for. */
  async until(text: string): Promise<void> {
    for (;;) {
      const at = this.seen.indexOf(text, this.#from);
      if (at >= 0) {
        this.#from = at + text.length;
        return;
      }
      const { value, done } = await this.#screen.read();
      if (done) throw new Error(`Not seen: ${text} in ${this.seen}`);
      this.seen += value;
    }
  }

  /**
   * Answers a question for a secret. What is typed before the terminal is told
   * to show nothing is shown, so all but the first letter waits for that.
   */
  async tellSecret(question: string, text: string): Promise<void> {
    await this.until(question);
    await this.type(text.slice(0, 1));
    await this.until("*");
    await this.type(`${text.slice(1)}\r`);
  }

  /** Waits for its end; answers the exit status. */
  async status(): Promise<number> {
    for (;;) {
      const { value, done } = await this.#screen.read();
      if (done) break;
      this.seen += value;
    }
    const { code } = await this.#child.status;
    await this.#keys.close().catch(() => {});
    return code;
  }
}
