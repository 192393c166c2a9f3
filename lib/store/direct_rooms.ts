/**
 * What is left of direct rooms when nothing that was said in them is kept any
 * more. Those of people who are gone can never be used again: nobody has their
 * handles. Rooms and groups stay, whose sequences MUST go on. Blocks its
 * thread; works within transactions of its caller's.
 *
 * Nothing that began in this run is removed: a guest who is here may have no row
 * in `person`, and the server counts on what it has written. Whoever has none
 * and is from a run before is gone.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { peopleOf } from "../chat/state.ts";
import type { StateWriter } from "./state_writer.ts";

/** Streams looked at in one transaction. */
const STREAMS_AT_ONCE = 1_000;

/** Streams of direct rooms begin with `@`: all of them are before this. */
const BEHIND_STREAMS = "A";

/** Removes what is left of direct rooms. */
export class DirectRooms {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #state: StateWriter;
  /** The last handle that was given, or reserved, when this began. */
  readonly #lastHandle: number;
  /**
   * The last stream there was when this began. Later ones wait for another
   * run: this one may remember a sequence of theirs. (This one stays itself,
   * so that no number is ever used again.)
   */
  readonly #last: number;

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync, state: StateWriter) {
    this.#statements = prepare(database);
    this.#state = state;
    this.#last = this.#statements.lastStream.get()?.last as number;
    this.#lastHandle = this.#statements.lastHandle.get()?.last as number;
  }

  /**
   * Removes rooms without messages in which one of the people is gone, but for
   * those of this run.
   */
  removeRooms(): void {
    const { silent, person } = this.#statements;
    for (const { handle, stream } of silent.all(this.#lastHandle)) {
      const people = peopleOf(stream as string);
      if (people.every((handle) => person.get(handle) !== undefined)) continue;
      this.#state.make({ type: "remove_room", handle: handle as number });
    }
  }

  /**
   * Removes streams without messages that belong to no room (any more): some
   * of those whose key is behind `after`. Answers up to which key; undefined
   * when that were all.
   */
  removeStreams(after: string): string | undefined {
    const { nextKey, removeStreams } = this.#statements;
    const row = nextKey.get(after, BEHIND_STREAMS, STREAMS_AT_ONCE);
    const to = row?.key as string | undefined;
    removeStreams.run(
      after,
      to ?? BEHIND_STREAMS,
      BEHIND_STREAMS,
      this.#last,
    );
    return to;
  }
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  return {
    lastStream: statement("SELECT coalesce(max(number), 0) AS last FROM room"),
    lastHandle: statement("SELECT last_handle AS last FROM counter"),
    silent: statement(
      "SELECT handle, stream FROM chat_room WHERE kind = 'direct' " +
        "AND handle <= ? AND NOT EXISTS (SELECT 1 FROM room r JOIN message m " +
        "ON m.room = r.number WHERE r.key = chat_room.stream)",
    ),
    person: statement("SELECT 1 FROM person WHERE handle = ?"),
    nextKey: statement(
      "SELECT key FROM room WHERE key > ? AND key < ? " +
        "ORDER BY key LIMIT 1 OFFSET ?",
    ),
    removeStreams: statement(
      "DELETE FROM room WHERE key > ?1 AND key <= ?2 AND key < ?3 " +
        "AND number < ?4 " +
        "AND NOT EXISTS (SELECT 1 FROM message WHERE room = room.number) " +
        "AND NOT EXISTS (SELECT 1 FROM chat_room WHERE stream = room.key)",
    ),
  };
}
