/**
 * How fast somebody may ask.
 *
 * @module
 */

/**
 * A token bucket that, once empty, refuses until a second's worth has come
 * in: what was sent right behind the first refusal is refused as well, so
 * that a client which repeats all of it keeps its order.
 */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #time: number;
  #refusingSince: number | undefined;

  /** `rate`: tokens a second; `burst`: tokens at most; `now`: ms. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#time = now;
  }

  /** When it began to refuse, ms, if it refuses. */
  get refusingSince(): number | undefined {
    return this.#refusingSince;
  }

  /** Takes tokens (of more than fit, all that fit), or answers false. */
  take(now: number, tokens = 1): boolean {
    if (this.#burst === Infinity) return true;
    const refill = Math.max(0, now - this.#time) * this.#rate / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + refill);
    this.#time = now;
    const cost = Math.min(tokens, this.#burst);
    const needed = this.#refusingSince !== undefined
      ? Math.max(cost, Math.min(this.#rate, this.#burst))
      : cost;
    if (this.#tokens < needed) {
      this.#refusingSince ??= now;
      return false;
    }
    this.#refusingSince = undefined;
    this.#tokens -= cost;
    return true;
  }
}
