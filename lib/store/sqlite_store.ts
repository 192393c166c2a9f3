/**
 * Everything on disk: SQLite in a thread of its own.
 *
 * What it guarantees, beside what `ChatStore` does:
 *
 * - An append or a save MUST NOT settle before it is as durable as the level
 *   promises ({@link Durability}).
 * - All appends and saves that arrived while a transaction ran are one
 *   transaction and one sync of the disk; one of them that can't be written
 *   MUST NOT take the others along.
 * - After a failure (a full disk) both work again as soon as they can; ids and
 *   sequences go on as if the failed appends had never been asked for.
 * - No other `SqliteStore`, in this process or another, has the folder open.
 *
 * @module
 */

import type {
  Draft,
  Message,
  PageQuery,
  SearchQuery,
  Stored,
} from "../chat/log.ts";
import type {
  Change,
  ChatStore,
  PersonRecord,
  Snapshot,
} from "../chat/state.ts";
import { Handles } from "./handles.ts";
import type { LogOptions } from "./log_file.ts";
import { SharedNews } from "./shared_news.ts";
import { StoreError } from "./store_error.ts";
import { Thread } from "./thread.ts";
import { INDEXED_AT_ONCE, MOST_UNINDEXED } from "./word_index.ts";
import { WriteQueue } from "./write_queue.ts";

/**
 * Opens the store of a data folder; makes folder (0700) and file (0600) if need
 * be, brings an older file to the newest schema.
 *
 * @throws {StoreError} in_use, damaged, newer, unwritable, disk_full, …
 */
export function openStore(options: LogOptions): Promise<SqliteStore> {
  return SqliteStore.open(options);
}

/**
 * Copies the log of a data folder to `file`, in a thread of its own; the folder
 * may be in use by a running server. `file` comes into being whole and synced,
 * for its owner alone (0600), or not at all.
 *
 * @throws {StoreError} file_exists when there is one already: nothing is
 * replaced; not_found, unwritable, disk_full, damaged, …
 */
export async function backupLog(folder: string, file: string): Promise<void> {
  const thread = new Thread();
  try {
    await thread.ask({ type: "backup", folder, file });
  } finally {
    thread.end();
  }
}

/** A log in a file. Everything rejects with a {@link StoreError}. */
export class SqliteStore implements ChatStore {
  readonly #thread: Thread;
  readonly #folder: string;
  readonly #queue: WriteQueue;
  readonly #handles: Handles;
  /** Asked for at every login: hundreds of them come at once. */
  readonly #accounts: SharedNews<readonly PersonRecord[]>;
  #closing: Promise<void> | undefined;

  private constructor(thread: Thread, folder: string) {
    this.#thread = thread;
    this.#folder = folder;
    this.#queue = new WriteQueue(thread);
    this.#handles = new Handles(thread);
    this.#accounts = new SharedNews(() => thread.ask({ type: "accounts" }));
  }

  /** As {@link openStore}. */
  static async open(
    options: LogOptions,
    thread = new Thread(),
  ): Promise<SqliteStore> {
    try {
      await thread.ask({ type: "open", options });
      return new SqliteStore(thread, options.folder);
    } catch (error) {
      thread.end();
      throw error;
    }
  }

  append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    return this.#ask(() => this.#queue.append(drafts));
  }

  save(changes: readonly Change[]): Promise<void> {
    return this.#ask(() => this.#queue.save(changes));
  }

  get lost(): Promise<StoreError> {
    return this.#thread.lost;
  }

  check(): Promise<void> {
    return this.#ask(async () =>
      void await this.#thread.ask({ type: "check" })
    );
  }

  load(): Promise<Snapshot> {
    return this.#ask(() => this.#thread.ask({ type: "load" }));
  }

  accounts(): Promise<readonly PersonRecord[] | undefined> {
    return this.#ask(() => this.#accounts.ask());
  }

  handle(): Promise<number> {
    return this.#ask(() => this.#handles.next());
  }

  page(room: string, query: PageQuery): Promise<readonly Message[]> {
    return this.#ask(() => this.#thread.ask({ type: "page", room, query }));
  }

  async search(
    rooms: readonly string[],
    words: string,
    query: SearchQuery,
  ): Promise<readonly Message[]> {
    await this.#catchUp();
    return await this.#ask(() =>
      this.#thread.ask({ type: "search", rooms, words, query })
    );
  }

  /**
   * Has words indexed in parts, so that appends go on meanwhile. A search finds
   * what isn't indexed as well, but holds appends up longer.
   */
  async #catchUp(): Promise<void> {
    const index = () => this.#ask(() => this.#thread.ask({ type: "index" }));
    try {
      let left = await index();
      // Never more than there was: others may append as fast.
      for (
        let done = 0;
        left > 0 && done < MOST_UNINDEXED;
        done += INDEXED_AT_ONCE
      ) {
        left = await index();
      }
    } catch {
      // A full disk is no reason to find nothing.
    }
  }

  find(session: string, ref: number): Promise<Message | undefined> {
    return this.#ask(() => this.#thread.ask({ type: "find", session, ref }));
  }

  last(room: string): Promise<number> {
    return this.#ask(() => this.#thread.ask({ type: "last", room }));
  }

  /** Works in parts, so that appends go on meanwhile; `close` ends it early. */
  async prune(olderThan: number): Promise<number> {
    let removed = 0;
    for (;;) {
      const part = await this.#ask(() =>
        this.#thread.ask({ type: "prune", olderThan })
      );
      if (part === 0) break;
      removed += part;
    }
    for (let after: string | undefined = "@"; after !== undefined;) {
      const from: string = after;
      after = await this.#ask(() =>
        this.#thread.ask({ type: "tidy", after: from })
      );
    }
    return removed;
  }

  /** As {@link backupLog}, of this store. */
  backup(file: string): Promise<void> {
    return this.#ask(() => backupLog(this.#folder, file));
  }

  #ask<Result>(question: () => Promise<Result>): Promise<Result> {
    return this.#closing === undefined ? question() : Promise.reject(closed());
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    try {
      // What is lost need not be closed.
      await Promise.race([
        this.#thread.lost,
        this.#thread.ask({ type: "close" }),
      ]);
    } finally {
      this.#thread.end();
    }
  }
}

function closed(): StoreError {
  return new StoreError("closed", "The log is closed");
}
