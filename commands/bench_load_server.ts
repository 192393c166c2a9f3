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
  /** Where it keeps everything. */
  readonly folder: string;
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

function end(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/** How often a folder is removed that somebody else may still write to. */
const REMOVALS = 5;

/**
 * Removes a folder at once. What a killed process had under way may still come
 * into it meanwhile, and what is removed elsewhere too may be gone.
 */
function removeNow(folder: string): void {
  for (let left = REMOVALS;; left--) {
    try {
      return Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      if (left > 0) continue;
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
  }
}

/**
 * Starts one. Whatever ends this process but SIGKILL, nothing of it MUST stay:
 * neither process nor folder, which has a private key.
 *
 * @throws {UserError} unavailable, when it does not start.
 */
export async function startLoadedServer(): Promise<LoadedServer> {
  // From here to the listener nothing may wait: a signal could come between.
  const folder = Deno.makeTempDirSync({ prefix: "chatp-load-" });
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
    end(child, "SIGKILL");
    removeNow(folder);
  };
  addEventListener("unload", kill);
  const close = async () => {
    end(child, "SIGTERM");
    await child.status;
    removeNow(folder);
    removeEventListener("unload", kill);
  };
  try {
    const { port, fingerprint } = await announced(child.stdout);
    return { port, fingerprint, pid: child.pid, folder, close };
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

/** A log that nobody reads would hold up the server's end. */
async function drain(lines: ReadableStreamDefaultReader<string>) {
  while (!(await lines.read()).done);
}
