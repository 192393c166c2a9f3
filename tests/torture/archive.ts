/**
 * Where everything that was said is kept.
 *
 * @module
 */

import type { Message } from "../../lib/chat/mod.ts";

/** A message of ours in the log. */
export interface Found {
  readonly stream: string;
  /** 0, 1, 2 … in its stream. */
  readonly place: number;
  readonly message: Message;
}

/** The log, by what is in it. */
export class Archive {
  /** Messages by their keys. */
  readonly found = new Map<number, Found>();
  /** How many messages a stream has. */
  readonly lengths = new Map<string, number>();

  /** Where in a stream these are kept; those that aren't are left out. */
  places(stream: string, keys: Iterable<number>): number[] {
    const places: number[] = [];
    for (const key of keys) {
      const found = this.found.get(key);
      if (found?.stream === stream) places.push(found.place);
    }
    return places;
  }

  /** How many messages a stream has. */
  length(stream: string): number {
    return this.lengths.get(stream) ?? 0;
  }
}
