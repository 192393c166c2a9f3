/** Files of lines that several programs append to. */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { LineFile, UserError } from "../../lib/net/mod.ts";
import { withFolder } from "../store/temporary_folder.ts";

/** What a file has, and what it has when `line` was appended. */
const APPENDED: readonly (readonly [string | undefined, string])[] = [
  [undefined, "line\n"],
  ["", "line\n"],
  ["\n", "\nline\n"],
  ["one\n", "one\nline\n"],
  ["one\r\n", "one\r\nline\n"],
  ["one", "one\nline\n"],
  ["one \u{1f600}", "one \u{1f600}\nline\n"],
];

Deno.test("a line is appended as one of its own, whatever the file ends with", () =>
  withFolder(async (folder) => {
    for (const [index, [before, after]] of APPENDED.entries()) {
      const file = new LineFile(folder, `file${index}`);
      if (before !== undefined) await Deno.writeTextFile(file.path, before);
      await file.append("line");
      assertEquals(await file.read(), after);
    }
  }));

Deno.test("to append a line, nothing is read but how the file ends", () =>
  withFolder(async (folder) => {
    const file = new LineFile(folder, "large");
    await Deno.writeTextFile(file.path, "");
    // A string can't be that long.
    await Deno.truncate(file.path, 600_000_000);
    await file.append("one");
    await file.append("two");
    assertEquals((await Deno.stat(file.path)).size, 600_000_009);
  }));

Deno.test("what can't be appended to is told", () =>
  withFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.mkdir(path);
    const error = await assertRejects(
      () => new LineFile(folder, "file").append("line"),
      UserError,
    );
    assertEquals(error.kind, "data_folder_unusable");
    assertEquals(error.message.startsWith(`Cannot read ${path}: `), true);
  }));
