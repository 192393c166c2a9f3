/**
 * How far somebody who is pushed a room's messages has it.
 *
 * - Up to the oldest push that is not acknowledged, and no further, a room MUST
 *   count as received.
 * - Of what was pushed, the newest thousand are confirmed when everybody has
 *   them; of older ones nothing is told.
 *
 * @module
 */

/** A message that was pushed. */
export interface PushedMessage {
  readonly sequence: number;
  readonly id: number;
  /** Its ACK has come. */
  arrived: boolean;
}

/** Messages of a room that wait for everybody to have them. */
const MOST_UNCONFIRMED = 1_000;

/** A room, as one login follows it. */
export class FollowedRoom {
  /** What it is called on this wire. */
  readonly group: string;
  /** Everything up to here has arrived; undefined before that is known. */
  received: number | undefined;
  /** Up to here the hub knows that. */
  #stated = 0;
  /** The last that was pushed, or need not be. */
  #last = 0;
  /** Not acknowledged, or pushed behind one that is not. */
  #pushed: PushedMessage[] = [];
  #unconfirmed: PushedMessage[] = [];

  constructor(group: string) {
    this.group = group;
  }

  /** A message is about to be pushed. */
  push(sequence: number, id: number): PushedMessage {
    const message = { sequence, id, arrived: false };
    this.received ??= sequence - 1;
    this.#last = Math.max(this.#last, sequence);
    this.#pushed.push(message);
    this.#unconfirmed.push(message);
    if (this.#unconfirmed.length > MOST_UNCONFIRMED) this.#unconfirmed.shift();
    return message;
  }

  /** The ACK of one has come. */
  arrived(message: PushedMessage): void {
    message.arrived = true;
    this.#advance();
  }

  /** All up to here has been pushed, or need not be. */
  reach(sequence: number): void {
    this.#last = Math.max(this.#last, sequence);
    this.received ??= this.#pushed[0] === undefined ? sequence : 0;
    this.#advance();
  }

  #advance(): void {
    while (this.#pushed[0]?.arrived) this.#pushed.shift();
    const [oldest] = this.#pushed;
    const received = oldest === undefined ? this.#last : oldest.sequence - 1;
    this.received = Math.max(this.received ?? 0, received);
  }

  /** What is to be stated to the hub, if anything is: once. */
  takeReceipt(): number | undefined {
    const { received = 0 } = this;
    if (received <= this.#stated) return undefined;
    return this.#stated = received;
  }

  /** Everybody has the room up to here: takes what was pushed of that. */
  takeConfirmed(sequence: number): PushedMessage[] {
    const rest = this.#unconfirmed.findIndex((each) =>
      each.sequence > sequence
    );
    const count = rest < 0 ? this.#unconfirmed.length : rest;
    return this.#unconfirmed.splice(0, count);
  }

  /** What is not acknowledged is not on its way any more: it comes again. */
  lose(): void {
    const lost = new Set(this.#pushed);
    this.#unconfirmed = this.#unconfirmed.filter((each) => !lost.has(each));
    this.#pushed = [];
    this.#last = this.received ?? 0;
  }
}
