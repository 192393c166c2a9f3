/**
 * What the hub wants done, as values.
 *
 * @module
 */

import type { ServerEvent } from "../wire/mod.ts";
import type { Draft } from "./log.ts";
import type { Room, Session } from "./people.ts";

/** One message for the members of a room. */
export interface Publication<Peer> {
  /** What everybody gets. */
  readonly event: ServerEvent;
  /** Who gets `receipt` in its place. */
  readonly author?: Session<Peer>;
  readonly receipt?: ServerEvent;
}

/** A room whose newest messages are to be read. */
export interface Recall<Peer> {
  readonly room: Room<Peer>;
  /** Its stream in the log. */
  readonly stream: string;
  /** Messages at most. */
  readonly limit: number;
}

/** What the hub wants done, in this order. */
export type Effect<Peer> =
  /** Append these, then call `stored` or `failed`, batch by batch in order. */
  | { readonly type: "append"; readonly drafts: readonly Draft[] }
  /** Read a room's newest messages, then call `remember`. */
  | { readonly type: "recall" } & Recall<Peer>
  /** Tell one session. */
  | {
    readonly type: "send";
    readonly session: Session<Peer>;
    readonly event: ServerEvent;
  }
  /** Tell all members, in order; encode once. */
  | {
    readonly type: "publish";
    readonly members: readonly Session<Peer>[];
    readonly messages: readonly Publication<Peer>[];
  }
  /** Close when everything told so far is out. The session is gone already. */
  | { readonly type: "close"; readonly session: Session<Peer> };
