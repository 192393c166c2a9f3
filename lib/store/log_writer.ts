/**
 * Writes messages: ids, sequences, repeats, retention; and saves between them.
 * Blocks its thread.
 *
 * - All batches of one call, appends and saves, are one transaction: one sync
 *   of the disk. When it fails, each batch is tried by itself, so that one that
 *   can't be written takes no other along; a batch that fails MUST leave
 *   nothing behind.
 * - Ids rise over the whole log, sequences over a room: neither is ever given
 *   twice. The messages themselves say how far they are; a prune MUST write down
 *   what it takes away of that.
 * - What a prune looks for it finds by spans of ids: the oldest time in each of
 *   them MUST be known, whatever the clock did.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Draft, Stored } from "../chat/log.ts";
import type { Change } from "../chat/state.ts";
import { DirectRooms } from "./direct_rooms.ts";
import type { Outcome, Save } from "./protocol.ts";
import { rollBack } from "./schema.ts";
import { StateWriter } from "./state_writer.ts";
import { storeError } from "./store_error.ts";
import type { WordIndex } from "./word_index.ts";

/** A room and the last sequence it gave. */
interface RoomRow {
  readonly number: number;
  last: number;
}

/** A message that is to be removed. */
interface ExpiredRow {
  readonly id: number;
  readonly room: number;
  readonly sequence: number;
}

/** Where and when a message was stored that is said again. */
type FirstRow = Stored & Required<Stored>["repeated"];

/** Rooms kept in memory between transactions. */
const KNOWN_ROOMS = 10_000;

/**
 * Ids of a span, as the schema has it since version 6. That much is removed at
 * once: appends wait for no more.
 */
const SPAN = 1_024;

/** Messages that one statement writes: fewer calls into SQLite. */
const ROWS = 32;

