import { assertEquals } from "@std/assert";
import {
  BASIC,
  COMMANDS,
  commandsOn,
  CP,
  FULL,
  JSON_EVENTS,
  KEYS,
  MARKS,
  UDPCHAT,
  usage,
} from "../../lib/client/mod.ts";
import { CONNECT_FAILURES } from "../../commands/connect.ts";
import { exitStatuses } from "../../commands/report.ts";

/** The cells of the table under a heading row that begins with `first`. */
async function table(first: string): Promise<string[][]> {
  const text = await Deno.readTextFile(
    new URL("../../docs/connect.md", import.meta.url),
  );
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${first} `));
  const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
  return lines.slice(start + 2, start + length).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

const code = (words: readonly string[]) =>
  words.map((word) => `\`${word}\``).join(" ");

Deno.test("docs/connect.md states every command, its aliases and its help", async () => {
  assertEquals(
    await table("command"),
    (Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]).map((name) => [
      code([usage(name)]),
      code(COMMANDS[name].aliases.map((alias) => `/${alias}`)),
      COMMANDS[name].help,
    ]),
  );
});

Deno.test("docs/connect.md states which commands each wire has", async () => {
  const everywhere = ["login", "help", "quit"];
  const rows = [
    ["ChatProto 1.0, JSON lines", BASIC],
    ["`udpchat://`", UDPCHAT],
    ["CP", CP],
  ] as const;
  assertEquals<readonly string[]>(commandsOn(FULL), Object.keys(COMMANDS));
  assertEquals(await table("wire"), [
    ["ChatProto 2", "all"],
    ...rows.map(([wire, abilities]) => [
      wire,
      code(
        commandsOn(abilities).filter((name) => !everywhere.includes(name))
          .map((name) => `/${name}`),
      ),
    ]),
  ]);
});

Deno.test("docs/connect.md states every key and what it does", async () => {
  assertEquals(
    await table("keys"),
    Object.values(KEYS).map(({ keys, help }) => [code(keys), help]),
  );
});

Deno.test("docs/connect.md states every mark and its meaning", async () => {
  const { none: _, ...marks } = MARKS;
  assertEquals(
    await table("mark"),
    Object.values(marks).map(({ sign, help }) => [code([sign]), help]),
  );
});

Deno.test("docs/connect.md states every JSON event and its fields", async () => {
  assertEquals(
    await table("type"),
    Object.entries(JSON_EVENTS).map(([type, { fields, help }]) => [
      code([type]),
      code(fields),
      help,
    ]),
  );
});

Deno.test("docs/connect.md states every exit status as --help does", async () => {
  assertEquals(
    await table("status"),
    exitStatuses(CONNECT_FAILURES).split("\n").map((line) => {
      const [, status = "", meaning = ""] = /^ *(\d+) {2}(.*)$/.exec(line) ??
        [];
      return [status, meaning];
    }),
  );
});
