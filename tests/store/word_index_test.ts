import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Message } from "../../lib/chat/log.ts";
import { LogReader } from "../../lib/store/log_reader.ts";
import { LogWriter } from "../../lib/store/log_writer.ts";
import { openStore } from "../../lib/store/mod.ts";
import { migrate, MIGRATIONS, pragma } from "../../lib/store/schema.ts";
import {
  INDEXED_AT_ONCE,
  MOST_UNINDEXED,
  WordIndex,
} from "../../lib/store/word_index.ts";
import { childArgs } from "./child.ts";
import { draft, QUERIES, SAID } from "./log_conformance.ts";
import { withFolder } from "./temporary_folder.ts";

const KILLS = 8;

/** What the thread has, without a thread that indexes by itself. */
class Parts {
  readonly database = new DatabaseSync(":memory:");
  readonly index: WordIndex;
  readonly writer: LogWriter;
  readonly reader: LogReader;

  constructor() {
    migrate(this.database, "a file");
    this.index = new WordIndex(this.database);
    this.writer = new LogWriter(this.database, "a file", this.index);
    this.reader = new LogReader(this.database);
  }

  search(words: string, limit = 1e9): Message[] {
    const { indexedId } = this.index;
    return this.reader.search(["#general"], words, { limit }, indexedId);
  }

  advance(): void {
    this.index.advance(this.writer.lastId);
  }
}

/** Up to which id words are indexed, and that neither more nor less are. */
function checkIndex(database: DatabaseSync): number {
  // The log may go on indexing: all three looks are at one moment.
  database.exec("SAVEPOINT look");
  const id = database.prepare("SELECT indexed_id FROM counter").get()
    ?.indexed_id as number;
  const indexed = database.prepare("SELECT id FROM word_docsize ORDER BY id");
  const messages = database.prepare(
    "SELECT id FROM message WHERE id <= ? AND typeof(text) = 'text' ORDER BY id",
  );
  const [found, expected] = [indexed.all(), messages.all(id)];
  database.exec("RELEASE look");
  assertEquals(found, expected);
  return id;
}

const ids = (messages: readonly Message[]) => messages.map(({ id }) => id);

Deno.test("word index and what waits for it give one answer", () => {
  const parts = new Parts();
  const { writer, index } = parts;
  const secret = draft(new TextEncoder().encode("fox quick 你好"));
  writer.write([[...SAID.map((text) => draft(text)), secret]]);
  const answers = () => QUERIES.map(([query]) => ids(parts.search(query)));
  const expected = QUERIES.map(([, found]) => found.map((at) => at + 1));
  assertEquals(answers(), expected);
  parts.advance();
  assertEquals(index.indexedId, SAID.length + 1);
  assertEquals(answers(), expected);
  // Half here, half there, and bounds on either side.
  writer.write([[draft("quick"), secret, draft("quick")]]);
  assertEquals(ids(parts.search("quick")), [1, 7, 12, 14]);
  assertEquals(ids(parts.search("quick", 3)), [7, 12, 14]);
  assertEquals(ids(parts.search("quick", 2)), [12, 14]);
  assertEquals(ids(parts.search("quick", 1)), [14]);
  assertEquals(ids(parts.search("quick", 0)), []);
  const before = (before: number) =>
    ids(
      parts.reader.search(
        ["#general"],
        "quick",
        { before, limit: 2 },
        index.indexedId,
      ),
    );
  assertEquals([before(14), before(12), before(7)], [[7, 12], [1, 7], [1]]);
  assertEquals(checkIndex(parts.database), 11);
});

Deno.test("word index goes on in parts, past ciphertext and what is gone", () => {
  const parts = new Parts();
  const { writer, index } = parts;
  const texts = Array.from(
    { length: INDEXED_AT_ONCE + 10 },
    (_, n) => draft(n % 2 === 0 ? `needle ${n}` : new Uint8Array([n % 256])),
  );
  writer.write([texts, texts]);
  const steps: number[] = [];
  while (index.indexedId < writer.lastId) {
    parts.advance();
    steps.push(checkIndex(parts.database));
    assertEquals(parts.search("needle").length, texts.length);
  }
  assert(steps.length > 1, `${steps}`);
  parts.advance();
  assertEquals(checkIndex(parts.database), writer.lastId);
  // A text so long that it is a part alone.
  writer.write([[draft("long ".repeat(100_000)), draft("after")]]);
  parts.advance();
  assertEquals(checkIndex(parts.database), writer.lastId - 1);
});

Deno.test("word index is as it was when a part can't be written", () => {
  const parts = new Parts();
  parts.writer.write([[draft("needle"), draft("needle")]]);
  parts.database.exec("PRAGMA query_only = 1");
  assertThrows(() => parts.advance(), Error, "readonly");
  assertEquals(ids(parts.search("needle")), [1, 2]);
  parts.database.exec("PRAGMA query_only = 0");
  assertEquals(checkIndex(parts.database), 0);
  parts.advance();
  assertEquals(checkIndex(parts.database), 2);
  assertEquals(ids(parts.search("needle")), [1, 2]);
});

