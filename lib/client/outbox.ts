/**
 * What was submitted and is not settled yet. Pure.
 *
 * What it guarantees:
 *
 * - Requests are sent in the order in which they were submitted.
 * - A message MUST NOT be sent a second time unless the server said that it
 *   did not act on the first (429, 503).
 * - A message MUST NOT be said in another room than the one that its author
 *   meant: nothing is sent past a join that is not answered, and when the join
 *   fails, what was meant for that room is refused.
 *
 * A server that is asked too fast refuses everything until a second's worth of
 * requests has come in again. So after a 429 nothing more is sent until all
 * that is outstanding has its reply (`mustRest`); after a second's rest the
 * refused requests are sent again, in their order.
 *
 * @module
 */

import { errorCodeOf, type ServerEvent } from "../wire/mod.ts";
import {
  type ChatRequest,
  Exchange,
  type Meaning,
  REQUESTS,
} from "./exchange.ts";

/** The most requests that wait for their reply at once. */
export const WINDOW = 32;

/** A room that messages are meant for. */
class Place {
  /** Undefined until the first login tells it. */
  room: string | undefined;
  /** Why one can't be there, when that is so. */
  lost: string | undefined;

  constructor(room?: string) {
    this.room = room;
  }
}

/** Something that was submitted. */
export interface Entry {
  /** Counts from 1 in the order of submission. */
  readonly ref: number;
  readonly request: ChatRequest;
  /** Where a message is meant to be said, or where a join leads. */
  readonly place: Place;
}

/** What is to be done with an entry now. */
export type Step =
  | { readonly kind: "send"; readonly entry: Entry }
  | { readonly kind: "refuse"; readonly entry: Entry; readonly why: string };

/** The requests of a session, across its connections. */
export class Outbox {
  #lastRef = 0;
  #queue: Entry[] = [];
  /** Refused for being too fast, or because the server goes down. */
  #deferred: Entry[] = [];
  /** The one deferred by the very last event, which may have been last words. */
  #doubtful: Entry | undefined;
  #exchange = new Exchange<Entry>("");
  /** Where the session is. */
  #here: Place;
  /** Where what is submitted next is meant to be said. */
  #bound: Place;

  /** `room`: the room to be in, if not the one that a login leads to. */
  constructor(room?: string) {
    this.#here = new Place(room);
    this.#bound = this.#here;
  }

  /** The room to be in; undefined before the first login. */
  get room(): string | undefined {
    return this.#here.room;
  }

  /** How many requests are neither done nor given up. */
  get unsettled(): number {
    return this.#queue.length + this.#deferred.length +
      this.#exchange.outstanding.length;
  }

  /** Whether something was sent that has no reply. */
  get waiting(): boolean {
    return this.#exchange.outstanding.length > 0;
  }

  /** Whether it is time to rest for a second and then call `rested`. */
  get mustRest(): boolean {
    return this.#deferred.length > 0 && !this.waiting;
  }

  /** Takes a request; gives the number by which its fate is told. */
  submit(request: ChatRequest): number {
    if (request.type === "join_room") this.#bound = new Place(request.room);
    const ref = ++this.#lastRef;
    this.#queue.push({ ref, request, place: this.#bound });
    return ref;
  }

  /** A new connection is logged in. */
  connected(username: string): void {
    this.#exchange = new Exchange(username);
  }

  /** The session is in the room that it was to be in, or in its first one. */
  arrived(room: string): void {
    this.#here.room = room;
  }

  /** The session can't be where it was to be, and is in `room` instead. */
  stranded(room: string, why: string): void {
    const place = new Place(room);
    this.#here.lost = why;
    if (this.#bound === this.#here) this.#bound = place;
    this.#here = place;
  }

  /** The next thing to do, or undefined while there is nothing or it must wait. */
  next(): Step | undefined {
    const { outstanding } = this.#exchange;
    if (this.#deferred.length > 0 || outstanding.length >= WINDOW) return;
    if (outstanding.some(({ request }) => request.type === "join_room")) return;
    const entry = this.#queue.shift();
    if (entry === undefined) return;
    const { request, place } = entry;
    if (request.type === "room_msg" && place.lost !== undefined) {
      return { kind: "refuse", entry, why: place.lost };
    }
    this.#exchange.sent(entry);
    return { kind: "send", entry };
  }

  /**
   * Takes an event of the connection. Undefined is a refusal that is made up
   * for later: nobody needs to know.
   *
   * @throws {RemoteProtocolError} fatal, when it answers nothing.
   */
  receive(event: ServerEvent): Meaning<Entry> | undefined {
    const meaning = this.#exchange.receive(event);
    this.#doubtful = undefined;
    if (meaning.kind === "refusal") {
      const { asked, error } = meaning;
      const code = error.code ?? errorCodeOf(error.text);
      if (code === 429 || code === 503) {
        this.#deferred.push(asked);
        if (code === 429) this.#doubtful = asked;
        return undefined;
      }
      if (asked.request.type === "join_room") this.#lose(asked, error.text);
    } else if (meaning.kind === "reply" && event.type === "join_room") {
      this.#here = meaning.asked.place;
      this.#here.room = event.room;
    }
    return meaning;
  }

  #lose({ place }: Entry, why: string): void {
    place.lost = why;
    if (this.#bound === place) this.#bound = this.#here;
  }

  /** A second has passed: what was deferred may be sent again. */
  rested(): void {
    this.#requeue(this.#deferred);
    this.#deferred = [];
    this.#doubtful = undefined;
  }

  /**
   * The connection is gone. What was sent and can be asked twice waits for the
   * next one; gives the rest, which nobody can know about.
   */
  broken(): readonly Entry[] {
    const { outstanding } = this.#exchange;
    this.#exchange = new Exchange("");
    // A 429 as the very last word may have been for a reader that fell behind;
    // then it answered nothing, and the message may be on disk.
    const doubtful = this.#deferred.filter((entry) => entry === this.#doubtful);
    const deferred = this.#deferred.filter((entry) => entry !== this.#doubtful);
    const open = [...doubtful, ...outstanding];
    const repeatable = ({ request }: Entry) =>
      REQUESTS[request.type].repeatable;
    this.#deferred = [];
    this.#requeue([...deferred, ...open.filter(repeatable)]);
    return open.filter((entry) => !repeatable(entry));
  }

  /** The session has ended: gives what was never sent. */
  abandoned(): readonly Entry[] {
    const queue = this.#queue;
    this.#queue = [];
    return queue;
  }

  #requeue(entries: readonly Entry[]): void {
    this.#queue = [...entries, ...this.#queue].sort((a, b) => a.ref - b.ref);
  }
}
