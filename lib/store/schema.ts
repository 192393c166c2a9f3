/**
 * The log's schema and how an older file comes to it (docs/storage.md,
 * "Schema").
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "./store_error.ts";

/** Tells chatp's files from other SQLite databases: "chtp". */
export const APPLICATION_ID = 0x63687470;

/**
 * Each step brings a file from the version of its index to the next one. A step
 * that was released MUST NOT be changed: add another.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE room (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    last_sequence INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room,
    sequence INTEGER NOT NULL,
    sender TEXT NOT NULL,
    time INTEGER NOT NULL,
    text ANY NOT NULL CHECK (typeof(text) IN ('text', 'blob')),
    session TEXT,
    ref INTEGER,
    CHECK ((session IS NULL) = (ref IS NULL))
  ) STRICT;
  CREATE UNIQUE INDEX message_by_sequence ON message (room, sequence);
  CREATE UNIQUE INDEX message_by_ref ON message (session, ref)
    WHERE session IS NOT NULL;
  CREATE INDEX message_by_time ON message (time);

  -- What prune leaves of the ids that were given.
  CREATE TABLE counter (last_id INTEGER NOT NULL) STRICT;
  INSERT INTO counter VALUES (0);

  -- Folded words (lib/chat/search_words.ts); the room's number is a word, so
  -- that a search need not look at what was said elsewhere.
  CREATE VIRTUAL TABLE word USING fts5 (
    room, text, content = '', contentless_delete = 1, tokenize = 'ascii'
  );
  `,
  `
  -- The words of messages up to this id are in the index; those of later ones
  -- come to it afterwards. Until this version they came with their message.
  ALTER TABLE counter ADD COLUMN indexed_id INTEGER NOT NULL DEFAULT 0;
  UPDATE counter SET indexed_id = last_id;
  `,
  `
  -- The author's handle. Messages of older versions have none.
  ALTER TABLE message ADD COLUMN person INTEGER;

  -- The last handle that was given, or reserved by a server.
  ALTER TABLE counter ADD COLUMN last_handle INTEGER NOT NULL DEFAULT 0;

  -- key: the folded name. An account has a verifier.
  CREATE TABLE person (
    handle INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    rounds INTEGER,
    salt BLOB,
    hash BLOB,
    CHECK ((rounds IS NULL) = (salt IS NULL)),
    CHECK ((rounds IS NULL) = (hash IS NULL))
  ) STRICT;
  CREATE UNIQUE INDEX account_by_key ON person (key) WHERE rounds IS NOT NULL;

  -- What a room is to its members; room above is what the log knows of it.
  CREATE TABLE chat_room (
    handle INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('public', 'group', 'direct')),
    name TEXT NOT NULL,
    stream TEXT NOT NULL UNIQUE,
    topic TEXT,
    created INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE member (
    room INTEGER NOT NULL,
    person INTEGER NOT NULL,
    received INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (room, person)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX member_by_person ON member (person);

  CREATE TABLE session (
    handle INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,
    digest TEXT NOT NULL,
    seen INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX session_by_person ON session (person);

  CREATE TABLE rejection (
    session INTEGER NOT NULL,
    ref INTEGER NOT NULL,
    code INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (session, ref)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- When it was said by its author's clock, as the author wrote it.
  ALTER TABLE message ADD COLUMN sent TEXT;
  -- Who made it under which key, where it was to be made once.
  ALTER TABLE chat_room ADD COLUMN made_by TEXT;
  `,
  `
  -- An account's public key: SubjectPublicKeyInfo in DER.
  CREATE TABLE public_key (
    person INTEGER PRIMARY KEY,
    key BLOB NOT NULL
  ) STRICT;
  `,
  `
  -- The oldest time in each span of 1,024 ids, in the place of every message's
  -- in an index: what is to be removed is together, but for clocks set back.
  DROP INDEX message_by_time;
  CREATE TABLE span (
    number INTEGER PRIMARY KEY,
    oldest INTEGER NOT NULL
  ) STRICT;
  WITH RECURSIVE each(number) AS (
    SELECT min(id) / 1024 FROM message
    UNION ALL
    SELECT number + 1 FROM each
    WHERE number < (SELECT max(id) / 1024 FROM message)
  )
  INSERT INTO span SELECT * FROM (
    SELECT number, (
      SELECT min(time) FROM message
      WHERE id >= number * 1024 AND id < (number + 1) * 1024
    ) AS oldest FROM each
  ) WHERE oldest IS NOT NULL;

  -- room.last_sequence and counter.last_id are written when messages are
  -- removed; until then the messages say it.
  CREATE VIEW stream AS SELECT number, key, max(last_sequence, coalesce((
    SELECT max(sequence) FROM message WHERE room = room.number
  ), 0)) AS last FROM room;
  `,
];

/** One number that a PRAGMA tells. */
export function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() ?? {};
  return Number(Object.values(row)[0]);
}

/**
 * Brings a database to the newest version, each step in a transaction of its
 * own; an empty one gets the whole schema. Changes nothing when it throws.
 *
 * @throws {StoreError} newer, or damaged when it is another program's.
 */
export function migrate(
  database: DatabaseSync,
  file: string,
  migrations: readonly string[] = MIGRATIONS,
): void {
  checkOwner(database, file);
  const found = pragma(database, "user_version");
  if (found > migrations.length) {
    throw new StoreError(
      "newer",
      `${file} has version ${found} and was written by a newer chatp; ` +
        `this one knows versions up to ${migrations.length}`,
    );
  }
  for (let version = found; version < migrations.length; version++) {
    database.exec("BEGIN IMMEDIATE");
    try {
      database.exec(migrations[version] as string);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      database.exec(`PRAGMA user_version = ${version + 1}`);
      database.exec("COMMIT");
    } catch (error) {
      rollBack(database);
      throw error;
    }
  }
}

/**
 * Makes sure that a database that another process has brought to its version
 * has ours.
 *
 * @throws {StoreError} newer or other_version, or damaged when it is another
 * program's.
 */
export function checkVersion(database: DatabaseSync, file: string): void {
  checkOwner(database, file);
  const found = pragma(database, "user_version");
  if (found === MIGRATIONS.length) return;
  throw new StoreError(
    found > MIGRATIONS.length ? "newer" : "other_version",
    `A chatp serve of another version uses ${file}, which has version ` +
      `${found}; this chatp knows version ${MIGRATIONS.length}`,
    { advice: "Use the same version of chatp as the server, or stop it first" },
  );
}

/** Refuses what some other program keeps in a file of this name. */
function checkOwner(database: DatabaseSync, file: string): void {
  const owner = pragma(database, "application_id");
  const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema")
    .get()?.n;
  if (owner === APPLICATION_ID || (owner === 0 && tables === 0)) return;
  throw new StoreError(
    "damaged",
    `${file} is a database, but not one of chatp`,
    { advice: "Choose another folder with --data" },
  );
}

/** Ends a transaction that failed, unless SQLite has done so already. */
export function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // There was none left: after a full disk SQLite rolls back by itself.
  }
}
