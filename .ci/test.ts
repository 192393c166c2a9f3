/**
 * `deno task test [FILE...] [OPTION...]`: runs `deno test` with the packages of
 * this checkout and both leak checks. The very last line is
 * `N passed, N failed`; the exit status is that of `deno test`.
 */
import { isAbsolute, resolve } from "node:path";
import { packages, root } from "./deno.ts";
import { readSummary, type Summary, summaryLines } from "./summary.ts";

const WITH_VALUE = new Set(["--filter", "--ignore", "--junit-path", "--tap"]);

/** Splits what the person gave into files and options. */
export function splitArguments(
  args: readonly string[],
  from: string,
): { files: string[]; options: string[] } {
  const files: string[] = [];
  const options: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (WITH_VALUE.has(arg)) options.push(arg, args[++index] ?? "");
    else if (arg.startsWith("-")) options.push(arg);
    else files.push(isAbsolute(arg) ? arg : resolve(from, arg));
  }
  return { files, options };
}

/** Copies a stream to ours and looks at its lines. */
async function copy(
  source: ReadableStream<Uint8Array>,
  target: { write(bytes: Uint8Array): Promise<number> },
  line: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of source) {
    for (let sent = 0; sent < bytes.length;) {
      sent += await target.write(bytes.subarray(sent));
    }
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(line);
  }
  line(rest);
}

if (import.meta.main) {
  const from = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  const { files, options } = splitArguments(Deno.args, from);
  let summary: Summary | undefined;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      "--sanitize-ops",
      "--sanitize-resources",
      await packages(),
      ...options,
      ...(files.length > 0 ? files : ["tests/"]),
    ],
    cwd: root,
    stdout: "piped",
    env: Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {},
  }).spawn();
  await copy(child.stdout, Deno.stdout, (text) => {
    summary = readSummary(text) ?? summary;
  });
  const { code } = await child.status;
  console.log(summaryLines(summary, code));
  Deno.exit(code);
}
