/**
 * Copies a log, also one that is being written to. Blocks its thread.
 *
 * @module
 */

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { existingLogFile, makeFile, syncFile } from "./files.ts";
import { StoreError, storeError, type StoreErrorKind } from "./store_error.ts";

/**
 * Writes what the log of `folder` holds at this moment to `file`. `file` comes
 * into being whole and on disk, or not at all; appends need not wait.
 *
 * @throws {StoreError} file_exists, copy_unwritable, not_found or what is wrong
 * with the log.
 */
export function copyLog(folder: string, file: string): void {
  const source = existingLogFile(folder);
  refuseExisting(file);
  // A new name each time: another backup may be under way.
  const partial = `${file}.${crypto.randomUUID()}.partial`;
  try {
    makePartial(partial);
    vacuum(source, partial);
    syncFile(partial);
    giveName(partial, file);
    syncFile(dirname(file));
  } catch (error) {
    throw copyError(error, source, file);
  } finally {
    remove(partial);
  }
}

/** What is the log's fault: its content is read. */
const OF_SOURCE: ReadonlySet<StoreErrorKind> = new Set(["damaged", "locked"]);

/** What is the copy's: nothing else is written. */
const OF_COPY: ReadonlySet<StoreErrorKind> = new Set([
  "disk_full",
  "unwritable",
]);

function copyError(error: unknown, source: string, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const found = storeError(error, file);
  if (OF_SOURCE.has(found.kind)) return storeError(error, source);
  if (!OF_COPY.has(found.kind)) return found;
  return new StoreError("copy_unwritable", found.message, {
    ...found.kind === "disk_full" && {
      advice: "Make room on that disk, or choose another place",
    },
    cause: error,
  });
}

function makePartial(partial: string): void {
  try {
    makeFile(partial, true);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const folder = dirname(partial);
    throw new StoreError("copy_unwritable", `There is no folder ${folder}`, {
      advice: "Make the folder first, or choose another place",
    });
  }
}

/** Copies what a log holds into a file that is empty. */
function vacuum(source: string, file: string): void {
  const { database, checkSame } = openSource(source);
  try {
    database.prepare("VACUUM INTO ?").run(file);
  } finally {
    database.close();
  }
  checkSame?.();
}

/** A log that is open for reading. */
interface Source {
  readonly database: DatabaseSync;
  /** Throws if it was changed meanwhile, where SQLite does not see to that. */
  readonly checkSame?: () => void;
}

function openSource(source: string): Source {
  try {
    return { database: openToRead(source, source) };
  } catch (error) {
    const { kind } = storeError(error, source);
    if (kind !== "unwritable" || !isOnReadOnlyDisk(source)) throw error;
    return openUnlocked(source);
  }
}

/** Opens `source` by its name or its URL. */
function openToRead(name: string | URL, source: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(name, { readOnly: true });
    // What is wrong with it shows at the first look.
    database.exec("SELECT count(*) FROM sqlite_schema");
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, source);
  }
}

/**
 * Opens a log beside which SQLite can't make its files: without them, and
 * without locks (`immutable`, https://www.sqlite.org/uri.html). What stands in
 * a `-wal` would be missing, so there MUST be none.
 */
function openUnlocked(source: string): Source {
  const before = stateOf(source);
  if (before === undefined) {
    throw new StoreError(
      "unwritable",
      `${source}-wal holds a part of the log, which can't be read on a disk ` +
        "that can't be written",
      { advice: "Copy the folder to another disk, and name that with --data" },
    );
  }
  const url = pathToFileURL(source);
  url.searchParams.set("immutable", "1");
  const checkSame = () => {
    if (stateOf(source) === before) return;
    throw new StoreError("locked", `${source} was changed meanwhile`);
  };
  return { database: openToRead(url, source), checkSame };
}

/** What tells a change of a log that is whole; undefined of one that is not. */
function stateOf(source: string): string | undefined {
  try {
    if (Deno.statSync(`${source}-wal`).size > 0) return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const { size, mtime } = Deno.statSync(source);
  return `${size} ${mtime?.getTime()}`;
}

function isOnReadOnlyDisk(file: string): boolean {
  try {
    Deno.openSync(file, { append: true }).close();
    return false;
  } catch (error) {
    return Object(error).code === "EROFS";
  }
}

function refuseExisting(file: string): void {
  try {
    Deno.lstatSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw storeError(error, file);
  }
  throw exists(file);
}

function exists(file: string): StoreError {
  return new StoreError("file_exists", `${file} is there already`);
}

/** A link can't replace a file that came in between; a rename would. */
function giveName(partial: string, file: string): void {
  try {
    Deno.linkSync(partial, file);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw exists(file);
    // Some file systems have no links.
    refuseExisting(file);
    Deno.renameSync(partial, file);
  }
}

function remove(partial: string): void {
  try {
    Deno.removeSync(partial);
  } catch {
    // It was renamed, or never made.
  }
}