/** The writing side of an open log. */
export class LogWriter {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #index: WordIndex;
  readonly #state: StateWriter;
  readonly #directRooms: DirectRooms;
  readonly #statements: ReturnType<typeof prepare>;
  #lastId: number;
  #rooms = new Map<string, RoomRow>();
  /** The span that was written to last, and a time that it knows; or none. */
  #span = -1;
  #oldest = 0;

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync, file: string, index: WordIndex) {
    this.#database = database;
    this.#file = file;
    this.#index = index;
    this.#state = new StateWriter(database);
    this.#directRooms = new DirectRooms(database, this.#state);
    this.#statements = prepare(database);
    this.#lastId = this.#readLastId();
  }

  /** The last id that was given, 0 when none was. */
  get lastId(): number {
    return this.#lastId;
  }

  /**
   * Writes batches, as durable as the database is set to be. A save stands in
   * the place of an empty batch.
   */
  write(
    batches: readonly (readonly Draft[])[],
    saves: readonly Save[] = [],
  ): Outcome[] {
    try {
      const stored = this.#transaction(() => {
        // Messages and state are in different tables: within a transaction
        // nobody can tell which came first.
        for (const { changes } of saves) this.#make(changes);
        return this.#write(batches.flat());
      });
      let from = 0;
      return batches.map(({ length }) => ({
        stored: stored.slice(from, from += length),
      }));
    } catch (error) {
      if (batches.length === 1) {
        return [{ error: storeError(error, this.#file).plain }];
      }
      const changes = new Map(saves.map(({ at, changes }) => [at, changes]));
      return batches.flatMap((batch, at) => {
        const own = changes.get(at);
        return this.write([batch], own && [{ at: 0, changes: own }]);
      });
    }
  }

  #make(changes: readonly Change[]): void {
    for (const change of changes) this.#state.make(change);
  }

  /** As `StateWriter.takeHandles`. */
  takeHandles(count: number): number {
    return this.#transaction(() => this.#state.takeHandles(count));
  }

  /** As `StateWriter.removeStrays`. */
  removeStrays(): void {
    this.#transaction(() => this.#state.removeStrays());
  }

  /** Removes some of the messages older than a time, ms; answers how many. */
  prune(olderThan: number): number {
    return this.#transaction(() => {
      for (;;) {
        const next = this.#statements.nextSpan.get(olderThan);
        if (next === undefined) return 0;
        const removed = this.#pruneSpan(next.number as number, olderThan);
        if (removed > 0) return removed;
      }
    });
  }

  #pruneSpan(span: number, olderThan: number): number {
    const { expired, remove, keepSequence, keepId } = this.#statements;
    const bounds = [span * SPAN, (span + 1) * SPAN] as const;
    const rows = expired.all(...bounds, olderThan) as unknown as ExpiredRow[];
    const last = new Map<number, number>();
    for (const { id, room, sequence } of rows) {
      this.#index.remove(id);
      last.set(room, sequence);
    }
    for (const [room, sequence] of last) keepSequence.run(sequence, room);
    keepId.run(rows.at(-1)?.id ?? 0);
    remove.run(...bounds, olderThan);
    this.#lookAt(span, bounds);
    return rows.length;
  }

  /** Finds out what is left of a span. */
  #lookAt(span: number, bounds: readonly [number, number]): void {
    const { oldestOf, setSpan, dropSpan } = this.#statements;
    const oldest = oldestOf.get(...bounds)?.oldest as number | null;
    if (oldest === null) dropSpan.run(span);
    else setSpan.run(oldest, span);
    if (span === this.#span) this.#span = -1;
  }

  /** A message is in a span: its time may be the oldest there. */
  #note(id: number, time: number): void {
    const span = Math.floor(id / SPAN);
    if (span === this.#span && time >= this.#oldest) return;
    this.#statements.noteSpan.run(span, time);
    this.#span = span;
    this.#oldest = time;
  }

  /**
   * Removes a part of what is left of direct rooms without messages; answers
   * what to go on with, undefined when that was all.
   */
  tidy(after: string): string | undefined {
    return this.#transaction(() => {
      // The whole of it: few rooms have people who are gone.
      if (after === "@") this.#directRooms.removeRooms();
      this.#rooms.clear();
      return this.#directRooms.removeStreams(after);
    });
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      if (this.#rooms.size > KNOWN_ROOMS) this.#rooms.clear();
      return result;
    } catch (error) {
      rollBack(this.#database);
      this.#rooms.clear();
      this.#span = -1;
      this.#lastId = this.#readLastId();
      throw error;
    }
  }

  #write(drafts: readonly Draft[]): Stored[] {
    const stored: Stored[] = [];
    let from = 0;
    for (; from + ROWS <= drafts.length; from += ROWS) {
      this.#writeRows(drafts.slice(from, from + ROWS), stored);
    }
    for (; from < drafts.length; from++) {
      stored.push(this.#writeRow(drafts[from] as Draft));
    }
    return stored;
  }

  /** Writes {@link ROWS} messages, as if each of them was written by itself. */
  #writeRows(drafts: readonly Draft[], stored: Stored[]): void {
    const first = this.#lastId + 1;
    const rooms = drafts.map(({ room }) => this.#room(room));
    const values: Value[] = [];
    drafts.forEach((draft, index) => {
      const room = rooms[index] as RoomRow;
      const place = { id: first + index, sequence: ++room.last };
      stored.push(place);
      pushValues(values, place, room, draft);
    });
    if (this.#statements.insertRows.run(...values).changes === ROWS) {
      this.#lastId += ROWS;
      drafts.forEach(({ time }, index) => this.#note(first + index, time));
      return;
    }
    // Something is repeated, so what follows it gets other numbers.
    this.#statements.takeBack.run(first);
    stored.length -= ROWS;
    for (const room of rooms) room.last--;
    for (const draft of drafts) stored.push(this.#writeRow(draft));
  }

  #writeRow(draft: Draft): Stored {
    const room = this.#room(draft.room);
    const place = { id: this.#lastId + 1, sequence: room.last + 1 };
    const values: Value[] = [];
    pushValues(values, place, room, draft);
    if (this.#statements.insert.run(...values).changes === 0) {
      const first = this.#statements.byRef.get(draft.session!, draft.ref!);
      const { id, sequence, ...repeated } = first as unknown as FirstRow;
      return { id, sequence, repeated };
    }
    this.#lastId = place.id;
    room.last = place.sequence;
    this.#note(place.id, draft.time);
    return place;
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
    return this.#statements.lastId.get()?.last as number;
  }
}

type Value = string | number | Uint8Array | null;

/** The values of a row, in the order of the statement. */
function pushValues(
  values: Value[],
  { id, sequence }: Stored,
  { number }: RoomRow,
  { sender, person, text, time, session, ref, sent }: Draft,
): void {
  const authored = session !== undefined && ref !== undefined;
  values.push(
    id,
    number,
    sequence,
    sender,
    person ?? null,
    time,
    text,
    authored ? session : null,
    authored ? ref : null,
    sent ?? null,
  );
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  const insert = (rows: number) =>
    statement(
      "INSERT INTO message " +
        "(id, room, sequence, sender, person, time, text, session, ref, sent) " +
        "VALUES " +
        new Array<string>(rows).fill("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").join(
          ", ",
        ) +
        " ON CONFLICT (session, ref) WHERE session IS NOT NULL DO NOTHING",
    );
  return {
    room: statement(
      "SELECT number, last FROM stream WHERE key = ?",
    ),
    addRoom: statement(
      "INSERT INTO room (key, last_sequence) VALUES (?, 0) " +
        "RETURNING number, last_sequence AS last",
    ),
    lastId: statement(
      "SELECT max(last_id, coalesce((SELECT max(id) FROM message), 0)) " +
        "AS last FROM counter",
    ),
    insert: insert(1),
    insertRows: insert(ROWS),
    takeBack: statement("DELETE FROM message WHERE id >= ?"),
    byRef: statement(
      "SELECT m.id, m.sequence, r.key AS room, m.time FROM message m " +
        "JOIN room r ON r.number = m.room WHERE m.session = ? AND m.ref = ?",
    ),
    noteSpan: statement(
      "INSERT INTO span (number, oldest) VALUES (?, ?) ON CONFLICT (number) " +
        "DO UPDATE SET oldest = min(oldest, excluded.oldest)",
    ),
    nextSpan: statement(
      "SELECT number FROM span WHERE oldest < ? ORDER BY number LIMIT 1",
    ),
    oldestOf: statement(
      "SELECT min(time) AS oldest FROM message WHERE id >= ? AND id < ?",
    ),
    setSpan: statement("UPDATE span SET oldest = ? WHERE number = ?"),
    dropSpan: statement("DELETE FROM span WHERE number = ?"),
    expired: statement(
      "SELECT id, room, sequence FROM message " +
        "WHERE id >= ? AND id < ? AND time < ? ORDER BY id",
    ),
    keepSequence: statement(
      "UPDATE room SET last_sequence = max(last_sequence, ?) WHERE number = ?",
    ),
    keepId: statement("UPDATE counter SET last_id = max(last_id, ?)"),
    remove: statement(
      "DELETE FROM message WHERE id >= ? AND id < ? AND time < ?",
    ),
  };
}
