import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openLogFile } from "../../lib/store/log_file.ts";
import { pragma } from "../../lib/store/schema.ts";
import { withFolder } from "./temporary_folder.ts";

/** Frames of the write-ahead log that count (sqlite.org/walformat.html, 2.1). */
function frames(folder: string): number {
  const header = Deno.readFileSync(`${folder}/log.db-shm`).slice(16, 20);
  return new DataView(header.buffer).getUint32(0, true);
}

const walSize = (folder: string) => Deno.statSync(`${folder}/log.db-wal`).size;

for (const which of ["first", "second"]) {
  Deno.test(`the write-ahead log has its whole size beforehand, at the ${which} start`, () =>
    withFolder((folder) => {
      if (which === "second") openLogFile({ folder }).close();
      const log = openLogFile({ folder });
      const { database } = log;
      try {
        log.extend();
        assertEquals(walSize(folder) >= 16 * 1024 * 1024, true);
        // The transaction that had it synced, in the place of the filler.
        assertEquals(frames(folder), 1);
        const tables = database.prepare(
          "SELECT name FROM sqlite_schema WHERE name = 'filler'",
        );
        assertEquals(tables.all(), []);
        assertEquals(pragma(database, "cache_size"), -16384);
        assertEquals(pragma(database, "busy_timeout"), 5000);
        const before = walSize(folder);
        database.exec("UPDATE counter SET last_id = 1");
        assertEquals(frames(folder), 2);
        assertEquals(walSize(folder), before);
      } finally {
        log.close();
      }
      return Promise.resolve();
    }));
}

Deno.test("a log that finds no room to be extended is as it was", () =>
  withFolder((folder) => {
    const log = openLogFile({ folder });
    const { database } = log;
    try {
      database.exec("UPDATE counter SET last_id = 7");
      const pages = pragma(database, "page_count");
      database.exec(`PRAGMA max_page_count = ${pages + 100}`);
      assertThrows(() => log.extend(), Error, "full");
      assertEquals(walSize(folder), 0);
      assertEquals(pragma(database, "cache_size"), -16384);
      assertEquals(database.isTransaction, false);
      database.exec("UPDATE counter SET last_id = last_id + 1");
      assertEquals(
        database.prepare("SELECT last_id FROM counter").get()?.last_id,
        8,
      );
    } finally {
      log.close();
    }
    return Promise.resolve();
  }));

Deno.test("a log that others read is not extended", () =>
  withFolder((folder) => {
    const log = openLogFile({ folder });
    const reader = new DatabaseSync(`${folder}/log.db`);
    try {
      reader.exec("BEGIN; SELECT * FROM counter");
      log.database.exec("UPDATE counter SET last_id = 7");
      const before = walSize(folder);
      log.extend();
      assertEquals(walSize(folder), before);
    } finally {
      reader.close();
      log.close();
    }
    return Promise.resolve();
  }));
