import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type AccountFile,
  openAccounts,
  openStore,
  StoreError,
  type StoreErrorKind,
} from "../../lib/store/mod.ts";
import { MIGRATIONS, pragma } from "../../lib/store/schema.ts";
import { parseUsername } from "../../lib/wire/mod.ts";
import { childArgs } from "./child.ts";
import { draft } from "./log_conformance.ts";
import { guest, KEY, move, put, VERIFIER } from "./state_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

const OTHER = { ...VERIFIER, rounds: 1 };
const [ADA, EVE] = [parseUsername("Ada"), parseUsername("eve")];

function assertFails(kind: StoreErrorKind, work: () => unknown): StoreError {
  const error = assertThrows(work, StoreError);
  assertEquals(error.kind, kind, error.message);
  assert(error.advice.length > 0);
  return error;
}

/** Does something with the accounts of a folder and lets go of them. */
function using<Result>(
  folder: string,
  work: (accounts: AccountFile) => Result,
): Result {
  const accounts = openAccounts(folder);
  try {
    return work(accounts);
  } finally {
    accounts.close();
  }
}

const names = (folder: string) =>
  using(folder, (accounts) => accounts.list().map(({ name }) => name));

Deno.test("account file is made as a server makes it, and a server goes on with it", async () => {
  await withFolder(async (parent) => {
    const folder = join(parent, "deep", "data");
    using(folder, (accounts) => {
      assertEquals(accounts.list(), []);
      accounts.add(parseUsername("Ōe"), VERIFIER, 1_790_000_000_000);
      accounts.add(EVE, OTHER, 2);
      accounts.add(ADA, VERIFIER, 3);
      assertEquals(accounts.list(), [
        { handle: 3, name: "Ada", created: 3, verifier: VERIFIER },
        { handle: 2, name: "eve", created: 2, verifier: OTHER },
        {
          handle: 1,
          name: "Ōe",
          created: 1_790_000_000_000,
          verifier: VERIFIER,
        },
      ]);
    });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "log.db",
      "log.lock",
    ]);
    if (Deno.build.os !== "windows") {
      const mode = (name: string) =>
        (Deno.statSync(join(folder, name)).mode ?? 0) & 0o777;
      assertEquals(mode("."), 0o700);
      assertEquals(mode("log.db"), 0o600);
    }
    const store = await openStore({ folder });
    assertEquals((await store.load()).people.length, 3);
    assertEquals(await store.accounts(), undefined);
    await store.save([put.person(guest(await store.handle()))]);
    assertEquals((await store.load()).people[3]?.handle, 4);
    await store.close();
    assertEquals(names(folder), ["Ada", "eve", "Ōe"]);
  });
});

Deno.test("account file has no two accounts of one name, and changes none that isn't there", async () => {
  await withFolder((folder) => {
    using(folder, (accounts) => {
      accounts.add(parseUsername("Straße"), VERIFIER, 1);
      const twice = assertFails(
        "name_taken",
        () => accounts.add(parseUsername("STRASSE"), VERIFIER, 1),
      );
      assert(twice.message.includes("STRASSE"));
      for (
        const work of [
          () => accounts.remove(ADA),
          () => accounts.setVerifier(ADA, OTHER),
        ]
      ) {
        const { message } = assertFails("no_account", work);
        assert(message.includes("Ada") && !message.includes("254"), message);
      }
      assertEquals(accounts.list().length, 1);
      accounts.setVerifier(parseUsername("STRASSE"), OTHER);
      assertEquals(accounts.list(), [
        { handle: 1, name: "Straße", created: 1, verifier: OTHER },
      ]);
      // Not even for a program that doesn't look first.
      const database = new DatabaseSync(join(folder, "log.db"));
      const copy = "INSERT INTO person SELECT handle + 1, name, key, " +
        "created, rounds, salt, hash FROM person";
      assertThrows(() => database.exec(copy), Error, "UNIQUE");
      database.close();
      accounts.remove(parseUsername("strasse"));
      accounts.add(parseUsername("STRASSE"), VERIFIER, 2);
      // Nobody is given the handle of somebody who is gone.
      assertEquals(accounts.list().map(({ handle }) => handle), [2]);
      accounts.close();
      assertFails("closed", () => accounts.list());
    });
    return Promise.resolve();
  });
});

Deno.test("account file ends the sessions of whoever gets another password, and nobody else's", async () => {
  await withFolder(async (folder) => {
    const accounts = openAccounts(folder);
    accounts.add(ADA, VERIFIER, 1);
    accounts.add(EVE, VERIFIER, 1);
    // Whoever looks at accounts keeps no server from starting.
    const store = await openStore({ folder });
    await store.save([
      put.key(1, KEY),
      put.session(11, 1),
      put.session(12, 1),
      put.session(13, 2),
      put.rejection(11, 0),
      put.rejection(13, 0),
      put.room(14, "group", "&14"),
      put.member(14, 1, 3, 2),
    ]);
    accounts.setVerifier(ADA, OTHER);
    const { people, keys, sessions, rejections, members } = await store
      .load();
    assertEquals(people[0]?.verifier, OTHER);
    assertEquals(keys, [{ person: 1, key: KEY }]);
    assertEquals(sessions.map(({ handle }) => handle), [13]);
    assertEquals(rejections.map(({ session }) => session), [13]);
    assertEquals(members, [{ room: 14, person: 1, received: 3, read: 2 }]);
    accounts.close();
    await store.close();
  });
});

