import { assert, assertEquals } from "@std/assert";
import {
  COLUMNS,
  FORMATS,
  VARIANTS,
  WORKLOAD_BOUNDS,
} from "../../lib/bench/mod.ts";
import {
  LOAD_BOUNDS,
  LOAD_COLUMNS,
  LOAD_FORMATS,
  type LoadBound,
  VERDICT_RULES,
} from "../../lib/bench/load/mod.ts";
import { LINES } from "../../lib/bench/corpus.ts";

const docs = await Deno.readTextFile(
  new URL("../../docs/bench.md", import.meta.url),
);

Deno.test("docs/bench.md defines each column as the reports have it", () => {
  const rows = docs.split("\n").filter((line) => /^\| `\w+` +\|/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assertEquals(
    rows,
    [...COLUMNS, ...LOAD_COLUMNS].map((
      { name, title, meaning },
    ) => [`\`${name}\``, title, meaning]),
  );
});

Deno.test("docs/bench.md names the wires, the formats and what is the default", () => {
  for (const { wire } of VARIANTS) assert(docs.includes(`\`${wire}\``), wire);
  for (const format of Object.keys(FORMATS)) {
    assert(docs.includes(`\`${format}\``), format);
  }
  const { users, messages } = WORKLOAD_BOUNDS;
  assert(docs.includes(`${users.least} to ${users.most}, else ${users.value}`));
  assert(docs.includes(`1 to 100,000, else ${messages.value}`));
  assert(docs.includes(`${LINES.length} of\nthem`));
});

Deno.test("docs/bench.md has the options of a load with their bounds and defaults", () => {
  const number = (each: number) => each.toLocaleString("en");
  for (const name of Object.keys(LOAD_BOUNDS) as LoadBound[]) {
    const { least, most, value } = LOAD_BOUNDS[name];
    const row = docs.split("\n").find((line) =>
      line.startsWith(`| \`--${name} `)
    );
    assert(
      row?.includes(`: ${number(least)} to ${number(most)}, else ${value} `),
      name,
    );
  }
  assertEquals(Object.keys(LOAD_FORMATS), Object.keys(FORMATS));
});

Deno.test("docs/bench.md has the rules by which a bottleneck is told, in their order", () => {
  const [, section = ""] = docs.split("## Which side was the bottleneck");
  const items = section.split(/\n(?=\d+\. |\n)/)
    .filter((each) => /^\d+\. /.test(each))
    .map((each) => each.replaceAll(/\s+/g, " "));
  assertEquals(
    items.slice(0, VERDICT_RULES.length),
    VERDICT_RULES.map(({ when }, index) => `${index + 1}. ${when}`),
  );
  for (const { side, when } of VERDICT_RULES) {
    assert(when.includes(`**${side}**`), when);
  }
});
