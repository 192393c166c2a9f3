/**
 * Reads what the chat keeps beside its messages. Blocks its thread.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  KeyRecord,
  MemberRecord,
  PersonRecord,
  RejectionRecord,
  SessionRecord,
  Snapshot,
} from "../chat/state.ts";
import { readableRef, whole, wholeText } from "./message_text.ts";

/** A person as SQLite gives it. */
interface PersonRow {
  readonly handle: number;
  readonly name: string;
  readonly created: number;
  readonly rounds: number | null;
  readonly salt: Uint8Array | null;
  readonly hash: Uint8Array | null;
}

/** A room as SQLite gives it. */
type RoomRow =
  & Omit<Snapshot["rooms"][number], "topic" | "madeBy">
  & { readonly topic: string | null; readonly madeBy: string | null };

/** The reading side of the state. */
export class StateReader {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  /** What another connection has committed is behind another one of these. */
  #version: number;

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
    this.#version = this.#dataVersion;
  }

  get #dataVersion(): number {
    return this.#statements.dataVersion.get()?.data_version as number;
  }

  /** As `StateStore.load`. What refers to nobody MUST have been removed. */
  load(): Snapshot {
    return this.#atOnce(() => {
      this.#version = this.#dataVersion;
      const { people, keys, rooms, members, sessions, rejections } =
        this.#statements;
      return {
        people: people.all().map(person),
        keys: keys.all() as unknown as KeyRecord[],
        rooms: rooms.all().map(room),
        members: members.all() as unknown as MemberRecord[],
        sessions: sessions.all() as unknown as SessionRecord[],
        rejections: rejections.all().map(rejection),
      };
    });
  }

  /** As `StateStore.accounts`. */
  changedAccounts(): PersonRecord[] | undefined {
    // Mostly that is all.
    if (this.#dataVersion === this.#version) {
      return undefined;
    }
    return this.#atOnce(() => {
      const version = this.#dataVersion;
      const accounts = this.accounts();
      // Not before: who could not be told is told the next time.
      this.#version = version;
      return accounts;
    });
  }

  /** All accounts, by folded name. */
  accounts(): PersonRecord[] {
    return this.#statements.accounts.all().map(person);
  }

  /** The account whose folded name is `key`. */
  account(key: string): PersonRecord | undefined {
    const row = this.#statements.account.get(key);
    return row === undefined ? undefined : person(row);
  }

  /** The handles of the rooms that a person is a member of. */
  roomsOf(person: number): number[] {
    return this.#statements.roomsOf.all(person).map(({ room }) =>
      room as number
    );
  }

  /** Whether a room is a group or public, and has no member. */
  isAbandoned(room: number): boolean {
    return this.#statements.abandoned.get(room) !== undefined;
  }

  /** Reads several things as they are at one moment. */
  #atOnce<Result>(read: () => Result): Result {
    this.#database.exec("BEGIN");
    try {
      return read();
    } finally {
      this.#database.exec("COMMIT");
    }
  }
}

function person(row: unknown): PersonRecord {
  const { handle, name, created, rounds, salt, hash } = row as PersonRow;
  const guest = { handle, name, created };
  return rounds === null || salt === null || hash === null
    ? guest
    : { ...guest, verifier: { rounds, salt, hash } };
}

function rejection(row: unknown): RejectionRecord {
  const found = row as RejectionRecord;
  return { ...found, detail: wholeText(found.detail) };
}

function room(row: unknown): Snapshot["rooms"][number] {
  const { topic, madeBy, ...known } = row as RoomRow;
  return {
    ...known,
    ...topic !== null && { topic },
    ...madeBy !== null && { madeBy },
  };
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  const people = "SELECT handle, name, created, rounds, salt, hash FROM person";
  return {
    dataVersion: statement("PRAGMA data_version"),
    people: statement(`${people} ORDER BY handle`),
    accounts: statement(`${people} WHERE rounds IS NOT NULL ORDER BY key`),
    account: statement(`${people} WHERE key = ? AND rounds IS NOT NULL`),
    keys: statement("SELECT person, key FROM public_key ORDER BY person"),
    rooms: statement(
      "SELECT c.handle, c.kind, c.name, c.stream, c.topic, c.created, " +
        "c.made_by AS madeBy, coalesce(r.last, 0) AS last FROM chat_room c " +
        "LEFT JOIN stream r ON r.key = c.stream ORDER BY c.handle",
    ),
    members: statement(
      "SELECT room, person, received, read FROM member ORDER BY room, person",
    ),
    sessions: statement(
      "SELECT handle, person, digest, seen FROM session ORDER BY handle",
    ),
    rejections: statement(
      `SELECT session, ${readableRef("ref")} AS ref, code, ` +
        `${whole("detail")} AS detail FROM rejection ORDER BY session, ref`,
    ),
    roomsOf: statement("SELECT room FROM member WHERE person = ?"),
    abandoned: statement(
      "SELECT handle FROM chat_room WHERE handle = ? AND kind <> 'direct' " +
        "AND NOT EXISTS (SELECT 1 FROM member WHERE room = chat_room.handle)",
    ),
  };
}
