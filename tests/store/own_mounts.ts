/**
 * Programs with mounts that nobody else sees, and that end with them: a small
 * disk, or one that can't be written. Root alone may mount.
 *
 * @module
 */

/** What runs them. */
export const UNSHARE = "unshare";

/** Its arguments for a script of sh, whose own arguments are `args`. */
export function ownMounts(script: string, ...args: string[]): string[] {
  return ["-m", "sh", "-ec", script, "sh", ...args];
}

async function canMount(): Promise<boolean> {
  try {
    const folder = await Deno.makeTempDir();
    const args = ownMounts('mount -t tmpfs tmpfs "$1"', folder);
    const { success } = await new Deno.Command(UNSHARE, { args }).output();
    await Deno.remove(folder);
    return success;
  } catch {
    return false;
  }
}

/** Whether that can be done here. */
export const MOUNTABLE = await canMount();

/** What the name of a test has at its end where it can't. */
export const SKIPPED = MOUNTABLE
  ? ""
  : " (skipped: only root can mount a small disk)";
