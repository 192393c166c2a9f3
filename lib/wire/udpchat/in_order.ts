/**
 * Releases what came out of order in the order of its numbers, and MUST NOT
 * hold more than it may: what does not fit is not acknowledged, and so comes
 * again.
 *
 * @module
 */

import type { DatagramBody } from "./datagram.ts";
import type { LinkLimits } from "./limits.ts";

/** A request that has a number. */
export interface NumberedRequest {
  readonly seqn: number;
  /** Its place in the order. */
  readonly n: number;
  readonly body: DatagramBody;
  /** Of its datagram. */
  readonly bytes: number;
  /** Of its body's bytes. */
  readonly digest: number;
}

/** The numbered requests of one peer since its SYN. */
export class InOrder {
  readonly #limits: LinkLimits;
  /** By number. */
  readonly #held = new Map<number, NumberedRequest>();
  #bytes = 0;
  #next = 0;

  constructor(limits: LinkLimits) {
    this.#limits = limits;
  }

  /** The number whose turn it is. */
  get next(): number {
    return this.#next;
  }

  /** Requests that wait. */
  get size(): number {
    return this.#held.size;
  }

  /** Bytes of their datagrams. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The request with this number that waits. */
  held(n: number): NumberedRequest | undefined {
    return this.#held.get(n);
  }

  /** Whether a request with this SEQN waits. */
  holds(seqn: number): boolean {
    for (const request of this.#held.values()) {
      if (request.seqn === seqn) return true;
    }
    return false;
  }

  /** Whether a request can be held until its turn comes. */
  fits({ n, bytes }: NumberedRequest): boolean {
    const { held, heldBytes } = this.#limits;
    return n - this.#next <= held && this.#bytes + bytes <= heldBytes;
  }

  /**
   * Takes a request whose number is not here and was not; answers what it is the
   * turn of now, in order.
   */
  add(request: NumberedRequest): NumberedRequest[] {
    this.#held.set(request.n, request);
    this.#bytes += request.bytes;
    const released: NumberedRequest[] = [];
    for (;;) {
      const next = this.#held.get(this.#next);
      if (next === undefined) return released;
      this.#held.delete(this.#next++);
      this.#bytes -= next.bytes;
      released.push(next);
    }
  }

  /** Counts from 0 again, and lets go of what waited. */
  reset(): void {
    this.#held.clear();
    this.#bytes = this.#next = 0;
  }
}
