/**
 * Whether a client still sends what it is to send, or at least takes what it is
 * sent. Pure: the time is passed in, ms.
 *
 * | what is watched | held to be gone |
 * | --- | --- |
 * | a request that has begun | when it has not come whole in `frameTimeout` |
 * | one that keeps its connection alive | when nothing came for `silence` |
 * | such a one that is not read from | when it has much unread and took nothing for `silence` and a slow link's time for what waits |
 *
 * @module
 */

import type { Limits } from "../chat/mod.ts";

/**
 * The slowest link of a client that keeps its connection alive, bytes/ms. What
 * waits for it is written at once: only when all of it was taken is that known.
 */
const SLOWEST_LINK = 2;

/** What a client's socket holds for it. */
export interface Held {
  /** Bytes that it has taken so far. */
  readonly taken: number;
  /** Bytes that wait for it. */
  readonly waiting: number;
  /** That is so much that it is not read from. */
  readonly muchWaits: boolean;
}

/** The watch over one connection. */
export class Liveness {
  readonly #limits: Limits;
  /** When something came last, or could not. */
  #heard: number;
  /** When a request began that has not come whole. */
  #begun: number | undefined;
  /** What was taken when that was last looked at. */
  #tookBefore = 0;

  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    this.#heard = now;
  }

  /** Something came. */
  heard(now: number): void {
    this.#heard = now;
  }

  /** What came last has the beginning of a request, and not its end. */
  began(): void {
    this.#begun ??= this.#heard;
  }

  /** Nothing has begun that is not whole. */
  whole(): void {
    this.#begun = undefined;
  }

  /** It is read from again: what it sent meanwhile could not come. */
  readOn(now: number): void {
    this.#heard = now;
    if (this.#begun !== undefined) this.#begun = now;
  }

  /** Whether a request that has begun is too long in coming. */
  isLate(now: number): boolean {
    return now - (this.#begun ?? now) > this.#limits.frameTimeout;
  }

  /** Whether nothing came for too long. */
  isSilent(now: number): boolean {
    return now - this.#heard > this.#limits.silence;
  }

  /**
   * Whether one that is not read from took nothing for too long. What it sends
   * does not come: that it takes something shows that it is there.
   */
  isStuck(now: number, { taken, waiting, muchWaits }: Held): boolean {
    if (!muchWaits || taken > this.#tookBefore) this.#heard = now;
    this.#tookBefore = taken;
    const patience = this.#limits.silence + waiting / SLOWEST_LINK;
    return now - this.#heard > patience;
  }
}
