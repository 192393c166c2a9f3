/** Stand-in for `@cliffy/command/help`: the `help [command]` command. */
import { type AnyCommand, Command } from "./command.ts";
import { unknownCommand } from "./errors.ts";

/** Prints the help of the tool, or of one of its commands. */
export class HelpCommand extends Command<void, void, void, [string?]> {
  constructor(cmd?: AnyCommand) {
    super();
    this.type("command", { parse: ({ value }) => value })
      .arguments("[command:command]")
      .description("Show this help or the help of a sub-command.")
      .noGlobals()
      .action(function (_options, name) {
        const parent = cmd ?? this.getGlobalParent();
        const shown = name ? parent?.getCommand(String(name)) : parent;
        if (!shown) {
          const others = (parent?.getCommands() ?? [])
            .map((one) => one.getName())
            .filter((other) => other !== this.getName());
          throw unknownCommand(String(name), others);
        }
        shown.showHelp();
      });
  }
}
