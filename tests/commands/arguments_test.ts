import { assertEquals } from "@std/assert";
import { backupCommand } from "../../commands/backup.ts";
import { connectCommand } from "../../commands/connect.ts";
import { serveCommand } from "../../commands/serve.ts";
import { usualFolder } from "../../lib/net/mod.ts";

for (const command of [serveCommand, connectCommand, backupCommand]) {
  Deno.test(`chatp ${command.getName()} says which folder it is without --data`, () => {
    const data = command.getOptions().find(({ name }) => name === "data");
    assertEquals(
      data?.description.endsWith(`; without it ${usualFolder()}.`),
      true,
    );
  });
}
