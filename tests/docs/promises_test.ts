import { readdir } from "node:fs/promises";
import { assert } from "@std/assert";

/** Each page of promises, and how many it has at least. */
const PAGES: readonly [page: string, least: number][] = [
  ["docs/storage.md", 20],
  ["docs/chat.md", 40],
];

const root = new URL("../../", import.meta.url);

/** The text of every test there is, but this one. */
async function tests(): Promise<string> {
  const names = await readdir(new URL("tests", root), { recursive: true });
  let source = "";
  for (const name of names) {
    if (!name.endsWith(".ts") || name.endsWith("promises_test.ts")) continue;
    source += await Deno.readTextFile(new URL(`tests/${name}`, root));
  }
  return source;
}

Deno.test("each promise in the docs names a test that exists", async () => {
  const source = await tests();
  for (const [page, least] of PAGES) {
    const docs = await Deno.readTextFile(new URL(page, root));
    const promises = docs.split("\n").flatMap((line) => {
      const [, name] = /^ {3,4}- `(.*)`$/.exec(line) ?? [];
      return name === undefined ? [] : [name];
    });
    assert(promises.length >= least, `${page}: found ${promises.length}`);
    for (const name of promises) {
      assert(source.includes(name), `${page}: no test is called "${name}"`);
    }
  }
});
