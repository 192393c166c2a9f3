import { assertEquals, assertThrows } from "@std/assert";
import {
  backlogWithin,
  connectionsThatFit,
  openFilesFor,
  openFilesLimit,
  parseOpenFiles,
  UserError,
} from "../../lib/net/mod.ts";

/** Of /proc/PID/limits. */
const LIMITS = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units
Max processes             7000                 7000                 processes
Max open files            ${soft.padEnd(21)}1048576              files
`;

Deno.test("how many files may be open is the soft limit, and unknown where it is not a number", () => {
  assertEquals(parseOpenFiles(LIMITS("20000")), 20_000);
  assertEquals(parseOpenFiles(LIMITS("unlimited")), Infinity);
  assertEquals(parseOpenFiles(""), Infinity);
});

Deno.test("this process has a limit on Linux", () => {
  assertEquals(openFilesLimit() < Infinity, Deno.build.os === "linux");
});

Deno.test("what waits to be accepted fits on top of all connections, twice", () => {
  assertEquals([backlogWithin(129), connectionsThatFit(129)], [32, 1]);
  assertEquals([backlogWithin(1_024), connectionsThatFit(1_024)], [256, 448]);
  assertEquals(
    [backlogWithin(20_000), connectionsThatFit(20_000)],
    [511, 18_914],
  );
  assertEquals(connectionsThatFit(Infinity), Infinity);
  assertEquals(connectionsThatFit(openFilesFor(11_000)), 11_000);
});

Deno.test("where not even one connection fits, that is told with what is needed", () => {
  for (const openFiles of [0, 40, 128]) {
    const error = assertThrows(() => connectionsThatFit(openFiles), UserError);
    assertEquals([error.kind, error.message], [
      "too_few_files",
      `At most ${openFiles} files may be open, and a server needs 129`,
    ]);
  }
});
