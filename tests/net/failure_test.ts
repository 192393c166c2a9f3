import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type FailureKind,
  FAILURES,
  fileErrorMessage,
  UserError,
} from "../../lib/net/mod.ts";

Deno.test("docs/errors.md states every failure, its status, meaning and advice", async () => {
  const text = await Deno.readTextFile(
    new URL("../../docs/errors.md", import.meta.url),
  );
  const rows = text.split("\n").filter((line) => line.startsWith("| `")).map(
    (line) => line.split("|").slice(1, -1).map((cell) => cell.trim()),
  );
  assertEquals(
    rows,
    Object.entries(FAILURES).map(([kind, { status, title, advice }]) => [
      `\`${kind}\``,
      String(status),
      title,
      advice,
    ]),
  );
});

Deno.test("every failure of a client has an exit status of its own", () => {
  const statuses = Object.values(FAILURES).map(({ status }) => status)
    .filter((status) => status >= 10);
  assertEquals(new Set(statuses).size, statuses.length);
  assert(statuses.every((status) => status < 126), "the shell's own statuses");
});

Deno.test("advice is one sentence without a full stop", () => {
  for (const { advice, title } of Object.values(FAILURES)) {
    assertMatch(advice, /^[A-Z][^\n]*[^.\n]$/);
    assertMatch(title, /^[^\n]+[^.\n]$/);
  }
});

Deno.test("a failure takes its status and advice from the table unless more is known", () => {
  const kind: FailureKind = "refused";
  const plain = new UserError(kind, "127.0.0.1:1 refused the connection");
  assertEquals(plain.status, 11);
  assertEquals(plain.advice, FAILURES.refused.advice);
  const exact = new UserError(kind, "No", { advice: "Try port 2", cause: 7 });
  assertEquals([exact.advice, exact.cause], ["Try port 2", 7]);
});

Deno.test("what a full disk caused is told to make room there", () => {
  const cause = Object.assign(new Error("No space left"), { code: "ENOSPC" });
  const full = new UserError("data_folder_unusable", "No", { cause });
  assertEquals(full.advice, "Make room on that disk, then try again");
  const exact = new UserError("file_unwritable", "No", { advice: "Go", cause });
  assertEquals(exact.advice, "Go");
});

Deno.test("a file's error is told without the system call", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const error = await Deno.readTextFile(`${folder}/nothing`).catch((e) => e);
    assertEquals(fileErrorMessage(error), "No such file or directory");
  } finally {
    await Deno.remove(folder);
  }
});
