/**
 * Copies a log, also one that is being written to. Blocks its thread.
 *
 * @module
 */

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { logFile, makeFile, syncFile } from "./files.ts";
import { StoreError, storeError } from "./store_error.ts";

/**
 * Writes what the log of `folder` holds at this moment to `file`. `file` comes
 * into being whole and on disk, or not at all; appends need not wait.
 *
 * @throws {StoreError} file_exists, not_found or what is wrong with either.
 */
export function copyLog(folder: string, file: string): void {
  const source = logFile(folder);
  // A new name each time: another backup may be under way.
  const partial = `${file}.${crypto.randomUUID()}.partial`;
  refuseExisting(file);
  const database = openSource(source);
  try {
    makePartial(partial);
    database.prepare("VACUUM INTO ?").run(partial);
    syncFile(partial);
    giveName(partial, file);
    syncFile(dirname(file));
  } catch (error) {
    throw storeError(error, file);
  } finally {
    database.close();
    remove(partial);
  }
}

function makePartial(partial: string): void {
  try {
    makeFile(partial, true);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const folder = dirname(partial);
    throw new StoreError("no_folder", `There is no folder ${folder}`);
  }
}

function openSource(source: string): DatabaseSync {
  try {
    Deno.statSync(source);
    return new DatabaseSync(source, { readOnly: true });
  } catch (error) {
    throw storeError(error, source);
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
