/**
 * The index of words that a search reads. It follows the messages in
 * transactions of its own, so that no append waits for it:
 *
 * - The words of a chunk and the id up to which words are indexed MUST be one
 *   transaction: whenever the process dies, no message is left out of the index
 *   and none comes into it twice.
 * - What was appended and isn't indexed yet is read by a search as it is
 *   (`log_reader.ts`), so a search never depends on how far the index is.
 * - Nothing is lost when a chunk can't be written (a full disk): it is tried
 *   again later.
 *
 * Blocks its thread.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { foldedWords } from "../chat/search_words.ts";
import { WHOLE_TEXT, wholeText } from "./message_text.ts";
import { rollBack } from "./schema.ts";

/** Messages indexed in one transaction, at most: about 3 ms. */
export const INDEXED_AT_ONCE = 512;

/** UTF-16 units after which a transaction takes no more messages. */
const UNITS_AT_ONCE = 32_768;

/**
 * Messages that may wait for the index while more come without a pause; above
 * it appends and index take turns. Also what a search or the first seconds
 * after a crash have to catch up with at most, about 0.4 s of work.
 */
export const MOST_UNINDEXED = 50_000;

/** A message whose words are to come into the index. */
interface TextRow {
  readonly id: number;
  readonly room: number;
  readonly text: string | Uint8Array;
}

/** The writing side of the index. */
export class WordIndex {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  #indexedId: number;

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
    this.#indexedId = this.#readIndexedId();
  }

  /** The words of messages up to this id are in the index. */
  get indexedId(): number {
    return this.#indexedId;
  }

  /**
   * Indexes some of the messages up to `lastId`, the last id that was given.
   *
   * @throws what SQLite throws; then nothing was changed.
   */
  advance(lastId: number): void {
    if (this.#indexedId >= lastId) return;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const indexedId = this.#insertChunk() ?? lastId;
      this.#statements.saveId.run(indexedId);
      this.#database.exec("COMMIT");
      this.#indexedId = indexedId;
    } catch (error) {
      rollBack(this.#database);
      throw error;
    }
  }

  /** Forgets a message, within the transaction that removes it. */
  remove(id: number): void {
    if (id <= this.#indexedId) this.#statements.remove.run(id);
  }

  /** Answers up to which id; none when there is nothing left. */
  #insertChunk(): number | undefined {
    const { unindexed, insert } = this.#statements;
    const rows = unindexed.all(this.#indexedId, INDEXED_AT_ONCE);
    let units = 0;
    for (const { id, room, text } of rows as unknown as TextRow[]) {
      const words = foldedWords(wholeText(text)).join(" ");
      insert.run(id, `${room}`, words);
      units += text.length;
      if (units >= UNITS_AT_ONCE) return id;
    }
    return rows.length < INDEXED_AT_ONCE
      ? undefined
      : rows.at(-1)?.id as number;
  }

  #readIndexedId(): number {
    return this.#statements.indexedId.get()?.indexed_id as number;
  }
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  return {
    indexedId: statement("SELECT indexed_id FROM counter"),
    saveId: statement("UPDATE counter SET indexed_id = ?"),
    unindexed: statement(
      `SELECT m.id, m.room, ${WHOLE_TEXT} FROM message m ` +
        "WHERE m.id > ? AND typeof(m.text) = 'text' ORDER BY m.id LIMIT ?",
    ),
    insert: statement("INSERT INTO word (rowid, room, text) VALUES (?, ?, ?)"),
    remove: statement("DELETE FROM word WHERE rowid = ?"),
  };
}
