/**
 * The command line: wires the subcommands together.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { Command, ValidationError } from "@cliffy/command";
import { CompletionsCommand } from "@cliffy/command/completions";
import { HelpCommand } from "@cliffy/command/help";
import { mistypedOption, unknownWord } from "./commands/arguments.ts";
import { backupCommand } from "./commands/backup.ts";
import { benchCommand } from "./commands/bench.ts";
import { captureCommand } from "./commands/capture.ts";
import { certCommand } from "./commands/cert.ts";
import { connectCommand } from "./commands/connect.ts";
import { keysCommand } from "./commands/keys.ts";
import { reportFailure } from "./commands/report.ts";
import { serveCommand } from "./commands/serve.ts";
import { userCommand } from "./commands/user.ts";
import configuration from "./deno.json" with { type: "json" };
import { UserError } from "./lib/net/mod.ts";

/** The whole command line. */
export const chatp = new Command()
  .name("chatp")
  .version(configuration.version)
  .description("A self-hosted chat that shows what its protocols cost.")
  .help({ colors: Deno.stdout.isTerminal() && !Deno.noColor })
  .throwErrors()
  .action(() => chatp.showHelp())
  .command("serve", serveCommand)
  .command("connect", connectCommand)
  .command("bench", benchCommand)
  .command("capture", captureCommand)
  .command("user", userCommand)
  .command("backup", backupCommand)
  .command("cert", certCommand)
  .command("keys", keysCommand)
  .command("help", new HelpCommand().global())
  .command("completions", new CompletionsCommand());

if (import.meta.main) {
  try {
    await chatp.parse(Deno.args);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const command = error.cmd?.getPath() ?? "chatp";
    const text = stripVTControlCharacters(error.message);
    reportFailure(
      (error.cmd &&
        (unknownWord(error.cmd, text) ?? mistypedOption(error.cmd))) ||
        new UserError("usage", text, { advice: `See ${command} --help` }),
    );
  }
}
