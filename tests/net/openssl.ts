/**
 * The tool `openssl`, with which the relay's keys and blocks are held together.
 *
 * @module
 */

/**
 * Runs openssl; answers what it wrote to stdout.
 *
 * @throws {Error} when it is not installed, or fails.
 */
export async function openssl(
  args: readonly string[],
  input: Uint8Array<ArrayBuffer> = new Uint8Array(0),
): Promise<Uint8Array> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("openssl", {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error(
      "The tool openssl is needed for this test: apt install openssl",
      { cause },
    );
  }
  const writer = child.stdin.getWriter();
  // It may end without reading what it needs not.
  await writer.write(input).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  if (success) return stdout;
  throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
