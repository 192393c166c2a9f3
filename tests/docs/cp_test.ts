/**
 * Holds docs/cp.md against the code: every example is played, and every table
 * is that of the code.
 */
import { assert, assertEquals } from "@std/assert";
import {
  CP_CASES,
  CP_COLUMNS,
  CP_OUTCOMES,
  CP_STATES,
  printTransitions,
} from "../../lib/wire/cp/state_table.ts";
import { CP_CODES, CP_COMMANDS, CP_LIMITS } from "../../lib/wire/mod.ts";
import { clientPlayer, play, serverPlayer } from "../wire/cp/transcript.ts";

const DOCUMENT = (await Deno.readTextFile(
  new URL("../../docs/cp.md", import.meta.url),
)).replaceAll("\r\n", "\n");

/** The rows of the table whose heads are these. */
function table(heads: readonly string[]): string[][] {
  const cells = (line: string) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim());
  const lines = DOCUMENT.split("\n");
  const top = lines.findIndex((line) =>
    line.startsWith("|") && `${cells(line)}` === `${heads}`
  );
  assert(top >= 0, `no table of ${heads}`);
  const rows = lines.slice(top + 2);
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|")))
    .map(cells);
}

const code = (word: string) => `\`${word}\``;

Deno.test("docs/cp.md prints the state table", () => {
  assertEquals(table(CP_COLUMNS), printTransitions());
});

Deno.test("docs/cp.md states every state, outcome and condition", () => {
  assertEquals(table(["state", "what for"]), Object.entries(CP_STATES));
  assertEquals(
    table(["outcome", "what happened"]),
    Object.entries(CP_OUTCOMES),
  );
  assertEquals(table(["when", "what it means"]), Object.entries(CP_CASES));
});

Deno.test("docs/cp.md states every command and code", () => {
  assertEquals(
    table(["command", "from", "data", "means"]),
    Object.entries(CP_COMMANDS).map(([name, { from, data, help }]) => [
      code(name),
      from,
      data,
      help,
    ]),
  );
  assertEquals(
    table(["code", "from", "text", "means"]),
    Object.entries(CP_CODES).map(([name, { from, text, help }]) => [
      code(name),
      from,
      text,
      help,
    ]),
  );
});

Deno.test("docs/cp.md states every limit", () => {
  assertEquals(
    table(["limit", "value", "what"]).map(([name, value = ""]) => [
      name?.replaceAll("`", ""),
      Number(value.replaceAll(",", "")),
    ]),
    Object.entries(CP_LIMITS),
  );
});

Deno.test("docs/cp.md: every example happens as it stands there", async (t) => {
  const blocks = [
    ...DOCUMENT.matchAll(/^```text cp (server|client)\n([^]*?)^```$/gm),
  ];
  assertEquals(blocks.length, 4);
  for (const { 1: end, 2: script = "", index } of blocks) {
    const line = DOCUMENT.slice(0, index).split("\n").length;
    await t.step(`${end} on line ${line}`, () => {
      play(end === "server" ? serverPlayer() : clientPlayer(), script);
    });
  }
});

Deno.test("docs/cp.md has the headings that the code's comments name", async () => {
  const headings = new Set(
    DOCUMENT.split("\n").filter((line) => line.startsWith("#"))
      .map((line) => line.replace(/^#+ /, "")),
  );
  const folder = new URL("../../lib/wire/cp/", import.meta.url);
  const named: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const source = (await Deno.readTextFile(new URL(name, folder)))
      .replaceAll(/\s*\n \* /g, " ");
    for (const [, list] of source.matchAll(/docs\/cp\.md, ([^)]*)\)/g)) {
      for (const [, heading] of (list ?? "").matchAll(/"([^"]+)"/g)) {
        named.push(heading as string);
      }
    }
  }
  assert(named.length >= 8, `found ${named.length}`);
  assertEquals(named.filter((heading) => !headings.has(heading)), []);
});
