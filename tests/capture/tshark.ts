/**
 * What tshark makes of a capture.
 *
 * @module
 */

import { dissectorSource } from "../../lib/capture/mod.ts";

async function run(args: readonly string[]): Promise<string> {
  const { stdout, success, stderr } = await new Deno.Command("tshark", {
    args: [...args],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Whether tshark can be run. */
export const hasTshark: boolean = await (async () => {
  try {
    return (await run(["--version"])).startsWith("TShark");
  } catch {
    return false;
  }
})();

/** What to put behind the name of a test that needs it. */
export const skipReason = hasTshark
  ? ""
  : " (skipped: tshark is not installed; apt-get install tshark)";

/**
 * Its expert findings that are worse than a note, checksums checked, with our
 * own dissector (tshark by itself takes port 5555 for another protocol).
 */
export async function complaints(path: string): Promise<string> {
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  try {
    await Deno.writeTextFile(script, dissectorSource());
    const report = await run([
      "-X",
      `lua_script:${script}`,
      "-r",
      path,
      "-o",
      "tcp.check_checksum:TRUE",
      "-o",
      "udp.check_checksum:TRUE",
      "-o",
      "ip.check_checksum:TRUE",
      "-q",
      "-z",
      "expert,warn",
    ]);
    return report.trim();
  } finally {
    await Deno.remove(script);
  }
}

/** What the fields of a transport are called, and its own bytes in `length`. */
const TRANSPORTS = {
  tcp: { port: "tcp.srcport", length: "tcp.len", header: 0 },
  udp: { port: "udp.srcport", length: "udp.length", header: 8 },
} as const;

/** Sums of payload, in bytes, by the port that they come from. */
export async function payloadByPort(
  path: string,
  transport: keyof typeof TRANSPORTS = "tcp",
): Promise<Map<number, number>> {
  const { port: portField, length: lengthField, header } =
    TRANSPORTS[transport];
  const table = await run([
    "-r",
    path,
    "-T",
    "fields",
    "-e",
    portField,
    "-e",
    lengthField,
  ]);
  const sums = new Map<number, number>();
  for (const line of table.trim().split("\n")) {
    const [port = 0, length = 0] = line.split("\t").map(Number);
    sums.set(port, (sums.get(port) ?? 0) + length - header);
  }
  return sums;
}

/** A frame that a dissector of ours has told of. */
export interface Dissected {
  /** `chatp`, `chatp2`, `chatpcp` or `udpchat`. */
  readonly protocol: string;
  /** Of the whole frame. */
  readonly bytes: number;
  /** Its fields by their filter names, all values of each in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

const CONTROLS = "abtnvfr";

/** A text again, of what tshark shows for it in XML. */
function unescaped(shown: string): string {
  return shown
    .replaceAll(/&(\w+);/g, (all, name) => ENTITIES[name] ?? all)
    .replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, letter) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      const control = CONTROLS.indexOf(letter);
      return control === -1 ? letter : String.fromCharCode(7 + control);
    })
    // As which the dissector in Lua shows a NUL.
    .replaceAll("\u2400", "\0");
}

/** What tshark makes of a capture with this dissector, frame after frame. */
export async function dissected(
  path: string,
  script: string,
  ...more: readonly string[]
): Promise<Dissected[]> {
  const text = await run(
    ["-X", `lua_script:${script}`, "-r", path, "-T", "pdml", ...more],
  );
  const token =
    /<proto name="(?<protocol>[^"]+)"[^>]* size="(?<bytes>\d+)"|<field name="(?<name>[^"]+)"(?:[^>]*? show="(?<show>[^"]*)")?/g;
  const found: { -readonly [Key in keyof Dissected]: Dissected[Key] }[] = [];
  let fields: Map<string, string[]> | undefined;
  for (const { groups = {} } of text.matchAll(token)) {
    const { protocol, bytes, name = "", show = "" } = groups;
    if (protocol !== undefined) {
      // What is within a datagram of reliable UDP is its own.
      if (protocol === "json" && found.at(-1)?.protocol === "udpchat") continue;
      fields = undefined;
      if (!/^(chatp2?|chatpcp|udpchat)$/.test(protocol)) continue;
      fields = new Map();
      found.push({ protocol, bytes: Number(bytes), fields });
    } else if (fields !== undefined) {
      fields.set(name, [...fields.get(name) ?? [], unescaped(show)]);
    }
  }
  return found;
}

/** What tshark says while it reads a capture with this dissector. */
export async function spoken(path: string, script: string): Promise<string> {
  const args = ["-X", `lua_script:${script}`, "-r", path, "-V"];
  const { stdout, stderr } = await new Deno.Command("tshark", { args })
    .output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
