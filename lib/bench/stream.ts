/**
 * One room as `stream_model.ts` has it, and who is to hear what everybody has.
 *
 * @module
 */

import type { RoomKind } from "../wire/mod.ts";

/** What one person said in a room. */
export interface Sayings {
  /** The first that not everybody has; Infinity: there is none. */
  readonly first: number;
  readonly last: number;
  /** Where those begin that have none of somebody else behind them. */
  readonly row: number;
}

/** A room. */
export interface Stream {
  readonly kind: RoomKind;
  last: number;
  receivedByAll: number;
  /** Up to where each member has it. */
  readonly members: Map<number, number>;
  /** By author. */
  readonly sayings: Map<number, Sayings>;
  /** Who is told what happens in it, in the order they came. */
  readonly listeners: Set<number>;
}

/** Whose messages everybody has now. */
export function confirmed(
  { receivedByAll, listeners, sayings }: Stream,
): number[] {
  return [...listeners].filter((user) => {
    const own = sayings.get(user);
    if (own === undefined || own.first > receivedByAll) return false;
    const first = own.last > receivedByAll ? receivedByAll + 1 : Infinity;
    return sayings.set(user, { ...own, first });
  });
}

/** Up to where everybody has a room; what one said right behind that, one has. */
export function everybodyHas({ last, members, sayings }: Stream): number {
  const reached = [...members].map(([user, received]) => {
    const own = sayings.get(user);
    const goesOn = own !== undefined && received >= own.row - 1;
    return goesOn ? Math.max(received, own.last) : received;
  });
  return Math.min(last, ...reached);
}
