/**
 * The accounts in a data folder, for the command line: also of a server that is
 * running. Blocks its thread.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { PersonRecord, Verifier } from "../chat/state.ts";
import type { Name } from "../wire/mod.ts";
import { existingLogFile } from "./files.ts";
import { type OpenFile, openLogFile, openSharedFile } from "./log_file.ts";
import { rollBack } from "./schema.ts";
import { StateReader } from "./state_reader.ts";
import { StateWriter } from "./state_writer.ts";
import { StoreError, storeError, type StoreErrorKind } from "./store_error.ts";

/** How the accounts of a folder are opened. */
export interface AccountFileOptions {
  /** Whether to make folder and file if they aren't there. Default: true. */
  readonly create?: boolean;
}

/**
 * Opens the accounts of a data folder. When no server uses it, it is made,
 * checked and brought to the newest version as a server would do.
 *
 * @throws {StoreError} what is wrong with the folder or the file; not_found
 * when it isn't there and not to be made; newer or other_version when the
 * server that uses it is another version of chatp.
 */
export function openAccounts(
  folder: string,
  { create = true }: AccountFileOptions = {},
): AccountFile {
  if (!create) existingLogFile(folder);
  return new AccountFile(openFile(folder));
}

/** What a server that starts right now puts right by itself. */
const PASSING: ReadonlySet<StoreErrorKind> = new Set([
  "not_found",
  "other_version",
]);

/** ms that it is given for that. */
const STARTING = 2_000;

function openFile(folder: string): OpenFile {
  const end = performance.now() + STARTING;
  for (;;) {
    try {
      const open = openLogFile({ folder });
      open.unlock();
      return open;
    } catch (error) {
      if ((error as StoreError).kind !== "in_use") throw error;
    }
    try {
      return openSharedFile(folder);
    } catch (error) {
      const passing = PASSING.has((error as StoreError).kind);
      if (!passing || performance.now() > end) throw error;
    }
    pause(20);
  }
}

/**
 * Accounts on disk. Each change is one transaction, synced to the disk, and a
 * running server sees it.
 */
export class AccountFile {
  readonly #open: OpenFile;
  readonly #database: DatabaseSync;
  readonly #reader: StateReader;
  readonly #writer: StateWriter;

  /** As {@link openAccounts}; takes `open` over. */
  constructor(open: OpenFile) {
    this.#open = open;
    this.#database = open.database;
    try {
      this.#reader = new StateReader(open.database);
      this.#writer = new StateWriter(open.database);
    } catch (error) {
      open.close();
      throw storeError(error, open.file);
    }
  }

  /** All accounts, by folded name; no guests. */
  list(): PersonRecord[] {
    return this.#use(() => this.#reader.accounts());
  }

  /**
   * Makes an account. `now`: ms since 1970.
   *
   * @throws {StoreError} name_taken when an account's name is the same.
   */
  add(name: Name, verifier: Verifier, now: number): void {
    this.#change(() => {
      const handle = this.#writer.takeHandles(1);
      const person = { handle, name: name.shown, verifier, created: now };
      this.#writer.make({ type: "put_person", person });
    });
  }

  /**
   * Changes an account's password: whoever used the old one has to log in.
   *
   * @throws {StoreError} no_account.
   */
  setVerifier(name: Name, verifier: Verifier): void {
    this.#change(() => {
      const account = this.#find(name);
      this.#writer.removeSessions(account.handle);
      const person = { ...account, verifier };
      this.#writer.make({ type: "put_person", person });
    });
  }

  /**
   * Removes an account, its memberships and sessions, and the rooms and groups
   * that nobody else was a member of. What it said stays.
   *
   * @throws {StoreError} no_account.
   */
  remove(name: Name): void {
    this.#change(() => {
      const { handle } = this.#find(name);
      const rooms = this.#reader.roomsOf(handle);
      this.#writer.make({ type: "remove_person", handle });
      for (const room of rooms) {
        if (!this.#reader.isAbandoned(room)) continue;
        this.#writer.make({ type: "remove_room", handle: room });
      }
    });
  }

  /** Lets go of the file. */
  close(): void {
    this.#open.close();
  }

  #find({ shown, key }: Name): PersonRecord {
    const account = this.#reader.account(key);
    if (account !== undefined) return account;
    throw new StoreError("no_account", `There is no account ${shown}`);
  }

  #change(work: () => void): void {
    this.#use(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#database.exec("COMMIT");
      } catch (error) {
        rollBack(this.#database);
        throw error;
      }
    });
  }

  #use<Result>(work: () => Result): Result {
    if (!this.#database.isOpen) {
      throw new StoreError("closed", "The accounts are closed");
    }
    try {
      return work();
    } catch (error) {
      throw storeError(error, this.#open.file);
    }
  }
}

/** Blocks for so many ms. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
