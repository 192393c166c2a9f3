/**
 * How many come from one address (docs/operations.md, "Bad neighbours"): how
 * often it logs in, and how many names its guests have.
 *
 * There MUST NOT be more than 10,000 addresses whose logins are counted; those
 * that have not been seen for the longest time go.
 *
 * @module
 */

import { refusal } from "../wire/mod.ts";
import type { Limits } from "./limits.ts";
import type { People } from "./people_list.ts";
import type { Session } from "./people.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Addresses whose logins are counted. */
const MOST_ADDRESSES = 10_000;

/** The caps per address. */
export class Arrivals<Peer> {
  readonly #limits: Limits;
  readonly #people: People<Peer>;
  /** By network; the one last seen is the last. */
  readonly #logins = new Map<string, TokenBucket>();

  constructor(limits: Limits, people: People<Peer>) {
    this.#limits = limits;
    this.#people = people;
  }

  /**
   * Holds how often somebody from there logs in.
   *
   * @throws {RemoteProtocolError} 429, not fatal.
   */
  count({ network }: Session<Peer>, now: number): void {
    if (network === undefined) return;
    const { loginsPerSecond, loginBurst } = this.#limits;
    const bucket = this.#logins.get(network) ??
      new TokenBucket(loginsPerSecond, loginBurst, now);
    this.#logins.delete(network);
    this.#logins.set(network, bucket);
    if (this.#logins.size > MOST_ADDRESSES) {
      const [oldest = ""] = this.#logins.keys();
      this.#logins.delete(oldest);
    }
    if (bucket.take(now)) return;
    throw refusal(429, "too many logins from your address, wait one second");
  }

  /**
   * Holds how many guests of one address there are.
   *
   * @throws {RemoteProtocolError} 429, not fatal.
   */
  checkGuest({ network }: Session<Peer>): void {
    if (network === undefined) return;
    const { guestsPerAddress } = this.#limits;
    if (this.#people.guestsFrom(network) < guestsPerAddress) return;
    throw refusal(
      429,
      `an address has at most ${guestsPerAddress} guests, and yours has them`,
    );
  }
}
