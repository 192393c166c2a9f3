/**
 * The log on disk: SQLite in a thread of its own.
 *
 * What it guarantees, beside what `MessageArchive` does:
 *
 * - An append MUST NOT settle before its messages are as durable as the level
 *   promises ({@link Durability}).
 * - All appends that arrived while a transaction ran are one transaction and
 *   one sync of the disk; one of them that can't be written MUST NOT take the
 *   others along.
 * - After a failure (a full disk) appends work again as soon as they can; ids
 *   and sequences go on as if the failed ones had never been asked for.
 * - No other `SqliteLog`, in this process or another, has the folder open.
 *
 * @module
 */

import type {
  Draft,
  Message,
  MessageArchive,
  PageQuery,
  SearchQuery,
  Stored,
} from "../chat/log.ts";
import type { LogOptions } from "./log_file.ts";
import type { Outcome } from "./protocol.ts";
import { StoreError } from "./store_error.ts";
import { Thread } from "./thread.ts";
import { INDEXED_AT_ONCE, MOST_UNINDEXED } from "./word_index.ts";

/** An append that waits for its transaction. */
interface Append {
  readonly drafts: readonly Draft[];
  resolve(stored: readonly Stored[]): void;
  reject(error: StoreError): void;
}

/**
 * Opens the log of a data folder; makes folder (0700) and file (0600) if need
 * be, brings an older file to the newest schema.
 *
 * @throws {StoreError} in_use, damaged, newer, unwritable, disk_full, …
 */
export function openLog(options: LogOptions): Promise<SqliteLog> {
  return SqliteLog.open(options);
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
export class SqliteLog implements MessageArchive {
  readonly #thread: Thread;
  readonly #folder: string;
  #waiting: Append[] = [];
  /** A transaction runs, or is about to. */
  #busy = false;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(thread: Thread, folder: string) {
    this.#thread = thread;
    this.#folder = folder;
  }

  /** As {@link openLog}. */
  static async open(options: LogOptions): Promise<SqliteLog> {
    const thread = new Thread();
    try {
      await thread.ask({ type: "open", options });
      return new SqliteLog(thread, options.folder);
    } catch (error) {
      thread.end();
      throw error;
    }
  }

  append(drafts: readonly Draft[]): Promise<readonly Stored[]> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly Stored[]
    >();
    this.#waiting.push({ drafts: drafts.map(own), resolve, reject });
    if (!this.#busy) {
      this.#busy = true;
      // Everybody whom the last transaction woke up gets to say something.
      queueMicrotask(() => void this.#write());
    }
    return promise;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#writeGroup(group);
    }
    this.#busy = false;
    this.#idle?.();
  }

  async #writeGroup(group: readonly Append[]): Promise<void> {
    const batches = group.map(({ drafts }) => drafts);
    let outcomes: readonly Outcome[];
    try {
      outcomes = await this.#thread.ask({ type: "append", batches });
    } catch (error) {
      for (const { reject } of group) reject(error as StoreError);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index] as Outcome;
      if ("stored" in outcome) resolve(outcome.stored);
      else reject(StoreError.of(outcome.error));
    });
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
      if (part === 0) return removed;
      removed += part;
    }
  }

  /** As {@link backupLog}, of this log. */
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
    if (this.#busy) await new Promise<void>((resolve) => this.#idle = resolve);
    try {
      await this.#thread.ask({ type: "close" });
    } finally {
      this.#thread.end();
    }
  }
}

/**
 * A draft that nobody changes while it waits. A part of a larger buffer is
 * copied besides, or the whole of it would cross to the thread.
 */
function own(draft: Draft): Draft {
  return typeof draft.text === "string"
    ? draft
    : { ...draft, text: Uint8Array.from(draft.text) };
}

function closed(): StoreError {
  return new StoreError("closed", "The log is closed");
}