Deno.test("word index never hears of messages that were removed before", () => {
  const parts = new Parts();
  const { writer, index } = parts;
  const at = (time: number) => draft("needle", { time });
  writer.write([[at(1), at(9), at(2)]]);
  parts.advance();
  writer.write([[at(3), at(9), at(3)]]);
  // 1 and 3 are indexed, 4 and 6 are not.
  assertEquals(writer.prune(9), 4);
  assertEquals(ids(parts.search("needle")), [2, 5]);
  assertEquals(checkIndex(parts.database), 3);
  parts.advance();
  assertEquals(checkIndex(parts.database), 6);
  assertEquals(ids(parts.search("needle")), [2, 5]);
  writer.write([[at(1), at(1)]]);
  assertEquals(writer.prune(9), 2);
  parts.advance();
  assertEquals(index.indexedId, 8);
  writer.write([[at(9)]]);
  parts.advance();
  assertEquals(checkIndex(parts.database), 9);
  assertEquals(ids(parts.search("needle")), [2, 5, 9]);
});

Deno.test("word index has no hole and no double after SIGKILLs", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "log.db");
    const check = () => {
      const database = new DatabaseSync(file, { readOnly: true });
      const id = checkIndex(database);
      database.close();
      return id;
    };
    const log = await openStore({ folder });
    const count = 30_000;
    await log.append(Array.from({ length: count }, () => draft("needle")));
    await log.close();
    const reached = [check()];
    for (let kill = 0; kill < KILLS; kill++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: await childArgs("searcher.ts", folder),
        stdout: "piped",
      }).spawn();
      for await (const _ of child.stdout) {
        await new Promise((resolve) => setTimeout(resolve, 40 * Math.random()));
        child.kill("SIGKILL");
      }
      await child.status;
      reached.push(check());
    }
    assertEquals(reached, reached.toSorted((a, b) => a - b));
    assert((reached.at(-1) ?? 0) > 0, "nothing was ever indexed");
    const again = await openStore({ folder });
    const found = await again.search(["#general"], "needle", { limit: 1e9 });
    assertEquals(ids(found), found.map((_, index) => index + 1));
    assertEquals(found.length, count);
    await again.close();
    assertEquals(check(), count);
  });
});

Deno.test("word index catches up by itself while nothing is said", async () => {
  await withFolder(async (folder) => {
    const log = await openStore({ folder });
    await log.append(Array.from({ length: 2_000 }, () => draft("needle")));
    const database = new DatabaseSync(join(folder, "log.db"), {
      readOnly: true,
    });
    while (checkIndex(database) < 2_000) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    database.close();
    await log.close();
  });
});

Deno.test("word index stays near while appends never pause", async () => {
  await withFolder(async (folder) => {
    const log = await openStore({ folder });
    const call = Array.from({ length: 5_000 }, () => draft("needle"));
    const calls = 2 + MOST_UNINDEXED / call.length;
    for (let n = 0; n < calls; n++) await log.append(call);
    // What is asked now is answered after what the last append entailed.
    await log.last("#general");
    const database = new DatabaseSync(join(folder, "log.db"), {
      readOnly: true,
    });
    const indexed = checkIndex(database);
    database.close();
    assert(indexed >= calls * call.length - MOST_UNINDEXED, `only ${indexed}`);
    await log.close();
  });
});

Deno.test("word index of version 1 goes on where it was", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "log.db");
    const old = new DatabaseSync(file);
    migrate(old, file, MIGRATIONS.slice(0, 1));
    // As version 1 wrote them: the words with their messages; 1 is removed.
    old.exec(`
      INSERT INTO room VALUES (1, '#general', 3);
      INSERT INTO message VALUES
        (2, 1, 2, 'ada', 7, 'old needle', 's', 0),
        (3, 1, 3, 'ada', 8, x'00ff', NULL, NULL);
      INSERT INTO word (rowid, room, text) VALUES (2, '1', 'OLD NEEDLE');
      UPDATE counter SET last_id = 3;
    `);
    old.close();
    Deno.copyFileSync(file, `${file}.copy`);
    const copy = new DatabaseSync(`${file}.copy`);
    migrate(copy, file);
    assertEquals(checkIndex(copy), 3);
    copy.close();
    const log = await openStore({ folder });
    const said = { session: "s", ref: 0 };
    assertEquals(await log.append([draft("x", said), draft("new needle")]), [
      { id: 2, sequence: 2, repeated: { room: "#general", time: 7 } },
      { id: 4, sequence: 4 },
    ]);
    assertEquals(
      ids(await log.search(["#general"], "needle", { limit: 9 })),
      [2, 4],
    );
    assertEquals(await log.prune(8), 1);
    assertEquals(
      ids(await log.search(["#general"], "needle", { limit: 9 })),
      [4],
    );
    await log.close();
    const database = new DatabaseSync(file, { readOnly: true });
    assertEquals(pragma(database, "user_version"), MIGRATIONS.length);
    assertEquals(checkIndex(database), 4);
    database.close();
  });
});

Deno.test("word index goes with a backup, however far it is", async () => {
  await withFolder(async (folder) => {
    const log = await openStore({ folder });
    await log.append(Array.from({ length: 3_000 }, () => draft("needle")));
    Deno.mkdirSync(join(folder, "copy"));
    await log.backup(join(folder, "copy", "log.db"));
    await log.close();
    const copy = await openStore({ folder: join(folder, "copy") });
    const found = await copy.search(["#general"], "needle", { limit: 1e9 });
    assertEquals(found.length, 3_000);
    await copy.close();
  });
});
