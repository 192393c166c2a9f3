/**
 * The log: the truth about what was said.
 *
 * A message is appended to the log; when the log says that it is durable, and
 * not before, its author is told and everybody sees it. So nobody ever sees a
 * message that a crash can take back, and ids never repeat.
 *
 * @module
 */

import type { Text } from "../wire/mod.ts";

/** A message that is to be written. Plain data: it may cross to a Worker. */
export interface Draft {
  /** The stream it belongs to: a room's key, or that of a room of two. */
  readonly room: string;
  /** The author's name, as it is shown. */
  readonly sender: string;
  /** The author's handle (`state.ts`). */
  readonly person?: number;
  /** What was said; ciphertext stays ciphertext. */
  readonly text: Text;
  /** When the server took it, ms since 1970. */
  readonly time: number;
  /**
   * Who chose `ref`. It is kept with the message and handed out with it: it
   * MUST NOT be a secret. Counts only together with `ref`.
   */
  readonly session?: string;
  /** The author's own number for it, a whole number from 0 in its session. */
  readonly ref?: number;
  /** When it was said by the author's clock, as the author wrote it. */
  readonly sent?: string;
}

/** Where the log put a draft. */
export interface Stored {
  /** Unique in the whole log, rising, never used again. */
  readonly id: number;
  /** The place within its room: 1, 2, 3 … without a gap. */
  readonly sequence: number;
  /**
   * Present when this (session, ref) had been stored before, in that room and
   * at that time: this is where, and nothing was written now.
   */
  readonly repeated?: Pick<Draft, "room" | "time">;
}

/** A message as the log gives it back; never with `repeated`. */
export interface Message extends Draft, Stored {}

/** Which part of a room: bounds are sequences and stand outside of it. */
export interface PageQuery {
  readonly after?: number;
  readonly before?: number;
  /**
   * Only messages from this time on, ms since 1970. One whose clock had been
   * set back by more than a minute may be left out.
   */
  readonly since?: number;
  /** Messages at most, a whole number from 0. */
  readonly limit: number;
}

/** Which of the messages found. */
export interface SearchQuery {
  /** Only messages with a smaller id. */
  readonly before?: number;
  /** Messages at most, a whole number from 0. */
  readonly limit: number;
}

/** Where messages are kept. */
export interface MessageLog {
  /**
   * Appends drafts in their order; answers where each was put, in the same
   * order, once all of them are as durable as this log promises. Appends MUST
   * take effect, and their promises settle, in the order of the calls. A
   * rejection means that none of the drafts was written.
   *
   * A (session, ref) that is in the log MUST NOT be written again: the answer
   * is then the first one's, with `repeated`. That holds within one call and
   * across restarts, for as long as the first is kept (see `prune`).
   */
  append(drafts: readonly Draft[]): Promise<readonly Stored[]>;
  /** Waits for what was appended, then lets go of everything. */
  close(): Promise<void>;
}

/** A log that can be read: what history, search and retention are made of. */
export interface MessageArchive extends MessageLog {
  /**
   * Messages of one room by sequence, oldest first: with `before`
   * or without any bound the newest that fit, else the oldest that fit. Shows
   * everything whose append has settled, and nothing that isn't durable.
   */
  page(room: string, query: PageQuery): Promise<readonly Message[]>;
  /**
   * The newest messages of these rooms that hold all of the words, oldest
   * first. Any string is a query; `search_words.ts` says how words are
   * compared. Ciphertext is never found. No words find nothing.
   */
  search(
    rooms: readonly string[],
    words: string,
    query: SearchQuery,
  ): Promise<readonly Message[]>;
  /** The message of this (session, ref), as far as its append has settled. */
  find(session: string, ref: number): Promise<Message | undefined>;
  /** The last sequence that was given in this room, 0 when none was. */
  last(room: string): Promise<number>;
  /**
   * Removes every message whose `time` is smaller than `olderThan` (ms since
   * 1970); answers how many. Their ids and sequences MUST NOT be given again.
   */
  prune(olderThan: number): Promise<number>;
}
