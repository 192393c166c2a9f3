import { assertStringIncludes } from "@std/assert";
import { V8_FLAGS } from "../../.ci/deno.ts";

Deno.test("the task runs chatp with the V8 settings of the binary and the installed one", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  assertStringIncludes(tasks.chatp.command, ` ${V8_FLAGS} `);
});
