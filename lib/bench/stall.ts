/**
 * Lets the conversation's clock go on when nothing happens any more by itself:
 * a datagram was lost, and what was sent is repeated by the time.
 *
 * @module
 */

/** What there is to look at. */
export interface Stalling {
  /** Rises with everything that happens. */
  progress(): number;
  /** Whether something is waited for. */
  waits(): boolean;
  /** Lets so many ms pass. */
  pass(milliseconds: number): void;
}

/** How much passes at once, ms: the pace of the wire's repeats at the most. */
const STRIDE = 250;

/** How often it is looked, ms. */
const LOOK = 10;

/** Watches a play until it is disposed of. */
export class StallWatch implements Disposable {
  readonly #stalling: Stalling;
  readonly #patience: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #last = -1;
  #since = performance.now();

  /** `patience`: how long nothing may happen, ms. */
  constructor(stalling: Stalling, patience: number) {
    this.#stalling = stalling;
    this.#patience = patience;
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  #look(): void {
    const progress = this.#stalling.progress();
    const now = performance.now();
    if (progress !== this.#last || !this.#stalling.waits()) {
      this.#last = progress;
      this.#since = now;
      return;
    }
    if (now - this.#since < this.#patience) return;
    this.#since = now;
    // What has come in the meantime is read before the next timer.
    setImmediate(() => {
      if (this.#stalling.progress() !== progress) return;
      this.#stalling.pass(STRIDE);
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
