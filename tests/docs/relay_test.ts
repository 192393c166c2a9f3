import { assertEquals, assertStringIncludes } from "@std/assert";
import { RSA_BITS } from "../../lib/net/mod.ts";
import { RELAY_LIMITS } from "../../lib/server/mod.ts";

const text = await Deno.readTextFile(
  new URL("../../docs/relay.md", import.meta.url),
);

Deno.test("docs/relay.md states every limit of a relay", () => {
  const rows = text.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, 3).map((cell) => cell.trim()));
  assertEquals(
    rows,
    Object.entries(RELAY_LIMITS).map(([name, value]) => [
      `\`${name}\``,
      value.toLocaleString("en"),
    ]),
  );
});

Deno.test("docs/relay.md states how long keys are", () => {
  for (const bits of Object.values(RSA_BITS)) {
    assertStringIncludes(text, bits.toLocaleString("en"));
  }
});
