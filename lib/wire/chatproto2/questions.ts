/**
 * The requests of a client that have no reply yet (docs/chatproto2.md,
 * "Requests and replies").
 *
 * @module
 */

import type { Request, Text } from "../requests.ts";

/** One of them, with what its reply does not repeat. */
export interface Asked {
  /** `ask_names`: what the codec itself wants to know. */
  readonly type: Request["type"] | "ask_names";
  readonly number: number;
  /** Of a message. */
  readonly text?: Text;
  /** Of a message to one person. */
  readonly recipient?: string;
  /** The room that is left. */
  readonly room?: number;
  /** Of `ask_names`. */
  readonly handles?: readonly number[];
}

/** All of them, in order. */
export class Questions {
  readonly #asked: Asked[] = [];
  /** Numbers that were in use and are not any more. */
  #free: number[] = [];
  #next = 0;

  /** The number that the next one has: a small one, that is in no use. */
  get number(): number {
    return this.#free.at(-1) ?? this.#next;
  }

  /** Takes one up, under {@link number}. */
  push(asked: Asked): void {
    if (this.#free.pop() === undefined) this.#next++;
    this.#asked.push(asked);
  }

  /** The oldest. */
  get oldest(): Asked | undefined {
    return this.#asked[0];
  }

  /** The oldest is answered. */
  shift(): void {
    const asked = this.#asked.shift();
    if (asked === undefined) return;
    this.#free.push(asked.number);
    if (this.#asked.length > 0) return;
    // After a burst the numbers are to be small again.
    this.#free = [];
    this.#next = 0;
  }
}
