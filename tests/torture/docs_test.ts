import { assertEquals } from "@std/assert";
import { FAULTS } from "./story.ts";

Deno.test("docs/torture.md lists every fault that is looked for", async () => {
  const docs = await Deno.readTextFile(
    new URL("../../docs/torture.md", import.meta.url),
  );
  const rows = docs.split("\n").filter((line) => /^\| _[\w ]+_ +\|/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assertEquals(
    rows,
    Object.entries(FAULTS).map(([name, what]) => [`_${name}_`, what]),
  );
});
