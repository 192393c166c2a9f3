import { assert } from "@std/assert";
import { childArgs } from "./child.ts";
import { withFolder } from "./temporary_folder.ts";

/** Runs a script in a name space of mounts that ends with it. */
function alone(script: string, ...args: string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command("unshare", {
    args: ["-m", "sh", "-ec", script, "sh", ...args],
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
      deno="$2"
      shift 2
      exec "$deno" "$@"`,
      folder,
      Deno.execPath(),
      ...await childArgs("small_disk.ts", what, folder),
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
  name:
    `state on disk says that the disk is full, keeps what it acknowledged and goes on when there is room${suffix}`,
  ignore: !mountable,
  fn: () => run('mount -t tmpfs -o size=8m tmpfs "$1"', "full_of_people"),
});

Deno.test({
  name: `log on disk says that its folder is read-only${suffix}`,
  ignore: !mountable,
  fn: () => run('mount -t tmpfs -o ro tmpfs "$1"', "read_only"),
});
