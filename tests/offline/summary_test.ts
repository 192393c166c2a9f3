import { assertEquals } from "@std/assert";
import { readSummary, summaryLines } from "../../.ci/summary.ts";

Deno.test("the summary of deno test becomes one plain line", () => {
  const cases: [line: string, code: number, expected: string][] = [
    ["ok | 12 passed | 0 failed (5ms)", 0, "12 passed, 0 failed"],
    [
      "ok | 3 passed (4 steps) | 0 failed | 2 ignored (1s)",
      0,
      "2 skipped, each with the reason in its name\n3 passed, 0 failed",
    ],
    [
      "FAILED | 1 passed | 2 failed (3 steps) | 1 ignored (9ms)",
      1,
      "1 skipped, each with the reason in its name\n1 passed, 2 failed",
    ],
    [
      "\x1b[0m\x1b[32mok\x1b[0m | 1 passed | 0 failed \x1b[0m(1ms)\x1b[0m",
      0,
      "1 passed, 0 failed",
    ],
    [
      "ok | 3 passed | 0 failed | 0 measured | 2 filtered out (1ms)",
      0,
      "3 passed, 0 failed",
    ],
    ["ok | 0 passed | 0 failed (0ms)", 1, "0 passed, 1 failed"],
  ];
  for (const [line, code, expected] of cases) {
    assertEquals(summaryLines(readSummary(line), code), expected, line);
  }
});

Deno.test("a run that ends before its first test counts as one failure", () => {
  assertEquals(readSummary("error: Type checking failed."), undefined);
  assertEquals(summaryLines(undefined, 1), "0 passed, 1 failed");
});