Deno.test("account file removes an account with its sessions, memberships and rooms of nobody else", async () => {
  await withFolder(async (folder) => {
    using(folder, (accounts) => {
      accounts.add(ADA, VERIFIER, 1);
      accounts.add(EVE, VERIFIER, 1);
    });
    const store = await openStore({ folder });
    await store.append([draft("kept", { room: "&11", person: 1 })]);
    await store.save([
      put.room(11, "group", "&11"),
      put.room(12, "public", "#a"),
      put.room(13, "group", "&13"),
      put.room(14, "direct", "@1,2"),
      put.room(15, "direct", "@1,99"),
      put.room(16, "group", "&16"),
      ...[11, 12, 13, 14, 15].map((room) => put.member(room, 1)),
      ...[13, 14].map((room) => put.member(room, 2)),
      put.session(17, 1),
      put.rejection(17, 0),
      put.key(1, KEY),
      put.key(2, KEY),
    ]);
    using(folder, (accounts) => accounts.remove(parseUsername("ADA")));
    const { people, keys, rooms, members, sessions, rejections } = await store
      .load();
    assertEquals(people.map(({ name }) => name), ["eve"]);
    assertEquals(keys, [{ person: 2, key: KEY }]);
    // Nobody was a member of 16 before, so somebody is about to be.
    assertEquals(rooms.map(({ handle }) => handle), [13, 14, 15, 16]);
    assertEquals(members.map(({ room }) => room), [13, 14]);
    assertEquals([...sessions, ...rejections], []);
    assertEquals((await store.page("&11", { limit: 9 })).length, 1);
    await store.close();
  });
});

Deno.test("account file tells a running server once that another process changed an account", async () => {
  await withFolder(async (folder) => {
    const store = await openStore({ folder });
    const add = async (...names: string[]) => {
      const { success } = await new Deno.Command(Deno.execPath(), {
        args: await childArgs("account_adder.ts", folder, ...names),
        stdout: "null",
      }).output();
      assert(success);
    };
    // What was there before it was loaded is no news.
    await add("early");
    assertEquals((await store.load()).people.length, 1);
    assertEquals(await store.accounts(), undefined);
    await add("ada", "eve");
    await store.save([put.person(guest(await store.handle()))]);
    await store.append([draft("meanwhile")]);
    const accounts = await store.accounts();
    assertEquals(accounts?.map(({ name }) => name), ["ada", "early", "eve"]);
    assertEquals(await store.accounts(), undefined);
    await store.save([move(1, 1, 1, 1)]);
    await store.backup(join(folder, "copy"));
    using(folder, (accounts) => accounts.list());
    assertEquals(await store.accounts(), undefined);
    using(folder, (accounts) => accounts.remove(ADA));
    assertEquals((await store.accounts())?.length, 2);
    assertEquals(await store.accounts(), undefined);
    await store.close();
  });
});

Deno.test("account file and a busy server wait for each other and share the handles", async () => {
  await withFolder(async (folder) => {
    const store = await openStore({ folder });
    const child = new Deno.Command(Deno.execPath(), {
      args: await childArgs(
        "account_adder.ts",
        folder,
        ...Array.from({ length: 40 }, (_, n) => `user${n}`),
      ),
      stdout: "null",
    }).spawn();
    let running = true;
    const status = child.status.finally(() => running = false);
    let said = 0;
    const handles = new Set<number>();
    await Promise.all(Array.from({ length: 50 }, async () => {
      while (running) {
        // Faster than one at a time, so that blocks are used up.
        const own = await Promise.all(
          Array.from({ length: 20 }, () => store.handle()),
        );
        for (const handle of own) {
          assert(!handles.has(handle));
          handles.add(handle);
        }
        await Promise.all([
          store.append([draft("busy")]),
          store.save([put.person(guest(own[0] as number))]),
        ]);
        said++;
      }
    }));
    assert((await status).success);
    assert(said > 0);
    assertEquals(await store.last("#general"), said);
    const accounts = await store.accounts();
    assertEquals(accounts?.length, 40);
    for (const { handle } of accounts ?? []) assert(!handles.has(handle));
    await store.close();
  });
});

Deno.test("account file brings an older one to the newest version, unless a server of that version runs", async () => {
  await withFolder((folder) => {
    const file = join(folder, "log.db");
    const version = (change?: number) => {
      const database = new DatabaseSync(file);
      if (change !== undefined) {
        database.exec(`PRAGMA user_version = ${change}`);
      }
      const found = pragma(database, "user_version");
      database.close();
      return found;
    };
    assertEquals(names(folder), []);
    const newest = MIGRATIONS.length;
    const lock = new DatabaseSync(join(folder, "log.lock"));
    lock.exec("BEGIN EXCLUSIVE");
    version(newest - 1);
    const older = assertFails("other_version", () => names(folder));
    assert(older.message.includes(`version ${newest - 1}`), older.message);
    assert(older.advice.includes("same version"), older.advice);
    version(newest + 1);
    assertFails("newer", () => names(folder));
    assertEquals(version(newest), newest);
    assertEquals(names(folder), []);
    lock.close();
    version(newest + 1);
    assertFails("newer", () => names(folder));
    assertEquals(version(), newest + 1);
    return Promise.resolve();
  });
});

Deno.test("account file says what is wrong with folder and file", async () => {
  await withFolder((parent) => {
    const folder = join(parent, "none");
    const open = () => openAccounts(folder, { create: false });
    assertFails("not_found", open);
    assertThrows(() => Deno.statSync(folder), Deno.errors.NotFound);
    Deno.mkdirSync(folder);
    assertFails("not_found", open);
    const file = join(folder, "log.db");
    Deno.writeTextFileSync(file, "no database at all, but some text".repeat(9));
    const { message } = assertFails("damaged", open);
    assert(message.includes(file), message);
    Deno.removeSync(folder, { recursive: true });
    Deno.writeTextFileSync(folder, "");
    assertFails("unwritable", () => openAccounts(folder));
    return Promise.resolve();
  });
});
