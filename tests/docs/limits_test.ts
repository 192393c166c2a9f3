import { assertEquals } from "@std/assert";
import { LIMITS } from "../../lib/chat/mod.ts";
import { WIRE_LIMITS } from "../../lib/wire/mod.ts";

/** The cells of every table row of docs/limits.md that names a limit. */
async function rows(): Promise<string[][]> {
  const text = await Deno.readTextFile(
    new URL("../../docs/limits.md", import.meta.url),
  );
  return text.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

const number = (cell: string | undefined) =>
  Number(cell?.replaceAll(",", "") ?? NaN);

Deno.test("docs/limits.md states every limit of the wires", async () => {
  const found = (await rows()).filter((cells) => cells.length === 3)
    .map(([name, value]) => [name?.replaceAll("`", ""), number(value)]);
  assertEquals(found, Object.entries(WIRE_LIMITS));
});

Deno.test("docs/limits.md states every limit of a server, its unit and its help", async () => {
  const found = (await rows()).filter((cells) => cells.length === 4)
    .map(([name, value, unit, help]) => [
      name?.replaceAll("`", ""),
      { value: number(value), unit, help },
    ]);
  assertEquals(
    found,
    Object.entries(LIMITS).map(([name, row]) => [name, { ...row }]),
  );
});
