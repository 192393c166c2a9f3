/**
 * Files that are either not there or whole.
 *
 * @module
 */

/**
 * Writes a file under another name in the same folder and then gives it its
 * own, so that nobody ever reads half of it. The answer is whether it was
 * written: without `replace`, a file that is there (or comes in between) stays.
 *
 * @throws what the file system throws.
 */
export async function writeNewFile(
  path: string,
  text: string,
  { mode, replace }: { readonly mode: number; readonly replace: boolean },
): Promise<boolean> {
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    using file = await Deno.open(temporary, {
      write: true,
      createNew: true,
      mode,
    });
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) {
      done += await file.write(bytes.subarray(done));
    }
    await file.sync();
    if (replace) {
      await Deno.rename(temporary, path);
      return true;
    }
    return await linkNew(temporary, path);
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
}

/** Gives a file a second name, unless that name is taken. */
async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await Deno.link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    // Some file systems have no hard links; there a copy that must be new is
    // the nearest thing.
    const copy = await Deno.readTextFile(from);
    const { mode } = await Deno.stat(from);
    try {
      await Deno.writeTextFile(to, copy, {
        createNew: true,
        ...mode !== null && { mode: mode & 0o777 },
      });
      return true;
    } catch (failure) {
      if (failure instanceof Deno.errors.AlreadyExists) return false;
      throw failure;
    }
  }
}
