/**
 * `deno task ok`: everything that must hold before a change goes in, step by
 * step; the first step that fails ends it with that step's exit status.
 */
import { deno, existing, packages } from "./deno.ts";

const CODE = ["main.ts", "lib", "commands", "tests", "tools"];
// The stand-ins are checked with their own imports, also where JSR answers.
const STAND_INS = ["--import-map=offline/import_map.json", "offline", ".ci"];

const map = await packages();
const steps: [heading: string, args: string[]][] = [
  ["Format", ["fmt", "--check"]],
  ["Lint", ["lint"]],
  ["Types", ["check", map, ...existing(...CODE)]],
  ["Types of the stand-ins", ["check", ...STAND_INS]],
  ["Tests", ["run", "--allow-all", "--no-lock", ".ci/test.ts"]],
  ["Examples", [
    "test",
    "--allow-all",
    "--doc",
    "--permit-no-files",
    map,
    ...existing("lib", "docs", "README.md"),
  ]],
];

for (const [heading, args] of steps) {
  console.log(`\n== ${heading}`);
  const code = await deno(...args);
  if (code !== 0) {
    console.error(`\n${heading} failed: deno ${args.join(" ")}`);
    Deno.exit(code);
  }
}
console.log("\nEverything holds.");
