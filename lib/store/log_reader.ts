/**
 * Reads messages: pages and searches. Blocks its thread.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Message, PageQuery, SearchQuery } from "../chat/log.ts";
import {
  foldedWords,
  holds,
  parseQuery,
  type Phrase,
} from "../chat/search_words.ts";
import { readableRef, WHOLE_TEXT, wholeText } from "./message_text.ts";

/** A message as SQLite gives it. */
interface MessageRow
  extends Omit<Message, "person" | "session" | "ref" | "sent"> {
  readonly form: "text" | "blob";
  readonly person: number | null;
  readonly session: string | null;
  readonly ref: number | null;
  readonly sent: string | null;
}

const COLUMNS =
  "m.id, m.sequence, r.key AS room, m.sender, m.person, m.time, " +
  `typeof(m.text) AS form, ${WHOLE_TEXT}, m.session, ` +
  `${readableRef("m.ref")} AS ref, m.sent`;

/** Behind every sequence. */
const BEHIND = Number.MAX_SAFE_INTEGER;

/**
 * ms that a message may seem older than one before it, since clocks are set
 * back now and then: such a message is still found by its time.
 */
const STEP_BACK = 60_000;

/** What is behind the last message. */
const NOTHING = { sequence: Infinity, time: Infinity };

/** The reading side of an open log. */
export class LogReader {
  readonly #statements: ReturnType<typeof prepare>;

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** As `MessageArchive.page`. */
  page(
    room: string,
    { after, before, since = -Infinity, limit }: PageQuery,
  ): Message[] {
    const { oldest, newest } = this.#statements;
    const forward = before === undefined &&
      (after !== undefined || since !== -Infinity);
    const within = { after: after ?? 0, before: before ?? BEHIND };
    const rows = (forward ? oldest : newest).all(
      room,
      since === -Infinity ? within.after : this.#start(room, since, within),
      within.before,
      since,
      Math.max(0, limit),
    );
    const messages = rows.map(message);
    return forward ? messages : messages.reverse();
  }

  /**
   * A sequence after which everything from a time on is found: the last one
   * that is older by more than {@link STEP_BACK}, halving what is left.
   */
  #start(
    room: string,
    since: number,
    { after, before }: { after: number; before: number },
  ): number {
    const found = this.#statements.room.get(room);
    if (found === undefined) return after;
    const last = found.last as number;
    // What is at or before `low` is too old, what is from `high` on is not.
    let low = after;
    let high = Math.min(before, last + 1);
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2);
      const next = this.#statements.at.get(found.number as number, middle);
      const { sequence, time } = (next ?? NOTHING) as typeof NOTHING;
      if (time < since - STEP_BACK) low = sequence;
      else high = middle;
    }
    return low;
  }

  /**
   * As `MessageArchive.search`: in the index of words, which goes up to
   * `indexedId`, and in the messages behind it.
   */
  search(
    rooms: readonly string[],
    words: string,
    { before = Number.MAX_SAFE_INTEGER, limit }: SearchQuery,
    indexedId: number,
  ): Message[] {
    const phrases = parseQuery(words);
    const most = Math.max(0, limit);
    const latest = this.#searchLatest(rooms, phrases, before, most, indexedId);
    const indexed = this.#searchIndex(
      rooms,
      phrases,
      Math.min(before, indexedId + 1),
      most - latest.length,
    );
    return [...latest, ...indexed].reverse();
  }

  /** What isn't in the index yet, newest first. */
  #searchLatest(
    rooms: readonly string[],
    phrases: readonly Phrase[],
    before: number,
    most: number,
    indexedId: number,
  ): Message[] {
    const found: Message[] = [];
    if (phrases.length === 0 || most === 0) return found;
    const wanted = new Set(rooms);
    const rows = this.#statements.latest.iterate(indexedId, before);
    for (const row of rows as Iterable<unknown>) {
      const candidate = message(row);
      if (!wanted.has(candidate.room)) continue;
      const said = foldedWords(candidate.text as string);
      if (!phrases.every((phrase) => holds(said, phrase))) continue;
      if (found.push(candidate) === most) break;
    }
    return found;
  }

  /** What is in the index, newest first. */
  #searchIndex(
    rooms: readonly string[],
    phrases: readonly Phrase[],
    before: number,
    most: number,
  ): Message[] {
    const numbers = rooms.flatMap((key) => {
      const number = this.#statements.room.get(key)?.number;
      return number === undefined ? [] : [`"${number}"`];
    });
    if (phrases.length === 0 || numbers.length === 0 || most === 0) return [];
    return this.#statements.search.all(
      `room : (${numbers.join(" OR ")}) AND text : (${matching(phrases)})`,
      before,
      most,
    ).map(message);
  }

  /** As `MessageArchive.find`. */
  find(session: string, ref: number): Message | undefined {
    const row = this.#statements.byRef.get(session, ref);
    return row === undefined ? undefined : message(row);
  }

  /** As `MessageArchive.last`. */
  last(room: string): number {
    return Number(this.#statements.room.get(room)?.last ?? 0);
  }
}

/**
 * The phrases in FTS5's language. Folded words are made of letters, digits,
 * marks and emoji alone, so nothing in them can end the quotes.
 */
function matching(phrases: readonly Phrase[]): string {
  return phrases.map(({ words, prefix }) =>
    `"${words.join(" ")}"${prefix ? " *" : ""}`
  ).join(" AND ");
}

function message(row: unknown): Message {
  const { id, sequence, room, sender, person, time, form } = row as MessageRow;
  const { session, ref, sent } = row as MessageRow;
  const stored = (row as MessageRow).text;
  const text = form === "text" ? wholeText(stored) : stored;
  return {
    id,
    sequence,
    room,
    sender,
    ...person !== null && { person },
    time,
    text,
    ...session !== null && ref !== null && { session, ref },
    ...sent !== null && { sent },
  };
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  const page = (order: string) =>
    statement(
      `SELECT ${COLUMNS} FROM room r JOIN message m ON m.room = r.number ` +
        "WHERE r.key = ? AND m.sequence > ? AND m.sequence < ? " +
        "AND m.time >= ? " +
        `ORDER BY m.sequence ${order} LIMIT ?`,
    );
  return {
    room: statement("SELECT number, last FROM stream WHERE key = ?"),
    at: statement(
      "SELECT sequence, time FROM message " +
        "WHERE room = ? AND sequence >= ? ORDER BY sequence LIMIT 1",
    ),
    byRef: statement(
      `SELECT ${COLUMNS} FROM message m JOIN room r ON r.number = m.room ` +
        "WHERE m.session = ? AND m.ref = ?",
    ),
    oldest: page("ASC"),
    newest: page("DESC"),
    latest: statement(
      `SELECT ${COLUMNS} FROM message m ` +
        "CROSS JOIN room r ON r.number = m.room " +
        "WHERE m.id > ? AND m.id < ? AND typeof(m.text) = 'text' " +
        "ORDER BY m.id DESC",
    ),
    // Newest first is the order that the index of words is read in.
    search: statement(
      `SELECT ${COLUMNS} FROM word w ` +
        "CROSS JOIN message m ON m.id = w.rowid " +
        "CROSS JOIN room r ON r.number = m.room " +
        "WHERE word MATCH ? AND w.rowid < ? ORDER BY w.rowid DESC LIMIT ?",
    ),
  };
}
