/**
 * How many connections there are, and how many of them from one address. Of an
 * IPv6 address the first half counts (lib/chat/network.ts).
 *
 * A connection over a cap is told so in its own words, which takes a place for a
 * while; these places MUST be bounded too, in all and of each address.
 *
 * @module
 */

import { type Limits, networkOf } from "../chat/mod.ts";

/**
 * Connections over a cap that are told so; more are cut without a word.
 * Descriptors must not run out: Deno's listener would never accept again.
 */
export const MOST_TOLD = { inAll: 1_000, ofAddress: 16 } as const;

/** The connections of each address, from the moment that they are accepted. */
export class Crowd {
  readonly #limits: Pick<Limits, "connectionsPerAddress">;
  readonly #isShared: (address: string) => boolean;
  readonly #byNetwork = new Map<string, number>();
  readonly #capacity: number;
  #open = 0;
  readonly #gone = () => void this.#open--;

  /**
   * `isShared`: whether an address stands for many, and has no cap. `capacity`:
   * how many connections there can be in all, before anything breaks.
   */
  constructor(
    limits: Pick<Limits, "connectionsPerAddress">,
    isShared: (address: string) => boolean,
    capacity = Infinity,
  ) {
    this.#limits = limits;
    this.#isShared = isShared;
    this.#capacity = capacity;
  }

  /** Whether there are as many connections as there can be. */
  get isFull(): boolean {
    return this.#open >= this.#capacity;
  }

  /**
   * One more. Answers what is to be called when it is gone, or undefined when
   * it is to be cut.
   */
  enter(address: string): (() => void) | undefined {
    if (this.isFull) return undefined;
    if (this.#isShared(address)) {
      this.#open++;
      return this.#gone;
    }
    const network = networkOf(address);
    const most = this.#limits.connectionsPerAddress + MOST_TOLD.ofAddress;
    const others = this.#byNetwork.get(network) ?? 0;
    if (others >= most) return undefined;
    this.#byNetwork.set(network, others + 1);
    this.#open++;
    return () => {
      this.#open--;
      const left = (this.#byNetwork.get(network) ?? 0) - 1;
      if (left > 0) this.#byNetwork.set(network, left);
      else this.#byNetwork.delete(network);
    };
  }

  /** Whether an address has more connections than it may. */
  isOver(address: string): boolean {
    if (this.#isShared(address)) return false;
    const count = this.#byNetwork.get(networkOf(address)) ?? 0;
    return count > this.#limits.connectionsPerAddress;
  }
}
