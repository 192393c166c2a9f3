/**
 * A server for a load, as people run it: `chatp serve` in a process of its own,
 * with full durability in a temporary folder, on loopback, without limits on
 * how fast somebody may ask.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { UserError } from "../lib/net/mod.ts";

/** A running server. */
export interface LoadedServer {
  readonly port: number;
  readonly pid: number;
  /** Of its certificate, SHA-256. */
  readonly fingerprint: string;
  /** Stops it and removes what it kept. */
  close(): Promise<void>;
}

/** How this Deno was started: where the packages are, and V8's settings. */
function runtimeArguments(): string[] {
  try {
    return Deno.readTextFileSync("/proc/self/cmdline").split("\0")
      .filter((each) => /^--(config|import-map|lock|v8-flags)=/.test(each));
  } catch {
    // Not Linux: Deno finds the checkout's own configuration.
    return [];
  }
}

/** What starts chatp once more. */
function chatpCommand(): string[] {
  if (Deno.build.standalone) return [];
  const main = new URL("../main.ts", import.meta.url).href;
  return ["run", "--allow-all", "--no-check", ...runtimeArguments(), main];
}

/**
 * Starts one.
 *
 * @throws {UserError} unavailable, when it does not start.
 */
export async function startLoadedServer(): Promise<LoadedServer> {
  const folder = await Deno.makeTempDir({ prefix: "chatp-load-" });
  const removeFolder = () => Deno.remove(folder, { recursive: true });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...chatpCommand(),
      ...["serve", "--host", "127.0.0.1", "--port", "0", "--data", folder],
      "--no-rate-limits",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    // Ctrl+C is for the bench alone: it lets its clients leave first.
    detached: true,
  }).spawn();
  // Whatever ends this process, a second Ctrl+C too, ends the server.
  const kill = () => {
    child.kill("SIGKILL");
    Deno.removeSync(folder, { recursive: true });
  };
  addEventListener("unload", kill);
  const close = async () => {
    removeEventListener("unload", kill);
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await child.status;
    await removeFolder();
  };
  try {
    const { port, fingerprint } = await announced(child.stdout);
    return { port, fingerprint, pid: child.pid, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads what a server says at its start, and everything after. */
async function announced(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ port: number; fingerprint: string }> {
  const lines = output.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  let port: string | undefined;
  let fingerprint: string | undefined;
  while (port === undefined || fingerprint === undefined) {
    const { value, done } = await lines.read();
    if (done) {
      throw new UserError("unavailable", "The server for the load ended", {
        advice: "Start one with chatp serve, and give its address",
      });
    }
    port ??= /Server started on .*:(\d+)$/.exec(value)?.[1];
    fingerprint ??= /fingerprint ([\dA-F:]+)$/.exec(value)?.[1];
  }
  void drain(lines);
  return { port: Number(port), fingerprint };
}

/** A log that nobody reads would stop the server. */
async function drain(lines: ReadableStreamDefaultReader<string>) {
  while (!(await lines.read()).done);
}
