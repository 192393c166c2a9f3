/**
 * How long a datagram and its ACK take, as RFC 6298 estimates it, and the pace
 * at which we repeat.
 *
 * Unlike TCP this wire neither waits a second nor doubles its pace: half of
 * everything may be lost both ways, and what is not acknowledged after five
 * seconds is given up.
 *
 * @module
 */

/** How long after the first time a datagram is sent again, ms. */
export const FIRST_REPEAT = 250;

/** Bounds of the pace after that, ms. */
const QUICKEST = 100;
const SLOWEST = 250;

/** Of the clock, ms: the G of RFC 6298. */
const GRANULARITY = 1;

/** RFC 6298, section 2. */
export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;

  /**
   * Takes a measured round trip, ms. By Karn's rule it MUST be of a datagram
   * that was sent once.
   */
  measured(time: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = time;
      this.#variation = time / 2;
      return;
    }
    const off = Math.abs(this.#smoothed - time);
    this.#variation += (off - this.#variation) / 4;
    this.#smoothed += (time - this.#smoothed) / 8;
  }

  /** The retransmission timeout, ms; a second as long as nothing is known. */
  get timeout(): number {
    if (this.#smoothed === undefined) return 1_000;
    return this.#smoothed + Math.max(GRANULARITY, 4 * this.#variation);
  }

  /** How long to wait between two repeats, ms. */
  get pace(): number {
    return Math.min(Math.max(this.timeout, QUICKEST), SLOWEST);
  }
}
