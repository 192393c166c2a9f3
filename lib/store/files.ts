/**
 * The files in the data folder, for their owner alone.
 *
 * @module
 */

import { join } from "node:path";
import { StoreError, storeError } from "./store_error.ts";

/** The log's database, beside it SQLite's own `-wal` and `-shm`. */
export function logFile(folder: string): string {
  return join(folder, "log.db");
}

/**
 * As `logFile`, of a folder in which a server has kept something.
 *
 * @throws {StoreError} not_found, unwritable.
 */
export function existingLogFile(folder: string): string {
  const file = logFile(folder);
  try {
    Deno.statSync(file);
    return file;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw storeError(cause, file);
    const message = `No server has kept anything in ${folder} yet`;
    throw new StoreError("not_found", message, { cause });
  }
}

/** Locked as long as a server uses the folder; always empty. */
export function lockFile(folder: string): string {
  return join(folder, "log.lock");
}

/** Makes the folder for its owner alone (0700) if it isn't there. */
export function makeFolder(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/**
 * Makes an empty file for its owner alone (0600) if it isn't there, and takes
 * everybody else's rights away from one that is. SQLite gives its files beside
 * a database the database's own rights.
 *
 * @throws {Deno.errors.AlreadyExists} when `fresh` and it is there.
 */
export function makeFile(path: string, fresh = false): void {
  const options = fresh ? { createNew: true } : { create: true };
  Deno.openSync(path, { ...options, write: true, append: true, mode: 0o600 })
    .close();
  if (Deno.build.os === "windows") return;
  const mode = Deno.statSync(path).mode ?? 0;
  if ((mode & 0o077) !== 0) Deno.chmodSync(path, mode & 0o700);
}

/** Has the disk keep a file's content, or a folder's list of names. */
export function syncFile(path: string): void {
  // Folders can't be opened on Windows, and need not be.
  const folder = Deno.statSync(path).isDirectory;
  if (folder && Deno.build.os === "windows") return;
  const file = Deno.openSync(path, { read: true, write: !folder });
  try {
    file.syncSync();
  } finally {
    file.close();
  }
}
