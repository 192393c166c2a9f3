/**
 * chatp as a process of its own, whose output can be waited for.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { packages, root, V8_FLAGS } from "../../.ci/deno.ts";
import { ownMounts, UNSHARE } from "../store/own_mounts.ts";

/** The words that run `chatp` with these arguments, without options of V8. */
export async function chatpWords(args: readonly string[]): Promise<string[]> {
  return [
    Deno.execPath(),
    "run",
    "--allow-all",
    "--no-check",
    `--config=${root}/deno.json`,
    await packages(),
    `${root}/main.ts`,
    ...args,
  ];
}

/** One stream of a process, line by line. */
class Lines {
  readonly all: string[] = [];
  readonly ended: Promise<void>;
  #done = false;
  #waiting: (() => void)[] = [];

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const lines = stream.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      this.all.push(line);
      this.#changed();
    }
    this.#done = true;
    this.#changed();
  }

  #changed(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits for a line that matches, from line `from` on. */
  async find(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (let index = from;; index++) {
      while (index >= this.all.length) {
        if (this.#done) {
          throw new Error(`No line ${pattern} in:\n${this.all.join("\n")}`);
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      const found = pattern.exec(this.all[index] ?? "");
      if (found !== null) return found;
    }
  }
}

/** How a process is started. */
export interface ChatpOptions {
  /** Its data folder. */
  readonly data: string;
  /** What it reads, after which its input ends. Without it the input stays open. */
  readonly input?: string;
  /** A file of this folder that runs before it. */
  readonly preload?: string;
  /** Where it makes temporary files, else where the system has them. */
  readonly temporary?: string;
  /** A script of sh that runs before it, with mounts of its own. */
  readonly mounting?: string;
  /** A line of sh that runs it, as `"$@"`. */
  readonly shell?: string;
}

/** A running chatp. */
export class Chatp implements AsyncDisposable {
  readonly out: Lines;
  readonly err: Lines;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.out = new Lines(child.stdout);
    this.err = new Lines(child.stderr);
    this.#input = child.stdin.getWriter();
  }

  /** Starts `chatp` with these arguments. */
  static async start(
    args: readonly string[],
    { data, input, preload, temporary, mounting, shell }: ChatpOptions,
  ): Promise<Chatp> {
    const deno = Deno.execPath();
    const run = [
      "run",
      "--allow-all",
      "--no-check",
      V8_FLAGS,
      `--config=${root}/deno.json`,
      await packages(),
      ...preload === undefined
        ? []
        : [`--preload=${root}/tests/commands/${preload}`],
      `${root}/main.ts`,
      ...args,
    ];
    const [program, ...words] = shell !== undefined
      ? ["sh", "-c", shell, "sh", deno, ...run]
      : mounting !== undefined
      ? [UNSHARE, ...ownMounts(`${mounting}\nexec "$@"`, deno, ...run)]
      : [deno, ...run];
    const child = new Deno.Command(program ?? deno, {
      args: words,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: {
        XDG_DATA_HOME: data,
        NO_COLOR: "1",
        ...temporary !== undefined && { TMPDIR: temporary },
      },
    }).spawn();
    const chatp = new Chatp(child);
    if (input !== undefined) {
      await chatp.write(input);
      await chatp.end();
    }
    return chatp;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Types something. */
  async write(text: string): Promise<void> {
    // A process that has ended already needs no input.
    await this.#input.write(new TextEncoder().encode(text)).catch(() => {});
  }

  /** Ends its input. */
  async end(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Waits for its end, not for that of who shares its output. */
  async ended(): Promise<number> {
    return (await this.#child.status).code;
  }

  /** Waits for its end; answers the exit status. */
  async status(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all([this.out.ended, this.err.ended]);
    return code;
  }

  /** Kills it if it still runs, and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.end();
    await this.status();
  }
}

/** Runs chatp to its end. */
export async function chatp(
  args: readonly string[],
  options: ChatpOptions,
): Promise<{ code: number; out: string[]; err: string[] }> {
  await using process = await Chatp.start(args, { input: "", ...options });
  const code = await process.status();
  return { code, out: process.out.all, err: process.err.all };
}

/** A temporary folder, removed at the end. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir({ prefix: "chatp-test-" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Starts a server on a free port of loopback; answers it and its port. */
export async function startServer(
  data: string,
  ...more: string[]
): Promise<{ server: Chatp; port: number }> {
  const server = await Chatp.start(
    ["serve", "--host", "127.0.0.1", "--port", "0", ...more],
    { data },
  );
  return { server, port: await listening(server) };
}

/** Waits until a server on loopback listens; answers its port. */
export async function listening(server: Chatp): Promise<number> {
  const [, port] = await server.out.find(
    /Server started on 127\.0\.0\.1:(\d+)/,
  );
  return Number(port);
}
