import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  backupLog,
  openStore,
  StoreError,
  type StoreErrorKind,
} from "../../lib/store/mod.ts";
import { migrate, MIGRATIONS, pragma } from "../../lib/store/schema.ts";
import { draft } from "./log_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

async function assertFails(
  kind: StoreErrorKind,
  work: () => Promise<unknown>,
): Promise<StoreError> {
  const error = await assertRejects(work, StoreError);
  assertEquals(error.kind, kind, error.message);
  assert(error.advice.length > 0);
  return error;
}

/** A folder with a log of so many messages, closed. */
async function withLogFolder(
  count: number,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (parent) => {
    const folder = join(parent, "data");
    const log = await openStore({ folder });
    await log.append(
      Array.from({ length: count }, (_, index) => draft(`message ${index}`)),
    );
    await log.close();
    await test(folder);
  });
}

Deno.test("log on disk goes on where it was after a restart, also with repeated refs", async () => {
  await withFolder(async (folder) => {
    const said = draft("said", { session: "s", ref: 1 });
    let log = await openStore({ folder });
    await log.append([said, draft("gone", { room: "#other" })]);
    assertEquals(await log.prune(Infinity), 2);
    await log.append([said]);
    await log.close();
    log = await openStore({ folder, durability: "none" });
    assertEquals(
      await log.append([said, draft("b"), draft("c", { room: "#other" })]),
      [
        { id: 3, sequence: 2, repeated: { room: "#general", time: 1_000 } },
        { id: 4, sequence: 3 },
        { id: 5, sequence: 2 },
      ],
    );
    await log.close();
  });
});

Deno.test("log on disk writes the appends of others when one can't be written", async () => {
  await withFolder(async (folder) => {
    const log = await openStore({ folder });
    const settled: number[] = [];
    const outcomes = await Promise.allSettled(
      [
        [draft("a")],
        [draft("b"), draft("no time", { time: NaN }), draft("c")],
        [draft("new room", { room: "#new" }), draft("x", { time: 1.5 })],
        [draft("d"), draft("e", { room: "#new" })],
      ].map((batch, index) =>
        log.append(batch).finally(() => settled.push(index))
      ),
    );
    assertEquals(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value : "rejected"
      ),
      [
        [{ id: 1, sequence: 1 }],
        "rejected",
        "rejected",
        [{ id: 2, sequence: 2 }, { id: 3, sequence: 1 }],
      ],
    );
    assertEquals(settled, [0, 1, 2, 3]);
    const page = await log.page("#general", { limit: 9 });
    assertEquals(page.map(({ text }) => text), ["a", "d"]);
    await log.close();
  });
});

Deno.test("log on disk finishes what was appended before it closes, then refuses", async () => {
  await withFolder(async (folder) => {
    const log = await openStore({ folder });
    const appended = log.append([draft("last words")]);
    const closed = log.close();
    await assertFails("closed", () => log.append([draft("too late")]));
    await assertFails("closed", () => log.last("#general"));
    assertEquals(await appended, [{ id: 1, sequence: 1 }]);
    await closed;
    await log.close();
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "log.db",
      "log.lock",
    ]);
  });
});

Deno.test({
  name: "log on disk is for its owner alone",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withLogFolder(1, async (folder) => {
      const mode = (name: string) =>
        (Deno.statSync(join(folder, name)).mode ?? 0) & 0o777;
      Deno.chmodSync(join(folder, "log.db"), 0o644);
      const log = await openStore({ folder });
      await log.append([draft("private")]);
      await log.backup(join(folder, "copy"));
      assertEquals(mode("."), 0o700);
      for (
        const name of ["log.db", "log.db-wal", "log.db-shm", "log.lock", "copy"]
      ) assertEquals(mode(name), 0o600, name);
      await log.close();
    }),
});

