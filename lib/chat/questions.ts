/**
 * What the hub asks of the world around it, and what it is answered: the log,
 * the store and the arithmetic of passwords. Each question gets one answer, in
 * whatever order but for `save` (see `StateStore`).
 *
 * @module
 */

import type { Message, PageQuery, SearchQuery } from "./log.ts";
import type { Session } from "./people.ts";
import type { Change, PersonRecord, Verifier } from "./state.ts";

/** Each question with its arguments and its answer. */
export interface Questions<Peer> {
  /** A handle, and all accounts if another program changed any. */
  arrival: {
    ask: Record<never, never>;
    answer: {
      readonly handle: number;
      readonly accounts?: readonly PersonRecord[];
    };
  };
  /** The newest messages of a stream and its last sequence; a handle. */
  open: {
    ask: { stream: string; limit: number };
    answer: {
      readonly handle: number;
      readonly last: number;
      readonly messages: readonly Message[];
    };
  };
  /**
   * Messages of one stream. With `behind` the log is asked when everything that
   * this session was told is out of its queue.
   */
  page: {
    ask: { stream: string; query: PageQuery; behind?: Session<Peer> };
    answer: readonly Message[];
  };
  /** The message that a session said under a ref. */
  find: {
    ask: { session: string; ref: number };
    answer: Message | undefined;
  };
  search: {
    ask: { streams: readonly string[]; words: string; query: SearchQuery };
    answer: readonly Message[];
  };
  /**
   * Whether a password is the one of a verifier, `delay` ms from now. Without a
   * verifier it is not, and that takes as long.
   */
  verify: {
    ask: { password: string; verifier?: Verifier; delay: number };
    answer: boolean;
  };
  /** A verifier for a new password, `delay` ms from now. */
  hash: { ask: { password: string; delay: number }; answer: Verifier };
  /** A new token, its digest, and a handle for its session. */
  token: {
    ask: Record<never, never>;
    answer: {
      readonly token: string;
      readonly digest: string;
      readonly handle: number;
    };
  };
  /** The digest of a token. */
  digest: { ask: { token: string }; answer: string };
  /** Write changes. */
  save: { ask: { changes: readonly Change[] }; answer: void };
}

/** The name of a question. */
export type QuestionKind = keyof Questions<never>;

/** A question of one kind. */
export type Question<Peer, Kind extends QuestionKind = QuestionKind> = {
  [Each in Kind]:
    & { readonly kind: Each }
    & Readonly<Questions<Peer>[Each]["ask"]>;
}[Kind];

/** A question that is to be answered, by `Hub.answer` or `Hub.refuse`. */
export interface Asked<Peer, Kind extends QuestionKind = QuestionKind> {
  readonly question: Question<Peer, Kind>;
  /** What the hub does with the answer; the hub alone calls it. */
  answered(answer: Questions<Peer>[Kind]["answer"], now: number): void;
  /** What it does when there is none; `detail` says why. */
  failed(detail: string, now: number): void;
}
