/**
 * Writes messages: ids, sequences, repeats, retention. Blocks its thread.
 *
 * - All batches of one call are one transaction: one sync of the disk. When it
 *   fails, each batch is tried by itself, so that one that can't be written
 *   takes no other along; a batch that fails MUST leave nothing behind.
 * - Ids rise over the whole log, sequences over a room, both counted in tables
 *   of their own: neither is ever given twice, not even after a prune.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Draft, Stored } from "../chat/log.ts";
import { foldedWords } from "../chat/search_words.ts";
import type { Outcome } from "./protocol.ts";
import { rollBack } from "./schema.ts";
import { storeError } from "./store_error.ts";

/** A room and the last sequence it gave. */
interface RoomRow {
  readonly number: number;
  last: number;
}

/** Rooms kept in memory between transactions. */
const KNOWN_ROOMS = 10_000;

/** Messages removed in one transaction: appends need not wait for more. */
export const PRUNED_AT_ONCE = 1_000;

/** The writing side of an open log. */
export class LogWriter {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #statements: ReturnType<typeof prepare>;
  #lastId: number;
  #rooms = new Map<string, RoomRow>();
  /** Rooms that the running transaction wrote to. */
  readonly #touched = new Set<RoomRow>();

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
    this.#statements = prepare(database);
    this.#lastId = this.#readLastId();
  }

  /** Writes batches, as durable as the database is set to be. */
  append(batches: readonly (readonly Draft[])[]): Outcome[] {
    try {
      return this.#transaction(() =>
        batches.map((drafts) => ({
          stored: drafts.map((draft) => this.#write(draft)),
        }))
      );
    } catch (error) {
      if (batches.length === 1) {
        return [{ error: storeError(error, this.#file).plain }];
      }
      return batches.flatMap((batch) => this.append([batch]));
    }
  }

  /** Removes some of the messages older than a time, ms; answers how many. */
  prune(olderThan: number): number {
    const { expired, remove, removeWords } = this.#statements;
    return this.#transaction(() => {
      const rows = expired.all(olderThan, PRUNED_AT_ONCE);
      for (const { id } of rows as { id: number }[]) {
        removeWords.run(id);
        remove.run(id);
      }
      return rows.length;
    });
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#saveCounters();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      rollBack(this.#database);
      this.#touched.clear();
      this.#rooms.clear();
      this.#lastId = this.#readLastId();
      throw error;
    }
  }

  #saveCounters(): void {
    if (this.#touched.size === 0) return;
    for (const { number, last } of this.#touched) {
      this.#statements.saveSequence.run(last, number);
    }
    this.#statements.saveId.run(this.#lastId);
    this.#touched.clear();
    if (this.#rooms.size > KNOWN_ROOMS) this.#rooms.clear();
  }

  #write(draft: Draft): Stored {
    const { sender, text, time, session, ref } = draft;
    const room = this.#room(draft.room);
    const id = this.#lastId + 1;
    const sequence = room.last + 1;
    const authored = session !== undefined && ref !== undefined;
    const { changes } = this.#statements.insert.run(
      id,
      room.number,
      sequence,
      sender,
      time,
      text,
      authored ? session : null,
      authored ? ref : null,
    );
    if (changes === 0) {
      const first = this.#statements.byRef.get(session!, ref!);
      const { id, sequence } = first as unknown as Stored;
      return { id, sequence, repeated: true };
    }
    this.#lastId = id;
    room.last = sequence;
    this.#touched.add(room);
    if (typeof text === "string") {
      const words = foldedWords(text).join(" ");
      this.#statements.insertWords.run(id, String(room.number), words);
    }
    return { id, sequence };
  }

  #room(key: string): RoomRow {
    const known = this.#rooms.get(key);
    if (known !== undefined) return known;
    const row = this.#statements.room.get(key) ??
      this.#statements.addRoom.get(key);
    const { number, last } = row as unknown as RoomRow;
    const room = { number, last };
    this.#rooms.set(key, room);
    return room;
  }

  #readLastId(): number {
    return this.#statements.lastId.get()?.last_id as number;
  }
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  return {
    room: statement(
      "SELECT number, last_sequence AS last FROM room WHERE key = ?",
    ),
    addRoom: statement(
      "INSERT INTO room (key, last_sequence) VALUES (?, 0) " +
        "RETURNING number, last_sequence AS last",
    ),
    saveSequence: statement(
      "UPDATE room SET last_sequence = ? WHERE number = ?",
    ),
    lastId: statement("SELECT last_id FROM counter"),
    saveId: statement("UPDATE counter SET last_id = ?"),
    insert: statement(
      "INSERT INTO message " +
        "(id, room, sequence, sender, time, text, session, ref) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT (session, ref) WHERE session IS NOT NULL DO NOTHING",
    ),
    byRef: statement(
      "SELECT id, sequence FROM message WHERE session = ? AND ref = ?",
    ),
    insertWords: statement(
      "INSERT INTO word (rowid, room, text) VALUES (?, ?, ?)",
    ),
    expired: statement(
      "SELECT id FROM message WHERE time < ? ORDER BY time LIMIT ?",
    ),
    remove: statement("DELETE FROM message WHERE id = ?"),
    removeWords: statement("DELETE FROM word WHERE rowid = ?"),
  };
}
