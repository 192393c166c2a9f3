/**
 * What the thread of the log is asked and what it answers: each question gets
 * one answer, in order. Plain data, cloned from thread to thread.
 *
 * @module
 */

import type {
  Draft,
  Message,
  PageQuery,
  SearchQuery,
  Stored,
} from "../chat/log.ts";
import type { LogOptions } from "./log_file.ts";
import type { PlainStoreError } from "./store_error.ts";

/** What became of one batch. */
export type Outcome =
  | { readonly stored: readonly Stored[] }
  | { readonly error: PlainStoreError };

/** Each question with its arguments and its answer. */
export interface Questions {
  open: { ask: { options: LogOptions }; answer: null };
  append: {
    ask: { batches: readonly (readonly Draft[])[] };
    answer: readonly Outcome[];
  };
  page: {
    ask: { room: string; query: PageQuery };
    answer: readonly Message[];
  };
  /** Indexes words of a part; answers how many messages are left. */
  index: { ask: Record<never, never>; answer: number };
  search: {
    ask: { rooms: readonly string[]; words: string; query: SearchQuery };
    answer: readonly Message[];
  };
  last: { ask: { room: string }; answer: number };
  /** A part of what is to be removed; 0 when nothing is left. */
  prune: { ask: { olderThan: number }; answer: number };
  backup: { ask: { folder: string; file: string }; answer: null };
  close: { ask: Record<never, never>; answer: null };
}

/** The name of a question. */
export type QuestionType = keyof Questions;

/** A question of one type, as it is posted. */
export type Question<Type extends QuestionType = QuestionType> = {
  [Each in Type]: { readonly type: Each } & Readonly<Questions[Each]["ask"]>;
}[Type];

/** An answer, as it is posted. */
export type Answer =
  | { readonly value: Questions[QuestionType]["answer"] }
  | { readonly error: PlainStoreError };
