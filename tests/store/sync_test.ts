import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Durability } from "../../lib/store/mod.ts";
import { childArgs } from "./child.ts";
import { withFolder } from "./temporary_folder.ts";

const SENDERS = 5;
const CALLS = 20;

/** Whether system calls can be watched here. */
async function canTrace(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("strace", {
      args: ["-f", "-o", "/dev/null", "true"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** A system call: the lines of the trace where it began and ended. */
interface Call {
  readonly name: string;
  readonly args: string;
  readonly begin: number;
  end: number;
}

/** The calls of `strace -f`, whose threads may cut each other short. */
function parseTrace(trace: string): Call[] {
  const calls: Call[] = [];
  const running = new Map<string, Call>();
  trace.split("\n").forEach((line, index) => {
    const [, thread = "", what = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>/.test(what);
    const call = running.get(thread);
    if (resumed && call !== undefined) {
      call.end = index;
      running.delete(thread);
    }
    const [, name, args = ""] = /^(\w+)\((.*)$/.exec(what) ?? [];
    if (name === undefined) return;
    const begun = { name, args, begin: index, end: index };
    calls.push(begun);
    if (!what.endsWith("<unfinished ...>")) return;
    begun.end = Infinity;
    running.set(thread, begun);
  });
  return calls;
}

/** Runs the senders under strace: acknowledged texts, and those synced first. */
async function trace(
  durability: Durability,
): Promise<{ acked: string[]; synced: string[] }> {
  let calls: Call[] = [];
  await withFolder(async (folder) => {
    const file = join(folder, "trace");
    const { success, stderr } = await new Deno.Command("strace", {
      args: [
        "-f",
        "-y",
        "-s",
        "16384",
        "-e",
        "trace=write,writev,pwrite64,pwritev,fdatasync,fsync",
        "-o",
        file,
        Deno.execPath(),
        ...await childArgs(
          "senders.ts",
          join(folder, "data"),
          durability,
          String(CALLS),
          ...new Array<string>(SENDERS).fill("0"),
        ),
      ],
      stdout: "null",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    calls = parseTrace(await Deno.readTextFile(file));
  });
  const written = calls.filter(({ name, args }) =>
    name.startsWith("pwrite") && /^\d+<[^>]*log\.db-wal>/.test(args)
  );
  const syncs = calls.filter(({ name, args }) =>
    name.endsWith("sync") && /^\d+<[^>]*log\.db-wal>/.test(args)
  );
  const acks = calls.flatMap(({ name, args, begin }) => {
    const text = /^1<[^>]*>, "ack \d+ \d+ (.*?)\\n"/.exec(args)?.[1];
    return name === "write" && text !== undefined ? [{ text, begin }] : [];
  });
  const synced = acks.filter(({ text, begin }) => {
    const write = written.find(({ args }) => args.includes(text));
    return write !== undefined &&
      syncs.some((sync) => sync.begin > write.end && sync.end < begin);
  });
  return {
    acked: acks.map(({ text }) => text),
    synced: synced.map(({ text }) => text),
  };
}

const traceable = await canTrace();
const suffix = traceable ? "" : " (skipped: strace can't be used here)";

Deno.test({
  name:
    `log on disk (full) acknowledges nothing before the sync that covers it${suffix}`,
  ignore: !traceable,
  fn: async () => {
    const { acked, synced } = await trace("full");
    assertEquals(acked.length, 2 * SENDERS * CALLS);
    assertEquals(synced, acked);
  },
});

Deno.test({
  name:
    `log on disk (normal) acknowledges before a sync, so the trace can tell${suffix}`,
  ignore: !traceable,
  fn: async () => {
    const { acked, synced } = await trace("normal");
    assertEquals(acked.length, 2 * SENDERS * CALLS);
    assertEquals(synced, []);
  },
});
