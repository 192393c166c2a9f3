/**
 * A server's system calls, as strace wrote them down.
 *
 * @module
 */

import { packages, root } from "../../.ci/deno.ts";

/** One call. Moments are places in the record: 0, 1, 2 … */
export interface SystemCall {
  readonly name: string;
  /** What its first argument is: a file's path or `TCP:[…]`. */
  readonly target: string;
  /** The bytes that it was given, each as one character. */
  readonly data: string;
  readonly entered: number;
  /** Infinity when it never did. */
  returned: number;
}

/** What is recorded: everything that makes durable, everything that tells. */
const TRACED = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg,sendmmsg";

/** More than a page of the database, and than what a test sends at once. */
const MOST_BYTES = 16_384;

const BEGIN = /^(\d+) +(\w+)\(\d+<((?:->|[^<>])*)>/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>/;

/** Reads what `strace -f -yy -xx` wrote. */
export function parseSystemCalls(record: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, SystemCall>();
  record.split("\n").forEach((line, moment) => {
    const [, resumed = ""] = RESUMED.exec(line) ?? [];
    const begun = unfinished.get(resumed);
    if (begun !== undefined) {
      begun.returned = moment;
      unfinished.delete(resumed);
    }
    const found = BEGIN.exec(line);
    if (found === null) return;
    const [, thread = "", name = "", target = ""] = found;
    const whole = !line.endsWith("<unfinished ...>");
    const returned = whole ? moment : Infinity;
    const data = strings(line);
    const call = {
      name,
      target: unescape(target),
      data,
      entered: moment,
      returned,
    };
    calls.push(call);
    if (!whole) unfinished.set(thread, call);
  });
  return calls;
}

/** All quoted strings of a line, one behind the other. */
function strings(line: string): string {
  return [...line.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)]
    .map(([, escaped]) => unescape(escaped ?? "")).join("");
}

function unescape(text: string): string {
  return text.replaceAll(
    /\\x([0-9a-f]{2})/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
}

/** Why strace can't be used here, or undefined when it can. */
export async function straceMissing(): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command("strace", {
      args: ["-f", "-o", "/dev/null", "true"],
      stderr: "piped",
    }).output();
    if (success) return undefined;
    return new TextDecoder().decode(stderr).split("\n")[0];
  } catch {
    return "strace is not installed; apt-get install strace";
  }
}

/** A server whose system calls are recorded. */
export class TracedServer implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #record: string;
  readonly #traced: Promise<unknown>;

  private constructor(
    child: Deno.ChildProcess,
    port: number,
    record: string,
    traced: Promise<unknown>,
  ) {
    this.#child = child;
    this.port = port;
    this.#record = record;
    this.#traced = traced;
  }

  /** Starts `chatp serve` on a free port with a folder of its own. */
  static async start(folder: string): Promise<TracedServer> {
    const record = `${folder}/calls`;
    const child = new Deno.Command("strace", {
      args: [
        // The server is the child then, so that a signal reaches it.
        "-D",
        ...["-f", "-yy", "-xx", "-s", String(MOST_BYTES), "-o", record],
        ...["-e", `trace=${TRACED}`, "-e", "signal=none"],
        ...[Deno.execPath(), "run", "--allow-all", "--no-check"],
        ...[`--config=${root}/deno.json`, await packages(), `${root}/main.ts`],
        ...["serve", "--host", "127.0.0.1", "--port", "0", "--no-rate-limits"],
        ...["--data", `${folder}/data`],
      ],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // strace keeps it open until it has written everything down.
    const traced = child.stderr.text();
    const port = await startedOn(child.stdout);
    return new TracedServer(child, port, record, traced);
  }

  /** Ends the server in peace; answers what it called. */
  async stop(): Promise<SystemCall[]> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#traced;
    return parseSystemCalls(await Deno.readTextFile(this.#record));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#traced;
  }
}

/** Reads the log up to the port; the rest is read and dropped. */
async function startedOn(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<number> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  let log = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The server did not start:\n${log}`);
    log += value;
    const [, port] = /Server started on 127\.0\.0\.1:(\d+)\n/.exec(log) ?? [];
    if (port === undefined) continue;
    void drain(reader);
    return Number(port);
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>) {
  while (!(await reader.read()).done);
}
