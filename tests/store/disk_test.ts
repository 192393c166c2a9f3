import { packages } from "../../.ci/deno.ts";
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";
import { withFolder } from "./temporary_folder.ts";

const CHILD = fileURLToPath(new URL("./small_disk.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a script in a name space of mounts that ends with it. */
function alone(script: string, ...args: string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command("unshare", {
    args: ["-m", "sh", "-ec", script, "sh", ...args],
    cwd: ROOT,
  }).output();
}

async function canMount(): Promise<boolean> {
  try {
    const folder = await Deno.makeTempDir();
    const { success } = await alone('mount -t tmpfs tmpfs "$1"', folder);
    await Deno.remove(folder);
    return success;
  } catch {
    return false;
  }
}

const mountable = await canMount();
const suffix = mountable ? "" : " (skipped: only root can mount a small disk)";

async function run(mount: string, what: string): Promise<void> {
  await withFolder(async (folder) => {
    const { success, stdout, stderr } = await alone(
      `${mount}
      "$2" run --allow-all --no-check "$4" "$3" ${what} "$1"`,
      folder,
      Deno.execPath(),
      CHILD,
      await packages(),
    );
    const text = new TextDecoder();
    assert(success, text.decode(stdout) + text.decode(stderr));
  });
}

Deno.test({
  name:
    `log on disk says that the disk is full, keeps what it acknowledged and goes on when there is room${suffix}`,
  ignore: !mountable,
  fn: () => run('mount -t tmpfs -o size=8m tmpfs "$1"', "full"),
});

Deno.test({
  name: `log on disk says that its folder is read-only${suffix}`,
  ignore: !mountable,
  fn: () => run('mount -t tmpfs -o ro tmpfs "$1"', "read_only"),
});
