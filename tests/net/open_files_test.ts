import { assertEquals } from "@std/assert";
import {
  backlogWithin,
  connectionsThatFit,
  openFilesFor,
  openFilesLimit,
  parseOpenFiles,
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
  assertEquals([backlogWithin(100), connectionsThatFit(100)], [25, 1]);
  assertEquals([backlogWithin(1_024), connectionsThatFit(1_024)], [256, 448]);
  assertEquals(
    [backlogWithin(20_000), connectionsThatFit(20_000)],
    [511, 18_914],
  );
  assertEquals(connectionsThatFit(Infinity), Infinity);
  assertEquals(connectionsThatFit(openFilesFor(11_000)), 11_000);
});
