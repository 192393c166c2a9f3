import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { UserError } from "../../lib/net/mod.ts";
import { ReplayBook } from "../../lib/secret/mod.ts";
import { withFolder } from "../store/temporary_folder.ts";

const SERVER = "[::1]:5555";
/** The same server, at the port of another wire. */
const ELSEWHERE = "[::1]:5556";
const HOST = "[::1]";
const id = (number: number) => number.toString(16).padStart(32, "0");

Deno.test("a replay is known in the next run of a client, in its conversation alone", () =>
  withFolder(async (folder) => {
    const before = await ReplayBook.open(join(folder, "chatp"));
    assertEquals(await before.see(SERVER, "Straße", id(1), 41), "new");
    assertEquals(await before.see(SERVER, "STRASSE", id(1), 41), "same");
    assertEquals(await before.see(SERVER, "strasse", id(1), 57), "replayed");
    const next = await ReplayBook.open(join(folder, "chatp"));
    assertEquals(await next.see(SERVER, "strasse", id(1), 57), "replayed");
    assertEquals(await next.see(SERVER, "strasse", id(1), 41), "same");
    assertEquals(await next.see(ELSEWHERE, "strasse", id(1), 57), "replayed");
    assertEquals(next.has(ELSEWHERE, "strasse", id(1)), true);
    assertEquals(next.first(ELSEWHERE, "strasse"), 41);
    assertEquals(next.first(SERVER, "bob"), Infinity);
    assertEquals(await next.see(SERVER, "bob", id(1), 57), "new");
    assertEquals(await next.see("other:1", "strasse", id(1), 57), "new");
    assertEquals(
      await Deno.readTextFile(next.path),
      `${HOST} strasse ${id(1)} 41\n${HOST} bob ${id(1)} 57\n` +
        `other strasse ${id(1)} 57\n`,
    );
    if (Deno.build.os === "windows") return;
    assertEquals(((await Deno.stat(next.path)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("what is seen at an earlier place later is the message from then on", () =>
  withFolder(async (folder) => {
    const before = await ReplayBook.open(folder);
    assertEquals(await before.see(SERVER, "bob", id(1), 57), "new");
    assertEquals(await before.see(SERVER, "bob", id(1), 41), "earlier");
    const next = await ReplayBook.open(folder);
    assertEquals(await next.see(SERVER, "bob", id(1), 57), "replayed");
    assertEquals(await next.see(SERVER, "bob", id(1), 41), "same");
  }));

Deno.test("messages that come at once are all written, in their order", () =>
  withFolder(async (folder) => {
    const book = await ReplayBook.open(folder);
    const places = Array.from({ length: 40 }, (_, index) => index + 1);
    await Promise.all(
      places.map((place) => book.see(SERVER, "bob", id(place), place)),
    );
    const text = places.map((place) => `${HOST} bob ${id(place)} ${place}\n`);
    assertEquals(await Deno.readTextFile(book.path), text.join(""));
  }));

Deno.test("damaged lines are reported and skipped", () =>
  withFolder(async (folder) => {
    const lines = [
      "# mine",
      `${HOST} bob ${id(1).slice(1)} 5`,
      `${HOST} bob ${id(1)} 0`,
      `${HOST} bob ${id(1)} 5 more`,
      `${HOST} bob ${id(1)}`,
      `${HOST} bob ${id(2)} 5`,
    ];
    await Deno.writeTextFile(join(folder, "seen_messages"), lines.join("\n"));
    const damaged: number[] = [];
    const book = await ReplayBook.open(folder, (line) => damaged.push(line));
    assertEquals(await book.see(SERVER, "bob", id(2), 6), "replayed");
    assertEquals(await book.see(SERVER, "bob", id(1), 6), "new");
    assertEquals(damaged, [2, 3, 4, 5]);
  }));

Deno.test("the file is written anew when most of it is forgotten", () =>
  withFolder(async (folder) => {
    const path = join(folder, "seen_messages");
    const lines = Array.from(
      { length: 5_000 },
      (_, index) => `${HOST} bob ${id(index)} ${index + 1}\n`,
    );
    await Deno.writeTextFile(path, lines.join(""));
    const book = await ReplayBook.open(folder, undefined, 8);
    assertEquals(await book.see(SERVER, "bob", id(4_999), 6_000), "replayed");
    const kept = (await Deno.readTextFile(path)).split("\n").slice(0, -1);
    assertEquals(kept.length <= 8, true);
    assertEquals(kept.at(-1), `${HOST} bob ${id(4_999)} 5000`);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), [{
      name: "seen_messages",
      isFile: true,
      isDirectory: false,
      isSymlink: false,
    }]);
  }));

Deno.test("the file is written anew while a client runs, with what another one has seen, which stays news to this one", () =>
  withFolder(async (folder) => {
    const path = join(folder, "seen_messages");
    const lines = Array.from(
      { length: 4_090 },
      (_, index) => `${HOST} bob ${id(index)} ${index + 1}\n`,
    );
    await Deno.writeTextFile(path, lines.join(""));
    const book = await ReplayBook.open(folder, undefined, 8);
    const other = await ReplayBook.open(folder, undefined, 8);
    assertEquals(await other.see(SERVER, "carol", id(7), 70), "new");
    for (let place = 5_001; place < 5_101; place++) {
      assertEquals(await book.see(SERVER, "bob", id(place), place), "new");
    }
    const kept = (await Deno.readTextFile(path)).split("\n").slice(0, -1);
    assertEquals(kept.length < 110, true);
    assertEquals(kept.at(-1), `${HOST} bob ${id(5_100)} 5100`);
    assertEquals(kept.includes(`${HOST} carol ${id(7)} 70`), true);
    assertEquals(await book.see(SERVER, "carol", id(7), 71), "new");
    assertEquals(await book.see(SERVER, "bob", id(5_100), 6_000), "replayed");
    const next = await ReplayBook.open(folder);
    assertEquals(await next.see(SERVER, "carol", id(7), 71), "replayed");
    assertEquals(await next.see(SERVER, "bob", id(5_100), 6_000), "replayed");
  }));

Deno.test("a folder that can't be used is told", () =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assertRejects(() => ReplayBook.open(file), UserError);
    const book = await ReplayBook.open(folder);
    await Deno.mkdir(join(folder, "seen_messages"));
    await assertRejects(() => book.see(SERVER, "bob", id(1), 1), UserError);
  }));
