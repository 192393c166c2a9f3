/**
 * Messages that came again after a lost connection, and may be one's own. Pure.
 *
 * Who comes back gets what it missed, and in it what it said itself and had no
 * answer to. The answers to what is sent again come behind that, and say where
 * each stands. Until they are all here everything from the first such message
 * on is held back, so that each is shown once and in order.
 *
 * @module
 */

import type { Place } from "../wire/mod.ts";
import type { Happening } from "./exchange.ts";

/** What is held back. */
export class HeldBack {
  #held: Happening[] = [];

  /**
   * Takes what happened; false when it can be shown at once. `mayBeOurs`: it is
   * a message of one's own that may be one of those sent again.
   */
  take(event: Happening, mayBeOurs: boolean): boolean {
    if (!mayBeOurs && this.#held.length === 0) return false;
    this.#held.push(event);
    return true;
  }

  /** The one that stands there is what was sent again: nobody needs it twice. */
  drop({ room, sequence }: Place): void {
    this.#held = this.#held.filter((event) => {
      const place = "place" in event ? event.place : undefined;
      return place?.room !== room || place.sequence !== sequence;
    });
  }

  /** Takes all out. */
  release(): readonly Happening[] {
    return this.#held.splice(0);
  }
}
