/**
 * When a client says what it has received (docs/chatproto2.md, RECEIPT): with
 * the next thing that it sends, and at the latest a second after the message.
 *
 * @module
 */

/** The latest, ms after the message. */
const PATIENCE = 1_000;

/** Up to where a room was received. */
export interface Reached {
  /** Its handle. */
  readonly room: number;
  readonly sequence: number;
}

/** One client's receipts that are to be sent. */
export class LazyReceipts {
  readonly #reached = new Map<number, number>();
  #deadline = Infinity;

  /** When they have to be sent; Infinity: there are none. */
  get deadline(): number {
    return this.#deadline;
  }

  /**
   * One's own message was stored. Nobody has to be told, unless there is
   * something to tell of what was before it.
   */
  stored({ room, sequence }: Reached): void {
    if (this.#reached.has(room)) this.#reached.set(room, sequence);
  }

  /** A message of somebody else came. */
  receive({ room, sequence }: Reached, now: number): void {
    this.#reached.set(room, sequence);
    this.#deadline = Math.min(this.#deadline, now + PATIENCE);
  }

  /** Takes all there are, the rooms in the order in which they went on first. */
  take(): readonly Reached[] {
    const all = [...this.#reached].map(([room, sequence]) => ({
      room,
      sequence,
    }));
    this.#reached.clear();
    this.#deadline = Infinity;
    return all;
  }
}
