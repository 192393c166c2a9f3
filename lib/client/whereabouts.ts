/**
 * Where one is, and where one is to be: what is submitted behind a join is meant
 * for the room that the join leads to, and behind a leave for the room in which
 * one is then. Pure.
 *
 * On a wire without rooms it is `@` and whom one wrote to last, or empty.
 *
 * @module
 */

import { foldName, LOBBY } from "../wire/mod.ts";
import { partner, Place } from "./entries.ts";
import type { ChatRequest } from "./exchange.ts";
import type { RoomBook } from "./room_book.ts";

/** One session's. */
export class Whereabouts {
  readonly #book: RoomBook;
  /** Where the session is. */
  #here: Place;
  /** Where what is submitted next is meant to be said. */
  #bound: Place;
  #strayedFrom: string | undefined;

  /** `room`: the room to be in, if not the one that a login leads to. */
  constructor(book: RoomBook, room?: string) {
    this.#book = book;
    this.#here = new Place(room);
    this.#bound = this.#here;
  }

  /** The room to be in; undefined before the first login. */
  get room(): string | undefined {
    return this.#here.room;
  }

  get here(): Place {
    return this.#here;
  }

  get bound(): Place {
    return this.#bound;
  }

  /** Whether one is to go to another room. */
  get moving(): boolean {
    return this.#bound !== this.#here;
  }

  /**
   * Where one is not, or not any more, without having gone elsewhere by oneself:
   * who speaks without having heard of that means this room.
   */
  get strayedFrom(): string | undefined {
    return this.#strayedFrom;
  }

  /** One wants to go to a room. */
  head(room: string): void {
    this.#strayedFrom = undefined;
    this.#bound = new Place(room);
  }

  /** One wants to leave a room; gives where one goes if one was to be there. */
  leave(room = this.#bound.room): Place | undefined {
    const key = foldName(room ?? "");
    const isThere = key === foldName(this.#bound.room ?? "");
    if (!isThere || key === "" || key === foldName(LOBBY)) return undefined;
    this.#strayedFrom = undefined;
    return this.#bound = new Place(LOBBY);
  }

  /** Where there are no rooms, what names nobody is for who was named last. */
  addressed(request: ChatRequest): ChatRequest {
    if (request.type === "private_msg") {
      this.#here.room = `@${request.recipient}`;
    }
    const recipient = partner(this.#here.room);
    if (request.type !== "room_msg" || recipient === undefined) return request;
    return { type: "private_msg", recipient, text: request.text };
  }

  /** A login led there, to the room that one was to be in, or to a first one. */
  arrived(room: string, hasRooms: boolean): void {
    if (hasRooms) this.#here.room = room;
    else this.#here.room ??= room;
  }

  /** A join or a leave led there. */
  moved(place: Place, room: string): void {
    this.#here = place;
    place.room = room;
  }

  /** A join or a leave led nowhere: what is meant for that room can't be said. */
  lost(place: Place, why: string): void {
    place.lost = why;
    if (this.#bound !== place) return;
    this.#bound = this.#here;
    this.#strayedFrom = place.room;
  }

  /** The session can't be where it was to be, and is in `room` instead. */
  stranded(room: string, why: string): void {
    if (this.#here.room === room) return;
    const place = new Place(room);
    this.#here.lost = why;
    if (this.#bound === this.#here) {
      this.#bound = place;
      // Where there are no rooms, what names nobody can't be said at all.
      if (room !== "") this.#strayedFrom = this.#here.room;
    }
    this.#here = place;
  }

  /** One is not in the room any more; if one was there, one is in `next` now. */
  left(room: string, next: string): void {
    this.#book.leave(room);
    if (foldName(this.#here.room ?? "") !== foldName(room)) return;
    this.stranded(next, `You have left ${room}`);
  }
}
