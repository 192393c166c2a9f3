/**
 * The log's file: opens, checks and locks it. Blocks its thread: it runs in
 * `log_worker.ts`.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { type Durability, SYNCHRONOUS } from "./durability.ts";
import { lockFile, logFile, makeFile, makeFolder, syncFile } from "./files.ts";
import { checkVersion, migrate, pragma, rollBack } from "./schema.ts";
import { StoreError, storeError } from "./store_error.ts";

/** How a log is opened. */
export interface LogOptions {
  /** The data folder; made if it isn't there. */
  readonly folder: string;
  /** Default: `full`. */
  readonly durability?: Durability;
}

/** An open database and the lock that makes it ours. */
export interface OpenFile {
  readonly database: DatabaseSync;
  /** Its path, for errors. */
  readonly file: string;
  /**
   * Gives the write-ahead log its whole size, if there is room: a commit that
   * makes it longer takes half as long again. Leaves everything as it was when
   * that fails.
   */
  extend(): void;
  /** Lets a server have the folder, and keeps the database open. */
  unlock(): void;
  close(): void;
}

/** ms that a short transaction of another program is waited for. */
const PATIENCE = 5_000;

/** Pages in the WAL after which it is copied to the database: 16 MiB. */
const CHECKPOINT_PAGES = 4_096;

/** What a page takes in the database, bytes: SQLite's default. */
const PAGE = 4_096;

/** More than a transaction takes: 2 MiB. */
const LARGEST = 512;

/** Pages that SQLite keeps in memory. */
const CACHE = "PRAGMA cache_size = -16384";

/**
 * Opens the log of a folder for the one server that may write to it.
 *
 * @throws {StoreError} what is wrong with the folder or the file.
 */
export function openLogFile(options: LogOptions): OpenFile {
  const { folder, durability = "full" } = options;
  const file = logFile(folder);
  const lock = takeLock(folder);
  let database: DatabaseSync | undefined;
  try {
    makeFile(file);
    database = new DatabaseSync(file);
    check(database, file);
    configure(database, durability);
    migrate(database, file);
    if (durability === "full") syncFile(folder);
    return {
      database,
      file,
      extend: () => extendWal(database as DatabaseSync),
      unlock: () => closeAll(lock),
      close: () => closeAll(database, lock),
    };
  } catch (error) {
    closeAll(database, lock);
    throw storeError(error, file);
  }
}

/**
 * Opens the log of a folder that a server uses, beside it.
 *
 * @throws {StoreError} what is wrong with the file, or that the server has not
 * made it yet.
 */
export function openSharedFile(folder: string): OpenFile {
  const file = logFile(folder);
  let database: DatabaseSync | undefined;
  try {
    // SQLite would make one.
    Deno.statSync(file);
    database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
    checkVersion(database, file);
    configure(database, "full");
    const close = () => closeAll(database);
    return { database, file, extend: () => {}, unlock: () => {}, close };
  } catch (error) {
    closeAll(database);
    throw storeError(error, file);
  }
}

function closeAll(...databases: (DatabaseSync | undefined)[]): void {
  for (const database of databases) if (database?.isOpen) database.close();
}

/**
 * An empty database, locked as a whole: the system lets go of the lock when
 * the process dies, however it dies, and leaves the log itself to be read by
 * others (a backup) meanwhile.
 */
function takeLock(folder: string): DatabaseSync {
  const file = lockFile(folder);
  let lock: DatabaseSync | undefined;
  try {
    makeFolder(folder);
    makeFile(file);
    lock = new DatabaseSync(file);
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    closeAll(lock);
    const error = storeError(cause, file);
    if (error.kind !== "locked") throw error;
    throw new StoreError("in_use", `Another chatp serve uses ${folder}`, {
      cause,
    });
  }
}

/** Reads every page before anything is written to a file that is damaged. */
function check(database: DatabaseSync, file: string): void {
  database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
  const row = database.prepare("PRAGMA quick_check(1)").get() ?? {};
  const answer = String(Object.values(row)[0]);
  if (answer === "ok") return;
  // SQLite puts a heading over it, which names a database that nobody knows.
  const found = answer.replace(/^\*\*\* .* \*\*\*\n/, "")
    .replaceAll("\n", ", ");
  throw new StoreError("damaged", `${file} is damaged: ${found}`);
}

function configure(database: DatabaseSync, durability: Durability): void {
  const mode = database.prepare("PRAGMA journal_mode = WAL").get() ?? {};
  if (Object.values(mode)[0] !== "wal") {
    throw new StoreError(
      "unwritable",
      "This file system does not support SQLite's write-ahead log",
      { advice: "Choose a folder on a local disk with --data" },
    );
  }
  database.exec(`
    PRAGMA synchronous = ${SYNCHRONOUS[durability]};
    PRAGMA fullfsync = ${durability === "full" ? 1 : 0};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    ${CACHE};
    PRAGMA foreign_keys = OFF;
    PRAGMA temp_store = MEMORY;
  `);
}

/**
 * What a transaction wrote that was taken back stays in the file, as room.
 *
 * @throws what SQLite throws.
 */
function extendWal(database: DatabaseSync): void {
  try {
    database.exec("PRAGMA busy_timeout = 0");
    // What is in it already goes to the database: later there may be no room.
    if (!emptyWal(database)) return;
    fillWal(database, CHECKPOINT_PAGES);
    // Or the first message would wait for the sync of all that. What changes
    // nothing is not written.
    database.exec(`
      BEGIN IMMEDIATE;
      UPDATE counter SET last_id = last_id + 1;
      UPDATE counter SET last_id = last_id - 1;
      COMMIT;
    `);
  } catch (error) {
    rollBack(database);
    emptyWal(database);
    throw error;
  } finally {
    database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
  }
}

/**
 * Whether there is room for any transaction; changes nothing.
 *
 * @throws what SQLite throws when not.
 */
export function checkRoom(database: DatabaseSync): void {
  fillWal(database, LARGEST);
}

/**
 * Writes so many pages behind what is in the WAL, and takes them back.
 *
 * @throws what SQLite throws.
 */
function fillWal(database: DatabaseSync, pages: number): void {
  try {
    // A larger cache would keep the pages until the commit.
    database.exec(`
      PRAGMA cache_size = 8;
      BEGIN IMMEDIATE;
      CREATE TABLE filler (room BLOB);
      INSERT INTO filler VALUES (zeroblob(${pages * PAGE}));
      ROLLBACK;
    `);
  } catch (error) {
    rollBack(database);
    throw error;
  } finally {
    database.exec(CACHE);
  }
}

/** Copies the WAL to the database and cuts it; answers whether it could. */
function emptyWal(database: DatabaseSync): boolean {
  return pragma(database, "wal_checkpoint(TRUNCATE)") === 0;
}
