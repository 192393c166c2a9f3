/**
 * What the thread of the log is asked and what it answers: each question gets
 * one answer, in order. Plain data, cloned from thread to thread; for writes
 * alone, which come by the thousand, there is `write_memory.ts`.
 *
 * @module
 */

import type { Message, PageQuery, SearchQuery, Stored } from "../chat/log.ts";
import type { Change, PersonRecord, Snapshot } from "../chat/state.ts";
import type { LogOptions } from "./log_file.ts";
import type { PlainStoreError } from "./store_error.ts";

/** A save among appends: it stands in the place of batch `at`, an empty one. */
export interface Save {
  readonly at: number;
  readonly changes: readonly Change[];
}

/** What became of one batch; a save stores no message. */
export type Outcome =
  | { readonly stored: readonly Stored[] }
  | { readonly error: PlainStoreError };

/** What the thread is told first of all. */
export interface Hello {
  readonly bell: SharedArrayBuffer;
  /** Used in turn. */
  readonly memories: readonly SharedArrayBuffer[];
}

/** Each question with its arguments and its answer. */
export interface Questions {
  open: { ask: { options: LogOptions }; answer: null };
  load: { ask: Record<never, never>; answer: Snapshot };
  /** All, if another program has changed any. */
  accounts: {
    ask: Record<never, never>;
    answer: readonly PersonRecord[] | undefined;
  };
  /** Reserves so many handles; answers the first. */
  handles: { ask: { count: number }; answer: number };
  page: {
    ask: { room: string; query: PageQuery };
    answer: readonly Message[];
  };
  /** Whether it can be written now. */
  check: { ask: Record<never, never>; answer: null };
  /** Indexes words of a part; answers how many messages are left. */
  index: { ask: Record<never, never>; answer: number };
  search: {
    ask: { rooms: readonly string[]; words: string; query: SearchQuery };
    answer: readonly Message[];
  };
  find: {
    ask: { session: string; ref: number };
    answer: Message | undefined;
  };
  last: { ask: { room: string }; answer: number };
  /** A part of what is to be removed; 0 when nothing is left. */
  prune: { ask: { olderThan: number }; answer: number };
  /**
   * A part of what is left of direct rooms without messages: first with `@`,
   * then with what was answered, until that is undefined.
   */
  tidy: { ask: { after: string }; answer: string | undefined };
  backup: { ask: { folder: string; file: string }; answer: null };
  close: { ask: Record<never, never>; answer: null };
}

/** The name of a question. */
export type QuestionType = keyof Questions;

/** A question of one type, as it is posted. */
export type Question<Type extends QuestionType = QuestionType> = {
  [Each in Type]: { readonly type: Each } & Readonly<Questions[Each]["ask"]>;
}[Type];

/** An answer, as it is posted; `written`: it is in the next memory. */
export type Answer =
  | "written"
  | { readonly value: Questions[QuestionType]["answer"] }
  | { readonly error: PlainStoreError };
