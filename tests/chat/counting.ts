/**
 * A client that counts what it is shown, as its wire has it count
 * (docs/chatproto2.md, "Streams"): what it could not follow is a mistake of the
 * server's.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Place, ServerEvent } from "../../lib/wire/mod.ts";

/** What one connection knows of its rooms' streams. */
export class Counting {
  /** Rooms that it was told of, by their names; of two people they may vary. */
  readonly #handles = new Map<string, number>();
  /** Where it is in the streams that it follows; undefined: not told yet. */
  readonly #at = new Map<number, number | undefined>();

  /** The next event, in the order in which they are written. */
  took(event: ServerEvent, reply: boolean): void {
    switch (event.type) {
      case "rooms":
        for (const { room, kind, name } of event.rooms) {
          assert(!this.#at.has(room), `${name} was told of, and is again`);
          this.#at.set(room, undefined);
          if (kind !== "direct") this.#handles.set(name, room);
        }
        return;
      case "position":
        assert(this.#at.has(event.room), "a position of no room of one's own");
        assertEquals(
          this.#at.get(event.room) ?? event.sequence,
          event.sequence,
          "the server counts otherwise",
        );
        this.#at.set(event.room, event.sequence);
        return;
      case "received_by_all":
        this.#next(event.room);
        return;
      case "leave_room":
        return this.#left(event.room);
      case "moved":
        return this.#left(event.left);
      default:
        if ("place" in event) this.#said(event.place, reply);
    }
  }

  #said(place: Place | undefined, reply: boolean): void {
    // What was missed, and a receipt with its place, are no part of the stream.
    if (place?.pause === undefined) return;
    const next = this.#next(place.room);
    assertEquals(
      place.sequence,
      next,
      reply ? "what one said is the next" : "each message is the next",
    );
    this.#at.set(place.room, next);
  }

  /** The sequence of the next message of a stream that it follows. */
  #next(room: number): number {
    const at = this.#at.get(room);
    assert(at !== undefined, "a stream goes on before its position is known");
    return at + 1;
  }

  #left(name: string): void {
    const room = this.#handles.get(name);
    if (room !== undefined) this.#at.delete(room);
  }
}
