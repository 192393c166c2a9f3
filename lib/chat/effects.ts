/**
 * What the hub wants done, as values.
 *
 * @module
 */

import type { ServerEvent } from "../wire/mod.ts";
import type { Draft } from "./log.ts";
import type { Session } from "./people.ts";
import type { Asked } from "./questions.ts";
import type { Shown } from "./receipts.ts";

/** One message for the members of a room. */
export interface Publication<Peer> {
  /** What everybody gets; absent when it is the author's business alone. */
  readonly event?: ServerEvent;
  /** Who gets `receipt` in its place. */
  readonly author?: Session<Peer>;
  readonly receipt?: ServerEvent;
}

/** What the hub wants done, in this order. */
export type Effect<Peer> =
  /** Append these, then call `stored` or `failed`, batch by batch in order. */
  | { readonly type: "append"; readonly drafts: readonly Draft[] }
  /** Find an answer, then call `answer` or `refuse`. */
  | { readonly type: "ask"; readonly asked: Asked<Peer> }
  /** Tell one session; `reply`: in answer to its oldest open request. */
  | {
    readonly type: "send";
    readonly session: Session<Peer>;
    readonly event: ServerEvent;
    readonly reply?: true;
  }
  /** Tell all of these, in order; encode once. */
  | {
    readonly type: "publish";
    readonly members: readonly Session<Peer>[];
    readonly messages: readonly Publication<Peer>[];
  }
  /**
   * Close when everything told so far is out; then call `reached` with what the
   * session was shown. It is gone already.
   */
  | {
    readonly type: "close";
    readonly session: Session<Peer>;
    readonly shown?: Shown<Peer>;
  };
