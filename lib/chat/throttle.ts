/**
 * How long the check of a password has to wait (docs/accounts.md, "Guessing").
 *
 * Theory of operation. Failures are counted by key. An attempt from where its
 * account never logged in from has two keys, the address and the account: one
 * slows whoever tries many names, the other whoever comes from many addresses.
 * An attempt from where its account did log in before has one key of its own,
 * account and address together. So whoever hammers an account from elsewhere,
 * or other accounts from the same address, can't lock its owner out, and the
 * guesses of somebody at a familiar address are counted all the same.
 *
 *     failures that count                    the next attempt begins after
 *     up to 3 (of an address: up to 20)      0
 *     each one more                          250 ms, 500 ms, … 8 s, 8 s, …
 *
 * - An attempt MUST begin no earlier than that after the one before it, under
 *   each of its keys: it reserves the first slot that all of them have.
 * - It counts as a failure from when it is asked for, so that guesses at the
 *   same time wait as those one after another do; a success takes it back.
 * - When the slot is more than 8 s ahead, the attempt is refused and changes
 *   nothing: who keeps on asking doesn't make it longer for others.
 * - Half of a count is forgotten in two minutes, all of it within a quarter of
 *   an hour of quiet. Whoever guesses as fast as they can has some 450 guesses
 *   an hour at an account from all addresses together, and 530 from an address
 *   at all accounts together.
 * - An address has more that cost nothing, as a home or an office has one for
 *   everybody, and all of them come at once when a server has restarted. Of an
 *   IPv6 address the first half counts (network.ts).
 * - There MUST NOT be more than 10,000 keys and 10,000 accounts with familiar
 *   addresses; those not used for the longest time go.
 *
 * Names that have no account are counted as those that have one: the wait
 * tells nothing about them.
 *
 * @module
 */

import { networkOf } from "./network.ts";

/** What the throttle keeps to. Times are in ms. */
export const THROTTLE = {
  /** Failures at an account that cost nothing. */
  freeOfAccount: 3,
  /** Failures from an address that cost nothing. */
  freeOfAddress: 20,
  /** The wait after the first failure that costs something; then it doubles. */
  firstWait: 250,
  /** The longest time between two, and how far ahead one may be reserved. */
  longestWait: 8_000,
  /** Time in which half of the failures are forgotten. */
  halfLife: 120_000,
  /** Keys whose failures are counted, and accounts with familiar addresses. */
  keys: 10_000,
  /** Addresses that an account last logged in from. */
  familiarAddresses: 5,
} as const;

/** Who wants to log in, with what they say they are called. */
export interface Login {
  /** The peer's IP address, without a port. */
  readonly address: string;
  /** The name as it is compared (`Name.key`), whether it has an account or not. */
  readonly account: string;
}

/** An attempt whose password may be checked after `wait`. */
export interface Admitted {
  readonly type: "admitted";
  readonly login: Login;
  /** ms to wait before the check begins, 0 to 8,000. */
  readonly wait: number;
  /** Whether the account logged in from that address before. */
  readonly familiar: boolean;
}

/** An attempt whose password isn't looked at. */
export interface Refused {
  readonly type: "refused";
  /** Whole seconds after which an attempt would begin at once. */
  readonly seconds: number;
}

/** What is known under a key. */
interface Failures {
  /** As of `time`; fades, so it is no whole number. */
  readonly count: number;
  readonly time: number;
  /** When the next attempt may begin. */
  readonly next: number;
}

/** A key, and how many failures cost nothing under it. */
interface Key {
  readonly name: string;
  readonly free: number;
}

/** ms between an attempt that made it so many failures and the next one. */
function waitAfter(count: number, free: number): number {
  const over = Math.round(count) - free;
  if (over <= 0) return 0;
  return Math.min(THROTTLE.longestWait, THROTTLE.firstWait * 2 ** (over - 1));
}

/** What is left of failures at `now`. */
function faded({ count, time, next }: Failures, now: number): Failures {
  // A clock that was set back takes the slots with it, or they were far ahead.
  if (now < time) return { count, time: now, next: next - (time - now) };
  return {
    count: count * 2 ** ((time - now) / THROTTLE.halfLife),
    time: now,
    next,
  };
}

/** Puts an entry last; if there are too many, the first goes. */
function putLast<Value>(map: Map<string, Value>, key: string, value: Value) {
  map.delete(key);
  map.set(key, value);
  if (map.size <= THROTTLE.keys) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}

/** Counts failed logins; times are ms of any clock. */
export class Throttle {
  readonly #failures = new Map<string, Failures>();
  /** By account the networks it logged in from, the latest last. */
  readonly #familiar = new Map<string, readonly string[]>();

  /** How many keys are counted at the moment. */
  get size(): number {
    return this.#failures.size;
  }

  /**
   * Asks for an attempt, before its password is checked. Every one that is
   * admitted counts as failed, unless {@link Throttle.succeeded} hears of it.
   */
  begin(login: Login, now: number): Admitted | Refused {
    const familiar = this.#isFamiliar(login);
    const known = keysOf(login, familiar).map((key) => ({
      ...key,
      ...this.#at(key, now),
    }));
    const start = Math.max(now, ...known.map(({ next }) => next));
    const wait = start - now;
    if (wait > THROTTLE.longestWait) {
      return { type: "refused", seconds: Math.ceil(wait / 1000) };
    }
    for (const { name, free, count } of known) {
      const next = start + waitAfter(count + 1, free);
      putLast(this.#failures, name, { count: count + 1, time: now, next });
    }
    return { type: "admitted", login, wait, familiar };
  }

  /**
   * The password was right: the account's failures are forgotten, of those of
   * the address only this one, or whoever has an account could guess at others
   * for ever. The address is familiar from now on.
   */
  succeeded({ login, familiar }: Admitted, now: number): void {
    const [own, address] = keysOf(login, familiar);
    if (own !== undefined) this.#failures.delete(own.name);
    if (address !== undefined) this.#takeBack(address, now);
    const network = networkOf(login.address);
    const before = this.#familiar.get(login.account) ?? [];
    putLast(
      this.#familiar,
      login.account,
      [
        ...before.filter((one) => one !== network),
        network,
      ].slice(-THROTTLE.familiarAddresses),
    );
  }

  #takeBack(key: Key, now: number): void {
    if (!this.#failures.has(key.name)) return;
    const { count, next } = this.#at(key, now);
    const left = Math.max(0, count - 1);
    this.#failures.set(key.name, {
      count: left,
      time: now,
      // Those who come next wait for failures alone.
      next: Math.min(next, now + waitAfter(left, key.free)),
    });
  }

  #at({ name }: Key, now: number): Failures {
    const failures = this.#failures.get(name);
    return failures === undefined
      ? { count: 0, time: now, next: now }
      : faded(failures, now);
  }

  #isFamiliar({ account, address }: Login): boolean {
    return this.#familiar.get(account)?.includes(networkOf(address)) ?? false;
  }
}

/** The key that is forgotten after a success comes first. */
function keysOf({ account, address }: Login, familiar: boolean): Key[] {
  const network = networkOf(address);
  const { freeOfAccount, freeOfAddress } = THROTTLE;
  if (familiar) {
    return [{ name: `both ${account} ${network}`, free: freeOfAccount }];
  }
  return [
    { name: `account ${account}`, free: freeOfAccount },
    { name: `address ${network}`, free: freeOfAddress },
  ];
}
