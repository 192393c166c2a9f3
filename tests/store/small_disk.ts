/**
 * Uses a log on a disk of its own, which it fills up or is forbidden to write:
 *
 *   deno run small_disk.ts full|read_only FOLDER
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { openLog, type SqliteLog, StoreError } from "../../lib/store/mod.ts";

const room = "#general";

function drafts(text: string, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    room,
    sender: "ada",
    text: `${text} ${index} ${"x".repeat(2_000)}`,
    time: 1,
  }));
}

/** Appends until the disk is full; answers how many calls were acknowledged. */
async function fillUp(log: SqliteLog, from: number): Promise<number> {
  for (let call = from;; call++) {
    try {
      await log.append(drafts(`call ${call}`, 10));
    } catch (error) {
      assert(error instanceof StoreError);
      assertEquals(error.kind, "disk_full", error.message);
      return call;
    }
  }
}

async function checkAll(log: SqliteLog, calls: number): Promise<void> {
  const messages = await log.page(room, { limit: 1e9 });
  assertEquals(messages.length, calls * 10);
  messages.forEach(({ text, sequence, id }, index) => {
    assertEquals([sequence, id], [index + 1, index + 1]);
    assert(
      String(text).startsWith(`call ${Math.floor(index / 10)} ${index % 10} `),
    );
  });
  // Also when the disk has no room for the index of words.
  assertEquals(await log.search([room], "call", { limit: 1e9 }), messages);
}

async function full(folder: string): Promise<void> {
  const data = join(folder, "data");
  const ballast = join(folder, "ballast");
  Deno.writeFileSync(ballast, new Uint8Array(4_000_000));
  const log = await openLog({ folder: data });
  let calls = await fillUp(log, 0);
  assert(calls > 0);
  await checkAll(log, calls);
  // Several at once fail alike, in order, and leave nothing behind.
  const failed = await Promise.allSettled(
    [1, 2, 3].map((n) => log.append(drafts(`never ${n}`, 1_000))),
  );
  assertEquals(failed.map(({ status }) => status), [
    "rejected",
    "rejected",
    "rejected",
  ]);
  await checkAll(log, calls);
  await assertRejects(() => log.backup(join(folder, "copy.db")), StoreError);
  Deno.removeSync(ballast);
  await log.append(drafts(`call ${calls++}`, 10));
  await checkAll(log, calls);
  calls = await fillUp(log, calls);
  await log.close();
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(names, ["data"], "the failed backup left something");
  const again = await openLog({ folder: data });
  await checkAll(again, calls);
  await again.close();
}

async function readOnly(folder: string): Promise<void> {
  for (const data of [folder, join(folder, "new")]) {
    const error = await assertRejects(
      () => openLog({ folder: data }),
      StoreError,
    );
    assertEquals(error.kind, "unwritable", error.message);
  }
}

const [what, folder = ""] = Deno.args;
await (what === "full" ? full(folder) : readOnly(folder));
