/**
 * A folder for one test.
 *
 * @module
 */

/** Runs `test` with a new folder, then removes it. */
export async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
