/**
 * What tshark makes of a capture.
 *
 * @module
 */

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

/** Its expert findings that are worse than a note, checksums checked. */
export async function complaints(path: string): Promise<string> {
  const report = await run([
    "-r",
    path,
    "-o",
    "tcp.check_checksum:TRUE",
    "-o",
    "ip.check_checksum:TRUE",
    "-q",
    "-z",
    "expert,warn",
  ]);
  return report.trim();
}

/** Sums of `tcp.len`, in bytes, by the port that they come from. */
export async function payloadByPort(
  path: string,
): Promise<Map<number, number>> {
  const table = await run([
    "-r",
    path,
    "-T",
    "fields",
    "-e",
    "tcp.srcport",
    "-e",
    "tcp.len",
  ]);
  const sums = new Map<number, number>();
  for (const line of table.trim().split("\n")) {
    const [port = 0, length = 0] = line.split("\t").map(Number);
    sums.set(port, (sums.get(port) ?? 0) + length);
  }
  return sums;
}
