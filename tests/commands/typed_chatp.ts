/**
 * chatp at a terminal of its own, as far as util-linux's `script` makes one.
 *
 * @module
 */

import { chatpWords } from "./chatp_process.ts";

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

/** How a shell starts `chatp` with these arguments; none may hold a quote. */
async function commandLine(args: readonly string[]): Promise<string> {
  const words = await chatpWords(args);
  return words.map((word) => `'${word}'`).join(" ");
}

/** What the shell of {@link TypedChatp.startInShell} asks with. */
export const PROMPT = "shell> ";

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
    return this.#run(await commandLine(args), data);
  }

  /**
   * Starts a shell, and in it `chatp` with these arguments, which tells its
   * process id first.
   */
  static async startInShell(
    args: readonly string[],
    data: string,
  ): Promise<{ terminal: TypedChatp; pid: number }> {
    const terminal = this.#run("sh -i", data);
    // Written otherwise than it is shown.
    await terminal.type(`PS1=${PROMPT.replaceAll(/\W/gu, "\\$&")}\r`);
    await terminal.until(PROMPT);
    const command = await commandLine(args);
    await terminal.type(`sh -c 'echo =$$=; exec "$@"' - ${command}\r`);
    return { terminal, pid: Number(await terminal.until(/=(\d+)=/)) };
  }

  static #run(command: string, data: string): TypedChatp {
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

  /**
   * Waits until `text` comes to the screen, behind what was waited for. Gives
   * the first group of a pattern.
   */
  async until(text: string | RegExp): Promise<string> {
    for (;;) {
      const rest = this.seen.slice(this.#from);
      const match = rest.match(
        typeof text === "string" ? RegExp.escape(text) : text,
      );
      if (match?.index !== undefined) {
        this.#from += match.index + match[0].length;
        return match[1] ?? "";
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

  /** Takes the terminal away from whatever runs at it. */
  async hangUp(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.status();
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
