/**
 * The requests of one peer that were released and what they were answered, so
 * that the same SEQN gets the same answer again and nothing happens twice.
 *
 * - A request MUST be known for a minute.
 * - Answers are bounded in number and bytes: beyond, the oldest are forgotten,
 *   and what repeats one of those is a new request. A sender repeats for five
 *   seconds with a window of 32; this remembers a thousand.
 *
 * @module
 */

import type { LinkLimits } from "./limits.ts";

/** How long a SEQN is known, ms. */
export const REMEMBERED = 60_000;

/** What is known of a request. */
export interface KnownRequest {
  /** When it was released, ms. */
  readonly at: number;
  /** Its place in the peer's order since its SYN, if it has one. */
  n: number | undefined;
  /** Of its body, where it has an `n`. */
  readonly digest: number;
  /** The body of its ACK, encoded. */
  answer: Uint8Array | undefined;
}

/** All that are known. */
export class Answers {
  readonly #limits: LinkLimits;
  /** By SEQN, the oldest first. */
  readonly #known = new Map<number, KnownRequest>();
  #answered = 0;
  #bytes = 0;

  constructor(limits: LinkLimits) {
    this.#limits = limits;
  }

  /** Requests that are not answered. */
  get unanswered(): number {
    return this.#known.size - this.#answered;
  }

  /** Answers that are remembered. */
  get answered(): number {
    return this.#answered;
  }

  /** Bytes of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is known of a SEQN. */
  get(seqn: number): KnownRequest | undefined {
    return this.#known.get(seqn);
  }

  /** What is known of a place in the order. */
  numbered(n: number): KnownRequest | undefined {
    for (const known of this.#known.values()) if (known.n === n) return known;
    return undefined;
  }

  /** A request that is not known is released at `now`. */
  add(seqn: number, now: number, n?: number, digest = 0): void {
    this.#known.set(seqn, { at: now, n, digest, answer: undefined });
  }

  /** A request is answered; false if it was before. */
  settle(seqn: number, answer: Uint8Array): boolean {
    const known = this.#known.get(seqn);
    if (known === undefined) return true;
    if (known.answer !== undefined) return false;
    known.answer = answer;
    this.#answered++;
    this.#bytes += answer.length;
    this.#bound();
    return true;
  }

  /** Forgets what is older than a minute, answered or not. */
  expire(now: number): void {
    for (const [seqn, known] of this.#known) {
      if (now - known.at < REMEMBERED) return;
      this.#forget(seqn, known);
    }
  }

  /** The peer counts anew: nothing that is known has a place any more. */
  renumber(): void {
    for (const known of this.#known.values()) known.n = undefined;
  }

  #bound(): void {
    const { answers, answerBytes } = this.#limits;
    for (const [seqn, known] of this.#known) {
      if (this.#answered <= answers && this.#bytes <= answerBytes) return;
      // What is not answered may be repeated, and MUST stay known.
      if (known.answer !== undefined) this.#forget(seqn, known);
    }
  }

  #forget(seqn: number, { answer }: KnownRequest): void {
    this.#known.delete(seqn);
    if (answer === undefined) return;
    this.#answered--;
    this.#bytes -= answer.length;
  }
}
