/**
 * Writes what the chat keeps beside its messages, change by change, within a
 * transaction of its caller's. Blocks its thread.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, PersonRecord, RoomRecord } from "../chat/state.ts";
import { foldName } from "../wire/mod.ts";
import { StoreError } from "./store_error.ts";

/** The writing side of the state. */
export class StateWriter {
  readonly #statements: ReturnType<typeof prepare>;

  /** @throws what SQLite throws. */
  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** @throws {StoreError} name_taken; else what SQLite throws. */
  make(change: Change): void {
    const run = this.#statements;
    switch (change.type) {
      case "put_person":
        return this.#putPerson(change.person);
      case "remove_person":
        return this.#removePerson(change.handle);
      case "put_key":
        return void run.putKey.run(change.key.person, change.key.key);
      case "put_room":
        return this.#putRoom(change.room);
      case "remove_room":
        run.removeRoom.run(change.handle);
        return void run.removeMembersOfRoom.run(change.handle);
      case "put_member": {
        const { room, person, received, read } = change.member;
        return void run.putMember.run(room, person, received, read);
      }
      case "move_cursor": {
        const { room, person, received, read } = change.member;
        return void run.moveCursor.run(received, read, room, person);
      }
      case "remove_member":
        return void run.removeMember.run(change.room, change.person);
      case "put_session": {
        const { handle, person, digest, seen } = change.session;
        return void run.putSession.run(handle, person, digest, seen);
      }
      case "remove_session":
        run.removeRejections.run(change.handle);
        return void run.removeSession.run(change.handle);
      case "put_rejection": {
        const { session, ref, code, detail } = change.rejection;
        return void run.putRejection.run(session, ref, code, detail);
      }
    }
  }

  #putPerson({ handle, name, verifier, created }: PersonRecord): void {
    const key = foldName(name);
    if (verifier !== undefined && this.#isTaken(key, handle)) {
      throw new StoreError("name_taken", `There is an account ${name} already`);
    }
    this.#statements.putPerson.run(
      handle,
      name,
      key,
      created,
      verifier?.rounds ?? null,
      verifier?.salt ?? null,
      verifier?.hash ?? null,
    );
  }

  #isTaken(key: string, handle: number): boolean {
    return this.#statements.otherAccount.get(key, handle) !== undefined;
  }

  #removePerson(handle: number): void {
    const run = this.#statements;
    this.removeSessions(handle);
    run.removeMembersOfPerson.run(handle);
    run.removeKey.run(handle);
    run.removePerson.run(handle);
  }

  /** Forgets all sessions of a person. */
  removeSessions(person: number): void {
    this.#statements.removeRejectionsOfPerson.run(person);
    this.#statements.removeSessionsOfPerson.run(person);
  }

  #putRoom(room: RoomRecord): void {
    const { handle, kind, name, stream, created } = room;
    const { topic = null, madeBy = null } = room;
    this.#statements.putRoom
      .run(handle, kind, name, stream, topic, created, madeBy);
  }

  /** Takes so many handles; answers the first. They are nobody else's. */
  takeHandles(count: number): number {
    const row = this.#statements.takeHandles.get(count);
    return row?.last_handle as number - count + 1;
  }

  /** Forgets what refers to somebody or something that is gone. */
  removeStrays(): void {
    for (const statement of this.#statements.removeStrays) statement.run();
  }
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  return {
    ...preparePeople(statement),
    ...prepareRooms(statement),
    takeHandles: statement(
      "UPDATE counter SET last_handle = last_handle + ? RETURNING last_handle",
    ),
    // In this order: rejections follow their sessions.
    removeStrays: [
      "DELETE FROM member WHERE person NOT IN (SELECT handle FROM person) " +
      "OR room NOT IN (SELECT handle FROM chat_room)",
      "DELETE FROM public_key WHERE person NOT IN (SELECT handle FROM person)",
      "DELETE FROM session WHERE person NOT IN (SELECT handle FROM person)",
      "DELETE FROM rejection WHERE session NOT IN (SELECT handle FROM session)",
    ].map(statement),
  };
}

type Prepare = (sql: string) => StatementSync;

function preparePeople(statement: Prepare) {
  return {
    otherAccount: statement(
      "SELECT handle FROM person " +
        "WHERE key = ? AND rounds IS NOT NULL AND handle <> ?",
    ),
    putPerson: statement(
      "INSERT INTO person (handle, name, key, created, rounds, salt, hash) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (handle) DO UPDATE SET " +
        "name = excluded.name, key = excluded.key, " +
        "created = excluded.created, rounds = excluded.rounds, " +
        "salt = excluded.salt, hash = excluded.hash",
    ),
    removePerson: statement("DELETE FROM person WHERE handle = ?"),
    putKey: statement(
      "INSERT INTO public_key (person, key) VALUES (?, ?) " +
        "ON CONFLICT (person) DO UPDATE SET key = excluded.key",
    ),
    removeKey: statement("DELETE FROM public_key WHERE person = ?"),
    putSession: statement(
      "INSERT INTO session (handle, person, digest, seen) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT (handle) DO UPDATE SET person = excluded.person, " +
        "digest = excluded.digest, seen = excluded.seen",
    ),
    removeSession: statement("DELETE FROM session WHERE handle = ?"),
    removeSessionsOfPerson: statement("DELETE FROM session WHERE person = ?"),
    putRejection: statement(
      "INSERT INTO rejection (session, ref, code, detail) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT (session, ref) DO UPDATE SET code = excluded.code, " +
        "detail = excluded.detail",
    ),
    removeRejections: statement("DELETE FROM rejection WHERE session = ?"),
    removeRejectionsOfPerson: statement(
      "DELETE FROM rejection WHERE session IN " +
        "(SELECT handle FROM session WHERE person = ?)",
    ),
  };
}

function prepareRooms(statement: Prepare) {
  return {
    putRoom: statement(
      "INSERT INTO chat_room " +
        "(handle, kind, name, stream, topic, created, made_by) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (handle) DO UPDATE SET " +
        "kind = excluded.kind, name = excluded.name, topic = excluded.topic, " +
        "stream = excluded.stream, created = excluded.created, " +
        "made_by = excluded.made_by",
    ),
    removeRoom: statement("DELETE FROM chat_room WHERE handle = ?"),
    putMember: statement(
      "INSERT INTO member (room, person, received, read) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT (room, person) DO UPDATE SET " +
        "received = excluded.received, read = excluded.read",
    ),
    moveCursor: statement(
      "UPDATE member SET received = max(received, ?1), read = max(read, ?2) " +
        "WHERE room = ?3 AND person = ?4 AND (received < ?1 OR read < ?2)",
    ),
    removeMember: statement("DELETE FROM member WHERE room = ? AND person = ?"),
    removeMembersOfRoom: statement("DELETE FROM member WHERE room = ?"),
    removeMembersOfPerson: statement("DELETE FROM member WHERE person = ?"),
  };
}
