import { assertEquals } from "@std/assert";
import { backupCommand } from "../../commands/backup.ts";
import { connectCommand } from "../../commands/connect.ts";
import { serveCommand } from "../../commands/serve.ts";
import { usualFolder } from "../../lib/net/mod.ts";

const COMMANDS = {
  serve: serveCommand,
  connect: connectCommand,
  backup: backupCommand,
};

for (const [name, command] of Object.entries(COMMANDS)) {
  Deno.test(`chatp ${name} says which folder it is without --data`, () => {
    const data = command.getOptions().find((option) => option.name === "data");
    assertEquals(
      data?.description.endsWith(`; without it ${usualFolder()}.`),
      true,
    );
  });
}
