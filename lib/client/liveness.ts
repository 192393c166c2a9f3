/**
 * Whether the other end still lives, whatever TCP thinks.
 *
 * | wire | what is sent | when the connection is held for dead |
 * | --- | --- | --- |
 * | with keepalives | one after 10 s without sending | nothing came for 30 s |
 * | that has to ask for what waits | that, every so often | nothing came for 30 s |
 * | without | nothing | something was asked, and nothing came for 30 s |
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** After so long without sending a keepalive is sent, ms. */
const KEEPALIVE_PAUSE = 10_000;

/** How long a server may be silent before the connection is held for dead, ms. */
export const LONGEST_SILENCE = 30_000;

/**
 * Who looks later than that was stopped, and has read nothing meanwhile, ms:
 * that says nothing of the other end.
 */
const MOST_LATE = 5_000;

/** What a watch is told. */
export interface LivenessOptions {
  readonly clock: Clock;
  /** Sends a keepalive; undefined on a wire without. */
  readonly keepalive: (() => void) | undefined;
  /** How often that is sent whatever else is, ms; absent: see above. */
  readonly every?: number | undefined;
  /** Whether an answer is due. */
  readonly waiting: () => boolean;
  readonly dead: () => void;
}

/** The watch over one connection. */
export class Liveness {
  readonly #options: LivenessOptions;
  #heard: number;
  #sent: number;
  #paused = false;
  #cancelKeepalive: () => void = () => {};
  #cancelWatch: (() => void) | undefined;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#heard = this.#sent = options.clock.now();
    if (options.keepalive !== undefined) this.#keepAlive(options.keepalive);
    this.watch();
  }

  /** Something came. */
  heard(): void {
    this.#heard = this.#options.clock.now();
  }

  /** Something was sent. */
  sent(): void {
    const { clock, every } = this.#options;
    if (every === undefined) this.#sent = clock.now();
  }

  /** Nobody listens, or somebody does again. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.heard();
  }

  /** Ends it. */
  stop(): void {
    this.#cancelKeepalive();
    this.#cancelWatch?.();
  }

  /** Looks from now on, if there is anything to wait for. */
  watch(): void {
    const { clock, keepalive, waiting, dead } = this.#options;
    const due = () => keepalive !== undefined || waiting();
    if (!due() || this.#cancelWatch !== undefined) return;
    if (this.#paused) this.heard();
    // An answer may take its time from when it was asked for.
    const since = keepalive === undefined ? clock.now() : this.#heard + 1;
    const delay = keepalive === undefined
      ? LONGEST_SILENCE
      : this.#heard + LONGEST_SILENCE - clock.now();
    const at = clock.now() + delay;
    this.#cancelWatch = clock.after(delay, () => {
      this.#cancelWatch = undefined;
      if (clock.now() - at > MOST_LATE) this.heard();
      const alive = this.#heard >= since || this.#paused;
      if (alive || !due()) this.watch();
      else dead();
    });
  }

  #keepAlive(keepalive: () => void): void {
    const { clock, every } = this.#options;
    const pause = this.#sent + (every ?? KEEPALIVE_PAUSE) - clock.now();
    if (pause > 0) {
      this.#cancelKeepalive = clock.after(
        pause,
        () => this.#keepAlive(keepalive),
      );
      return;
    }
    keepalive();
    this.#sent = clock.now();
    this.#keepAlive(keepalive);
  }
}
