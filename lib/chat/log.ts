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
  /** What was said; ciphertext stays ciphertext. */
  readonly text: Text;
  /** When the server took it, ms since 1970. */
  readonly time: number;
}

/** Where the log put a draft. */
export interface Stored {
  /** Unique in the whole log, rising, never used again. */
  readonly id: number;
  /** The place within its room: 1, 2, 3 … without a gap. */
  readonly sequence: number;
}

/** Where messages are kept. */
export interface MessageLog {
  /**
   * Appends drafts in their order; answers where each was put, in the same
   * order, once all of them are as durable as this log promises. Appends MUST
   * take effect, and their promises settle, in the order of the calls. A
   * rejection means that none of the drafts was written.
   */
  append(drafts: readonly Draft[]): Promise<readonly Stored[]>;
  /** Waits for what was appended, then lets go of everything. */
  close(): Promise<void>;
}
