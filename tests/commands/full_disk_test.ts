/** Commands that have to write where there is no room. */

import { assertEquals } from "@std/assert";
import { MOUNTABLE, SKIPPED } from "../store/own_mounts.ts";
import { chatp, Folder } from "./chatp_process.ts";

/** A command, what it reads, its exit status, and what it says. */
const CASES: readonly (readonly [string, string, number, string, string])[] = [
  [
    "serve --host 127.0.0.1 --port 0 --data FULL",
    "",
    25,
    "Cannot write FULL/server.key: No space left on device",
    "Make room on that disk, then try again",
  ],
  [
    "user add alice --data FULL",
    "correct horse battery\n",
    25,
    "FULL/log.lock does not fit on its disk any more: database or disk is full",
    "Make room on that disk, then try again",
  ],
  [
    "backup FULL/copy.db --data LOG",
    "",
    27,
    "FULL/copy.db does not fit on its disk any more: database or disk is full",
    "Make room on that disk, or choose another place",
  ],
  [
    "cert --cert FULL/a.crt --key FULL/a.key",
    "",
    27,
    "Cannot write FULL/a.key: No space left on device",
    "Make room on that disk, then try again",
  ],
];

for (const [line, input, status, message, advice] of CASES) {
  Deno.test({
    name:
      `chatp ${line} on a full disk says so, with status ${status}${SKIPPED}`,
    ignore: !MOUNTABLE,
    async fn() {
      await using folder = await Folder.make();
      const data = folder.path;
      if (line.includes("LOG")) {
        const input = "correct horse battery\n";
        await chatp(["user", "add", "alice"], { data, input });
      }
      const full = `${data}/full`;
      await Deno.mkdir(full);
      const here = (text: string) =>
        text.replaceAll("FULL", full).replaceAll("LOG", `${data}/chatp`);
      const { code, out, err } = await chatp(here(line).split(" "), {
        data,
        input,
        mounting: `mount -t tmpfs -o size=64k tmpfs "${full}"
          head -c 64k /dev/zero > "${full}/filling"`,
      });
      assertEquals({ code, out, err }, {
        code: status,
        out: [],
        err: [`chatp: ${here(message)}`, `  try: ${advice}`],
      });
    },
  });
}