Deno.test("log on disk is refused to a second server until the first is done", async () => {
  await withFolder(async (folder) => {
    const first = await openStore({ folder });
    const error = await assertFails("in_use", () => openStore({ folder }));
    assert(error.message.includes(folder));
    await first.append([draft("undisturbed")]);
    await first.close();
    const second = await openStore({ folder });
    assertEquals(await second.last("#general"), 1);
    await second.close();
  });
});

Deno.test("log on disk refuses a damaged file and leaves it as it is", async () => {
  await withLogFolder(2_000, async (folder) => {
    const file = join(folder, "log.db");
    const whole = Deno.readFileSync(file);
    const damages: [what: string, damage: (bytes: Uint8Array) => Uint8Array][] =
      [
        ["no database", (bytes) => bytes.fill(7, 0, 100)],
        ["pages of nonsense", (bytes) => bytes.fill(0xa5, 8_192, 40_960)],
        ["half a file", (bytes) => bytes.slice(0, bytes.length / 2)],
      ];
    for (const [what, damage] of damages) {
      const damaged = damage(whole.slice());
      Deno.writeFileSync(file, damaged);
      const error = await assertFails("damaged", () => openStore({ folder }));
      assert(error.message.includes(file), what);
      assertEquals(/[\n*]/.test(error.message), false, error.message);
      assertEquals(Deno.readFileSync(file), damaged, what);
    }
    Deno.writeFileSync(file, whole);
    const log = await openStore({ folder });
    assertEquals(await log.last("#general"), 2_000);
    await log.close();
  });
});

Deno.test("log on disk refuses another program's database", async () => {
  await withFolder(async (folder) => {
    const other = new DatabaseSync(join(folder, "log.db"));
    other.exec("CREATE TABLE theirs (id INTEGER)");
    other.close();
    await assertFails("damaged", () => openStore({ folder }));
  });
});

Deno.test("log on disk refuses the file of a newer chatp, and says both versions", async () => {
  await withLogFolder(1, async (folder) => {
    const database = new DatabaseSync(join(folder, "log.db"));
    const newer = MIGRATIONS.length + 1;
    database.exec(`PRAGMA user_version = ${newer}`);
    database.close();
    const { message } = await assertFails("newer", () => openStore({ folder }));
    assert(message.includes(`version ${newer}`), message);
    assert(message.includes(`up to ${MIGRATIONS.length}`), message);
  });
});

Deno.test("log on disk says when a file stands where its folder should be", async () => {
  await withFolder(async (parent) => {
    const folder = join(parent, "data");
    Deno.writeTextFileSync(folder, "");
    const error = await assertFails("unwritable", () => openStore({ folder }));
    assert(error.message.includes(folder));
    await assertFails(
      "unwritable",
      () => openStore({ folder: join(folder, "deeper") }),
    );
  });
});

Deno.test("migrations bring an older file to the newest version and change nothing when one fails", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, "a file");
  assertEquals(pragma(database, "user_version"), MIGRATIONS.length);
  const next = [...MIGRATIONS, "CREATE TABLE next (id INTEGER) STRICT"];
  const broken = [...next, "CREATE TABLE more (id INTEGER); DROP TABLE none"];
  const before = () =>
    database.prepare("SELECT sql FROM sqlite_schema ORDER BY name").all();
  migrate(database, "a file", next);
  assertEquals(pragma(database, "user_version"), next.length);
  const schema = before();
  assertThrows(() => migrate(database, "a file", broken), Error, "none");
  assertEquals(before(), schema);
  assertEquals(pragma(database, "user_version"), next.length);
  assertThrows(() => migrate(database, "a file"), StoreError, "newer");
  database.close();
});

