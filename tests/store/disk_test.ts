import { assert } from "@std/assert";
import { childArgs } from "./child.ts";
import { MOUNTABLE, ownMounts, SKIPPED, UNSHARE } from "./own_mounts.ts";
import { withFolder } from "./temporary_folder.ts";

async function run(mount: string, what: string): Promise<void> {
  await withFolder(async (folder) => {
    const args = ownMounts(
      `${mount}
      shift
      exec "$@"`,
      folder,
      Deno.execPath(),
      ...await childArgs("small_disk.ts", what, folder),
    );
    const { success, stdout, stderr } = await new Deno.Command(UNSHARE, {
      args,
    }).output();
    const text = new TextDecoder();
    assert(success, text.decode(stdout) + text.decode(stderr));
  });
}

Deno.test({
  name:
    `log on disk says that the disk is full, keeps what it acknowledged and goes on when there is room${SKIPPED}`,
  ignore: !MOUNTABLE,
  fn: () => run('mount -t tmpfs -o size=8m tmpfs "$1"', "full"),
});

Deno.test({
  name:
    `state on disk says that the disk is full, keeps what it acknowledged and goes on when there is room${SKIPPED}`,
  ignore: !MOUNTABLE,
  fn: () => run('mount -t tmpfs -o size=8m tmpfs "$1"', "full_of_people"),
});

Deno.test({
  name: `log on disk says that its folder is read-only${SKIPPED}`,
  ignore: !MOUNTABLE,
  fn: () => run('mount -t tmpfs -o ro tmpfs "$1"', "read_only"),
});
