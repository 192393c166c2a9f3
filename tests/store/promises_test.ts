import { assert } from "@std/assert";

Deno.test("docs/storage.md names a test that exists for each promise", async () => {
  const here = new URL(".", import.meta.url);
  let source = "";
  for await (const { name } of Deno.readDir(here)) {
    if (name !== "promises_test.ts" && name.endsWith(".ts")) {
      source += await Deno.readTextFile(new URL(name, here));
    }
  }
  const docs = await Deno.readTextFile(
    new URL("../../docs/storage.md", import.meta.url),
  );
  const promises = docs.split("\n").flatMap((line) => {
    const [, name] = /^ {3,4}- `(.*)`$/.exec(line) ?? [];
    return name === undefined ? [] : [name];
  });
  assert(promises.length > 15, `found only ${promises.length}`);
  for (const name of promises) {
    assert(source.includes(name), `no test is called "${name}"`);
  }
});
