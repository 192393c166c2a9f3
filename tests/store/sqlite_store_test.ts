import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore, StoreError } from "../../lib/store/mod.ts";
import { migrate, MIGRATIONS, pragma } from "../../lib/store/schema.ts";
import { draft } from "./log_conformance.ts";
import { account, guest, NOTHING, put } from "./state_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

Deno.test("state on disk goes on where it was after a restart, with new handles", async () => {
  await withFolder(async (folder) => {
    let store = await openStore({ folder });
    const [handle = 0, ...more] = await Promise.all(
      [1, 2, 3, 4].map(() => store.handle()),
    );
    assertEquals(more, [handle + 1, handle + 2, handle + 3]);
    await store.append([draft("one", { room: "#tea", person: handle })]);
    await store.save([
      put.person(account(handle, "Ada")),
      put.person(guest(handle + 1)),
      put.room(handle + 2, "public", "#tea"),
      put.member(handle + 2, handle, 1, 1),
      put.session(handle + 3, handle),
      put.rejection(handle + 3, 7),
    ]);
    const before = await store.load();
    assertEquals(before.rooms[0]?.last, 1);
    await store.close();
    store = await openStore({ folder, durability: "none" });
    assertEquals(await store.load(), before);
    assert(await store.handle() > handle + 3);
    assertEquals(await store.accounts(), undefined);
    await store.close();
  });
});

Deno.test("state on disk finishes what was saved before it closes, then refuses", async () => {
  await withFolder(async (folder) => {
    const store = await openStore({ folder });
    const saved = store.save([put.person(guest(1))]);
    const closing = store.close();
    for (
      const late of [
        () => store.save([put.person(guest(2))]),
        () => store.load(),
        () => store.accounts(),
        () => store.handle(),
      ]
    ) {
      const error = await assertRejects(late, StoreError);
      assertEquals(error.kind, "closed");
    }
    await saved;
    await closing;
    const again = await openStore({ folder });
    assertEquals((await again.load()).people, [guest(1)]);
    await again.close();
  });
});

Deno.test("state on disk goes with a backup", async () => {
  await withFolder(async (folder) => {
    const store = await openStore({ folder });
    await store.save([put.person(account(await store.handle(), "Ada"))]);
    Deno.mkdirSync(join(folder, "copy"));
    await store.backup(join(folder, "copy", "log.db"));
    const last = await store.handle();
    await store.close();
    const copy = await openStore({ folder: join(folder, "copy") });
    const { people } = await copy.load();
    assertEquals(people.map(({ name }) => name), ["Ada"]);
    assert(await copy.handle() > last);
    await copy.close();
  });
});

Deno.test("state on disk removes direct rooms of people who are gone once they are empty, in a later run", async () => {
  await withFolder(async (folder) => {
    let store = await openStore({ folder });
    const handles = [];
    for (let n = 0; n < 8; n++) handles.push(await store.handle());
    const [ada = 0, eve = 0, gone = 0, ...five] = handles;
    const [both = 0, empty = 0, said = 0, group = 0, tea = 0] = five;
    const [withGone, other] = [`@${ada},${gone}`, `@${eve},${gone}`];
    const streams = [`@${ada},${eve}`, withGone, other, `&${group}`, "#tea"];
    await store.save([
      put.person(account(ada, "ada")),
      put.person(account(eve, "eve")),
      put.room(both, "direct", `@${ada},${eve}`),
      put.room(empty, "direct", withGone),
      put.room(said, "direct", other),
      put.room(group, "group", `&${group}`),
      put.room(tea, "public", "#tea"),
      put.member(empty, ada),
    ]);
    await store.append(
      streams.map((room) =>
        draft("a", { room, time: room === other ? 30 : 10 })
      ),
    );
    const rooms = async () =>
      (await store.load()).rooms.map(({ handle }) => handle);
    // It may be a guest who is here: nothing is kept of those.
    assertEquals(await store.prune(20), 4);
    assertEquals(await rooms(), five);
    assertEquals((await store.load()).members.length, 1);
    await store.close();
    store = await openStore({ folder });
    assertEquals(await store.prune(20), 0);
    assertEquals(await rooms(), [both, said, group, tea]);
    assertEquals((await store.load()).members, []);
    assertEquals(await store.prune(31), 1);
    assertEquals(await rooms(), [both, group, tea]);
    for (const room of [`@${ada},${eve}`, `&${group}`, "#tea"]) {
      const [stored] = await store.append([draft("b", { room })]);
      assertEquals(stored?.sequence, 2, room);
    }
    await store.close();
  });
});