Deno.test("log on disk of version 5 goes on where it was, and knows what is old in it", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "log.db");
    const old = new DatabaseSync(file);
    migrate(old, file, MIGRATIONS.slice(0, 5));
    old.exec(`
      INSERT INTO room VALUES (1, '#general', 13), (2, '#silent', 7);
      INSERT INTO message (id, room, sequence, sender, time, text) VALUES
        (1023, 1, 9, 'ada', 50, 'a'), (1024, 1, 10, 'ada', 51, 'b'),
        (2900, 1, 11, 'ada', 52, 'c'), (2999, 1, 12, 'ada', 7, 'behind'),
        (3000, 1, 13, 'ada', 60, 'd');
      UPDATE counter SET last_id = 3004;
    `);
    old.close();
    const log = await openStore({ folder });
    const texts = async () =>
      (await log.page("#general", { limit: 9 })).map(({ text }) => text);
    assertEquals(await log.prune(7), 0);
    assertEquals(await log.prune(8), 1);
    assertEquals(await texts(), ["a", "b", "c", "d"]);
    assertEquals(await log.prune(52), 2);
    assertEquals(await texts(), ["c", "d"]);
    assertEquals([await log.last("#general"), await log.last("#silent")], [
      13,
      7,
    ]);
    assertEquals(
      await log.append([draft("e"), draft("f", { room: "#silent" })]),
      [{ id: 3005, sequence: 14 }, { id: 3006, sequence: 8 }],
    );
    await log.close();
  });
});

Deno.test("log on disk reads refs that no client can have, and all the others beside them", async () => {
  await withFolder(async (folder) => {
    const first = await openStore({ folder });
    await first.append([draft("a", { session: "s", ref: 1 }), draft("b")]);
    await first.close();
    const database = new DatabaseSync(join(folder, "log.db"));
    database.exec(`
      UPDATE message SET session = 's', ref = 9007199254740992 WHERE id = 2;
      INSERT INTO person VALUES (6, 'Ada', 'ada', 1, NULL, NULL, NULL);
      INSERT INTO session VALUES (7, 6, 'digest', 1);
      INSERT INTO rejection VALUES (7, 9007199254740992, 404, 'nobody');
    `);
    database.close();
    const log = await openStore({ folder });
    const refs = (await log.page("#general", { limit: 9 }))
      .map(({ text, ref }) => [text, ref]);
    assertEquals(refs, [["a", 1], ["b", 9007199254740991]]);
    assertEquals((await log.find("s", 1))?.text, "a");
    assertEquals((await log.load()).rejections, [
      { session: 7, ref: 9007199254740991, code: 404, detail: "nobody" },
    ]);
    await log.close();
  });
});

Deno.test("backup copies what was acknowledged while more is written", async () => {
  await withFolder(async (parent) => {
    const log = await openStore({ folder: parent });
    await log.append(Array.from({ length: 5_000 }, (_, n) => draft(`${n}`)));
    let copying = true;
    const copied = join(parent, "copies", "log.db");
    Deno.mkdirSync(join(parent, "copies"));
    const backup = log.backup(copied).finally(() => copying = false);
    let more = 0;
    while (copying) {
      await log.append([draft("meanwhile"), draft("meanwhile")]);
      more += 2;
    }
    await backup;
    assert(more > 0);
    const copy = await openStore({ folder: join(parent, "copies") });
    const messages = await copy.page("#general", { limit: 1e9 });
    assert(messages.length >= 5_000 && messages.length % 2 === 0);
    assertEquals(
      messages,
      (await log.page("#general", { limit: 1e9 })).slice(0, messages.length),
    );
    const found = await copy.search(["#general"], "4999", { limit: 9 });
    assertEquals(found.length, 1);
    await copy.close();
    await log.close();
  });
});

Deno.test("backup replaces nothing and leaves nothing when it fails", async () => {
  await withLogFolder(1, async (folder) => {
    const file = join(folder, "precious");
    Deno.writeTextFileSync(file, "precious");
    await assertFails("file_exists", () => backupLog(folder, file));
    assertEquals(Deno.readTextFileSync(file), "precious");
    const nowhere = join(folder, "none");
    await assertFails(
      "copy_unwritable",
      () => backupLog(folder, join(nowhere, "f")),
    );
    await assertFails("not_found", () => backupLog(nowhere, join(folder, "f")));
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "log.db",
      "log.lock",
      "precious",
    ]);
  });
});
