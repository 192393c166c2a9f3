/**
 * Which secret messages were seen where (docs/end_to_end.md, "Replays"). Pure.
 *
 * An id stands once in a conversation's log. A server that shows an old message
 * again has to give it another sequence: the same id at two places.
 *
 * @module
 */

/** Ids that are remembered of a conversation: its newest. */
export const REMEMBERED = 4_096;

/** What an id is, at its place. */
export type Sighting =
  /** It was not seen before. */
  | "new"
  /** It was seen at this place: history, or a stream that went on. */
  | "same"
  /** It was seen at an earlier place: this one is a replay. */
  | "replayed"
  /** It was seen at a later place: this one is the first, that one a replay. */
  | "earlier";

/** An id and its place, to be kept and taken up again. */
export interface Seen {
  /** Hex. */
  readonly id: string;
  /** The sequence of the message in its room. */
  readonly place: number;
}

/** The ids of one conversation. */
export class Replays {
  readonly #most: number;
  readonly #places = new Map<string, number>();
  #first = Infinity;

  /** `seen`: what an earlier one knew. `most`: ids at most. */
  constructor(seen: Iterable<Seen> = [], most = REMEMBERED) {
    this.#most = most;
    for (const { id, place } of seen) this.see(id, place);
  }

  /** Takes note of a message that was opened, and says what it is. */
  see(id: string, place: number): Sighting {
    const known = this.#places.get(id);
    if (known === place) return "same";
    if (known !== undefined && known < place) return "replayed";
    this.#places.set(id, place);
    this.#first = Math.min(this.#first, place);
    if (this.#places.size > this.#most) this.#forget();
    return known === undefined ? "new" : "earlier";
  }

  /** Whether it was seen at any place. */
  has(id: string): boolean {
    return this.#places.has(id);
  }

  /** The first place at which one was seen; Infinity before that. */
  get first(): number {
    return this.#first;
  }

  /** What is remembered, by place. */
  get seen(): Seen[] {
    return Array.from(this.#places, ([id, place]) => ({ id, place }))
      .sort((a, b) => a.place - b.place);
  }

  /** Lets go of the oldest quarter, so that this is seldom done. */
  #forget(): void {
    const gone = this.#places.size - Math.ceil(this.#most * 3 / 4);
    for (const { id } of this.seen.slice(0, gone)) this.#places.delete(id);
  }
}
