/**
 * Stand-in for `@cliffy/command/completions`: `completions bash|zsh|fish`.
 * The scripts hold all words themselves: a key press starts no process.
 */
import { bashScript } from "./completions_bash.ts";
import { fishScript } from "./completions_fish.ts";
import { zshScript } from "./completions_zsh.ts";
import { type AnyCommand, Command } from "./command.ts";
import { type CompletionTable, completionTable } from "./completion_table.ts";

const SHELLS = { bash: bashScript, fish: fishScript, zsh: zshScript };

/** Prints the completion script of one shell. */
class ShellCommand extends Command {
  constructor(
    shell: string,
    script: (name: string, table: CompletionTable) => string,
    cmd?: AnyCommand,
  ) {
    super();
    this.description(`Generate shell completions for ${shell}.`)
      .noGlobals()
      .option("-n, --name <command-name>", "The name of the main command.")
      .action(function (options) {
        const main = cmd ?? this.getMainCommand();
        console.log(
          script(options.name ?? main.getName(), completionTable(main)),
        );
      });
  }
}

/** `completions`, with a command for each shell. */
export class CompletionsCommand extends Command {
  constructor(cmd?: AnyCommand) {
    super();
    const path = () => (cmd ?? this.getMainCommand()).getPath();
    this.description(() =>
      `Generate shell completions.

To enable shell completions for this program add the following line to your ~/.bashrc or similar:

    source <(${path()} completions [shell])

For more information run ${path()} completions [shell] --help`
    )
      .noGlobals()
      .action(function () {
        this.showHelp();
      });
    for (const [shell, script] of Object.entries(SHELLS)) {
      this.command(shell, new ShellCommand(shell, script, cmd));
    }
    this.reset();
  }
}
