import { assert, assertEquals, assertRejects } from "@std/assert";
import { startLoadedServer } from "../../../commands/bench_load_server.ts";

Deno.test("a loaded server keeps its key in its folder, and takes that along", async () => {
  const { folder, close } = await startLoadedServer();
  try {
    assert([...Deno.readDirSync(folder)].length > 0);
  } finally {
    await close();
  }
  await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
});

Deno.test("who ends while a loaded server is being closed leaves no folder behind", async () => {
  const { folder, close } = await startLoadedServer();
  const closed = close();
  // As Deno.exit does, at a second Ctrl+C.
  dispatchEvent(new Event("unload"));
  try {
    await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  } finally {
    await closed;
  }
});

Deno.test("who ends behind a loaded server that was closed has nothing to end", async () => {
  const { folder, close } = await startLoadedServer();
  await close();
  await Deno.mkdir(folder);
  dispatchEvent(new Event("unload"));
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});
