import { assertEquals } from "@std/assert";
import { TARGETS } from "./targets.ts";

Deno.test("docs/fuzz.md says of every target what holds whatever comes", async () => {
  const docs = await Deno.readTextFile(
    new URL("../../docs/fuzz.md", import.meta.url),
  );
  const rows = docs.split("\n").filter((line) => /^\| `[\w-]+` +\|/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assertEquals(
    rows,
    TARGETS.map(({ name, invariant }) => [`\`${name}\``, invariant]),
  );
});

Deno.test("a target's name is one, and what holds is a sentence", () => {
  const names = TARGETS.map(({ name }) => name);
  assertEquals(names, [...new Set(names)]);
  for (const { name, invariant } of TARGETS) {
    assertEquals(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name), true, name);
    assertEquals(/^[A-Z][^.|]*\.$/.test(invariant), true, invariant);
  }
});
