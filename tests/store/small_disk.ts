/**
 * Uses a log on a disk of its own, which it fills up or is forbidden to write:
 *
 *   deno run small_disk.ts full|full_of_people|read_only FOLDER
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import type { Change } from "../../lib/chat/state.ts";
import {
  openAccounts,
  openStore,
  type SqliteStore,
  StoreError,
} from "../../lib/store/mod.ts";

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
async function fillUp(log: SqliteStore, from: number): Promise<number> {
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

async function checkAll(log: SqliteStore, calls: number): Promise<void> {
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

/** A person with a very long name, under each of these handles. */
function people(handles: readonly number[]): Change[] {
  return handles.map((handle) => ({
    type: "put_person",
    person: { handle, name: `${handle} ${"x".repeat(2_000)}`, created: 1 },
  }));
}

/** Saves until the disk is full; answers how many people were acknowledged. */
async function savePeople(store: SqliteStore, from: number): Promise<number> {
  for (let handle = from;; handle += 10) {
    try {
      const handles = Array.from({ length: 10 }, (_, n) => handle + n);
      await store.save(people(handles));
    } catch (error) {
      assert(error instanceof StoreError);
      assertEquals(error.kind, "disk_full", error.message);
      return handle;
    }
  }
}

async function checkPeople(store: SqliteStore, count: number): Promise<void> {
  const { people } = await store.load();
  assertEquals(
    people.map(({ handle }) => handle),
    Array.from({ length: count }, (_, handle) => handle),
  );
}

async function fullOfPeople(folder: string): Promise<void> {
  const data = join(folder, "data");
  const ballast = join(folder, "ballast");
  Deno.writeFileSync(ballast, new Uint8Array(4_000_000));
  const store = await openStore({ folder: data });
  await store.handle();
  let count = await savePeople(store, 0);
  assert(count > 0);
  await checkPeople(store, count);
  // Saves and appends fail alike, in order, and leave nothing behind.
  const many = Array.from({ length: 1_000 }, (_, n) => count + n);
  const failed = await Promise.allSettled([
    store.save(people(many)),
    store.append(drafts("never", 1_000)),
    store.save(people(many)),
  ]);
  assertEquals(failed.map(({ status }) => status), [
    "rejected",
    "rejected",
    "rejected",
  ]);
  await checkPeople(store, count);
  Deno.removeSync(ballast);
  await store.save(people([count++]));
  await store.append(drafts("call 0", 10));
  await checkAll(store, 1);
  count = await savePeople(store, count);
  await checkPeople(store, count);
  await store.close();
  const again = await openStore({ folder: data });
  await checkPeople(again, count);
  await checkAll(again, 1);
  await again.close();
}

async function full(folder: string): Promise<void> {
  const data = join(folder, "data");
  const ballast = join(folder, "ballast");
  Deno.writeFileSync(ballast, new Uint8Array(4_000_000));
  const log = await openStore({ folder: data });
  let calls = await fillUp(log, 0);
  assert(calls > 0);
  for (let again = 0; again < 2; again++) {
    const error = await assertRejects(() => log.check(), StoreError);
    assertEquals(error.kind, "disk_full", error.message);
  }
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
  await log.check();
  await log.append(drafts(`call ${calls++}`, 10));
  await checkAll(log, calls);
  calls = await fillUp(log, calls);
  await log.close();
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(names, ["data"], "the failed backup left something");
  const again = await openStore({ folder: data });
  await checkAll(again, calls);
  await again.close();
}

async function readOnly(folder: string): Promise<void> {
  for (const data of [folder, join(folder, "new")]) {
    const error = await assertRejects(
      () => openStore({ folder: data }),
      StoreError,
    );
    assertEquals(error.kind, "unwritable", error.message);
    const same = assertThrows(() => openAccounts(data), StoreError);
    assertEquals(same.kind, "unwritable", same.message);
  }
}

const [what, folder = ""] = Deno.args;
const cases = { full, full_of_people: fullOfPeople, read_only: readOnly };
await cases[what as keyof typeof cases](folder);
