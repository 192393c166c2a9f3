/**
 * `chatp backup`.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { dataFolder, UserError } from "../lib/net/mod.ts";
import { backupLog } from "../lib/store/mod.ts";
import { folderHelp, refuseOptions } from "./arguments.ts";
import { reporting } from "./report.ts";
import { usingStore } from "./store_failure.ts";

/** What `chatp backup` was told. */
interface BackupOptions {
  readonly data?: string | undefined;
}

async function backup(file: string, { data }: BackupOptions): Promise<void> {
  if (file === "") {
    throw new UserError("usage", "The file's name is empty", {
      advice: "See chatp backup --help",
    });
  }
  const folder = dataFolder(data);
  await usingStore(() => backupLog(folder, file));
  const { size } = await Deno.stat(file);
  console.log(`Log     ${folder}`);
  console.log(`Backup  ${file} (${size.toLocaleString("en")} bytes)`);
}

/** `chatp backup`, as the command line sees it. */
export const backupCommand = new Command()
  .description(
    "Copy everything that was said to a file. The server may be running.",
  )
  .arguments("<file:file>")
  .option(
    "--data <folder:file>",
    folderHelp("The folder that the server keeps it in"),
  )
  .example("While the server runs", "chatp backup chat-monday.db")
  .example(
    "Go back to it, with the server stopped and log.db-wal removed",
    "cp chat-monday.db ~/.local/share/chatp/log.db",
  )
  .action(function (options, file) {
    return reporting(() => {
      refuseOptions(this, [file]);
      return backup(file, options);
    });
  });
