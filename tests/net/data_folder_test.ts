import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  dataFolder,
  makeDataFolder,
  UserError,
  usualFolder,
} from "../../lib/net/mod.ts";

const on = (os: string, variables: Record<string, string>) => ({
  os,
  variable: (name: string) => variables[name],
});

Deno.test("the data folder follows the XDG base directories", () => {
  const home = { HOME: "/home/a" };
  const linux = (more = {}) =>
    dataFolder(undefined, on("linux", { ...home, ...more }));
  assertEquals(linux(), "/home/a/.local/share/chatp");
  assertEquals(linux({ XDG_DATA_HOME: "/data" }), "/data/chatp");
  assertEquals(linux({ XDG_DATA_HOME: "" }), "/home/a/.local/share/chatp");
  assertEquals(linux({ XDG_DATA_HOME: "here" }), "/home/a/.local/share/chatp");
});

Deno.test("the data folder is where macOS and Windows keep such things", () => {
  assertEquals(
    dataFolder(undefined, on("darwin", { HOME: "/Users/a" })),
    "/Users/a/Library/Application Support/chatp",
  );
  assertEquals(
    dataFolder(undefined, on("windows", { LOCALAPPDATA: "L" })),
    join("L", "chatp"),
  );
});

Deno.test("a chosen data folder is taken as it is", () => {
  assertEquals(dataFolder("here", on("linux", { HOME: "/home/a" })), "here");
});

Deno.test("without a home a data folder has to be chosen", () => {
  const error = assertThrows(
    () => dataFolder(undefined, on("linux", {})),
    UserError,
  );
  assertEquals(error.kind, "data_folder_unusable");
});

Deno.test("the data folder is made for its owner alone", async () => {
  const parent = await Deno.makeTempDir();
  try {
    const folder = join(parent, "a", "chatp");
    await makeDataFolder(folder);
    await makeDataFolder(folder);
    if (Deno.build.os !== "windows") {
      assertEquals(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
    }
    await Deno.writeTextFile(join(parent, "file"), "");
    const error = await assertRejects(
      () => makeDataFolder(join(parent, "file", "chatp")),
      UserError,
    );
    assertEquals(error.kind, "data_folder_unusable");
    const file = join(parent, "file");
    const isFile = await assertRejects(() => makeDataFolder(file), UserError);
    assertEquals(
      isFile.message,
      `The data folder ${file} is a file, not a folder`,
    );
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("people are told where the data folder is on their system", () => {
  assertEquals(
    ["linux", "darwin", "windows"].map(usualFolder),
    [
      "$XDG_DATA_HOME/chatp, or where that is not set ~/.local/share/chatp",
      "$XDG_DATA_HOME/chatp, or where that is not set " +
      "~/Library/Application Support/chatp",
      "$XDG_DATA_HOME/chatp, or where that is not set %LOCALAPPDATA%\\chatp",
    ],
  );
});
