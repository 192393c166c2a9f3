/**
 * The command line: wires the subcommands together.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { CompletionsCommand } from "@cliffy/command/completions";
import { HelpCommand } from "@cliffy/command/help";
import { benchCommand } from "./commands/bench.ts";
import { captureCommand } from "./commands/capture.ts";
import { certCommand } from "./commands/cert.ts";
import { connectCommand } from "./commands/connect.ts";
import { serveCommand } from "./commands/serve.ts";
import configuration from "./deno.json" with { type: "json" };

/** The whole command line. */
export const chatp = new Command()
  .name("chatp")
  .version(configuration.version)
  .description("A self-hosted chat that shows what its protocols cost.")
  .action(() => chatp.showHelp())
  .command("serve", serveCommand)
  .command("connect", connectCommand)
  .command("bench", benchCommand)
  .command("capture", captureCommand)
  .command("cert", certCommand)
  .command("help", new HelpCommand().global())
  .command("completions", new CompletionsCommand());

if (import.meta.main) await chatp.parse(Deno.args);