Deno.test("state on disk removes streams of direct rooms that nobody can use any more, and no other", async () => {
  await withFolder(async (folder) => {
    const streams = () => {
      const database = new DatabaseSync(join(folder, "log.db"), {
        readOnly: true,
      });
      const rows = database.prepare("SELECT key FROM room ORDER BY key").all();
      database.close();
      return rows.map(({ key }) => key);
    };
    const old = Array.from({ length: 2_500 }, (_, n) => `@${n},9000`);
    const all = ["#a", "&7", "A", "@1,2", "@5,6", ...old, "@9,9"];
    let store = await openStore({ folder });
    await store.save([
      put.person(guest(1)),
      put.person(guest(2)),
      put.room(3, "direct", "@1,2"),
    ]);
    await store.append(all.map((room) => draft("old", { room, time: 1 })));
    await store.append([draft("new", { room: "@5,6", time: 9 })]);
    // This run may still know a sequence of theirs.
    assertEquals(await store.prune(5), all.length);
    assertEquals(streams(), all.toSorted());
    await store.close();
    store = await openStore({ folder });
    await store.append(
      ["@7,8", "@0,9000"].map((room) => draft("new", { room, time: 2 })),
    );
    assertEquals(await store.prune(5), 2);
    const rooms = ["#a", "&7", "@1,2", "@5,6", "@7,8", "@9,9", "A"];
    assertEquals(streams(), rooms);
    rooms.push("@0,9000");
    const stored = await store.append(
      rooms.map((room) => draft("x", { room })),
    );
    assertEquals(
      stored.map(({ sequence }) => sequence),
      [2, 2, 2, 3, 2, 2, 2, 1],
    );
    assertEquals((await store.page("@0,9000", { limit: 9 })).length, 1);
    await store.close();
  });
});

/** A file of version 1, with what it could hold. */
const VERSION_1 = `
  INSERT INTO room VALUES (1, '#general', 3), (2, '@1790000000000,1,2', 1);
  INSERT INTO message VALUES
    (2, 1, 2, 'ada', 7, 'old needle', 's', 0),
    (3, 1, 3, 'ada', 8, x'00ff', NULL, NULL),
    (4, 2, 1, 'eve', 8, 'private', NULL, NULL);
  INSERT INTO word (rowid, room, text) VALUES (2, '1', 'OLD NEEDLE');
  UPDATE counter SET last_id = 4;
`;

for (const version of [1, 2]) {
  Deno.test(`state on disk begins in a file of version ${version}, whose messages stay as they are`, async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "log.db");
      const old = new DatabaseSync(file);
      migrate(old, file, MIGRATIONS.slice(0, 1));
      old.exec(VERSION_1);
      migrate(old, file, MIGRATIONS.slice(0, version));
      assertEquals(pragma(old, "user_version"), version);
      old.close();
      const store = await openStore({ folder });
      assertEquals(await store.load(), NOTHING);
      const place = { room: "#general", sender: "ada" };
      assertEquals(await store.page("#general", { limit: 9 }), [
        {
          ...place,
          id: 2,
          sequence: 2,
          time: 7,
          text: "old needle",
          session: "s",
          ref: 0,
        },
        {
          ...place,
          id: 3,
          sequence: 3,
          time: 8,
          text: new Uint8Array([0, 255]),
        },
      ]);
      const direct = await store.page("@1790000000000,1,2", { limit: 9 });
      assertEquals(direct.map(({ text }) => text), ["private"]);
      assertEquals(
        await store.append([draft("new needle", { person: 1 })]),
        [{ id: 5, sequence: 4 }],
      );
      const needles = await store.search(["#general"], "needle", { limit: 9 });
      assertEquals(needles.map(({ id, person }) => [id, person]), [
        [2, undefined],
        [5, 1],
      ]);
      assertEquals(await store.handle(), 1);
      await store.save([put.person(account(1, "Ada"))]);
      assertEquals((await store.load()).people, [account(1, "Ada")]);
      await store.close();
      const database = new DatabaseSync(file, { readOnly: true });
      assertEquals(pragma(database, "user_version"), MIGRATIONS.length);
      database.close();
    });
  });
}
