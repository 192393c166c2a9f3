/**
 * What becomes of those who ask faster than they may.
 *
 * Theory of operation. A bucket of tokens refuses what is too fast with 429, and
 * goes on to refuse until a second's worth has come in. Whoever heeds that is
 * heard again. What comes behind `muteGrace` was sent in spite of it; over
 * `muteAfter` of these, whoever asks is muted: refused everything for `mute`. So
 * is at once who is refused more than `muteAtOnce` in a row: to read that costs.
 * What came when nothing had for as long is forgotten.
 *
 * - A mute MUST NOT end with the connection: an account's goes with the account,
 *   a guest's with its address, as its name costs nothing. Of an address that
 *   stands for many it goes with the name.
 * - A connection that is muted MUST NOT be read from faster than it might ask:
 *   what is refused costs work, too.
 *   Whoever keeps that up for `muteFlood` MUST be gone then: what it sent before
 *   it left would else keep it here for as long as that takes to read.
 * - Nobody is muted before a login; there the connection ends.
 *
 * @module
 */

import { refusal, RemoteProtocolError } from "../wire/mod.ts";
import type { Limits } from "./limits.ts";
import type { Session } from "./people.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What is known of a session that was refused something. */
export interface Flood {
  /** What it asked in spite of a 429. */
  ignored: number;
  /** When it last did, ms. */
  last: number;
  /** ms; 0: it is not muted. */
  mutedUntil: number;
  /**
   * What it was refused since something was taken, or since it was last made to
   * rest, as what it counts.
   */
  refused: number;
  /** It is not to be read from before, ms. */
  restsUntil: number;
  /** Since when one rest has followed another, ms. */
  floodsSince: number;
}

/** Mutes that are remembered; the oldest go. */
const MOST_MUTES = 10_000;

/** How long a muted connection rests, ms. */
const REST = 1_000;

/** The measure of everybody's requests. */
export class Floods<Peer> {
  readonly #limits: Limits;
  /** By whose they are, when they end, ms; the newest last. */
  readonly #mutes = new Map<string, number>();
  #count = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** How often somebody was muted. */
  get mutes(): number {
    return this.#count;
  }

  /** Why a request that counts as `cost` is refused, if it is. */
  refuse(
    session: Session<Peer>,
    cost: number,
    now: number,
  ): RemoteProtocolError | undefined {
    const muted = session.flood && this.#muted(session.flood, cost, now);
    if (muted) return muted;
    if (session.bucket.take(now, cost)) {
      if (session.flood !== undefined) session.flood.refused = 0;
      return undefined;
    }
    const { requestsPerSecond } = this.#limits;
    if (this.#isFlood(session, cost, now)) return this.#mute(session, now);
    const detail = `at most ${requestsPerSecond} requests a second, ` +
      "wait one second";
    return refusal(429, detail);
  }

  /**
   * A session says how far it is. That is no request as long as it comes no
   * faster than requests may: who reads much and says much has as many of these.
   */
  state(session: Session<Peer>, now: number): RemoteProtocolError | undefined {
    const { requestsPerSecond, requestBurst } = this.#limits;
    session.receipts ??= new TokenBucket(requestsPerSecond, requestBurst, now);
    return session.receipts.take(now)
      ? undefined
      : this.refuse(session, 1, now);
  }

  /** A session is somebody's from now on, who may be muted. */
  admitted(session: Session<Peer>, now: number): void {
    const mutedUntil = this.#mutes.get(keyOf(session)) ?? 0;
    if (mutedUntil <= now) return;
    session.flood = { ...session.flood ?? calm(), mutedUntil };
  }

  #muted(
    flood: Flood,
    cost: number,
    now: number,
  ): RemoteProtocolError | undefined {
    // A clock that was set back must not make it longer.
    flood.mutedUntil = Math.min(flood.mutedUntil, now + this.#limits.mute);
    if (flood.mutedUntil <= now) return undefined;
    flood.refused += cost;
    if (flood.refused >= this.#limits.requestsPerSecond) {
      flood.refused = 0;
      if (now - flood.restsUntil > REST) flood.floodsSince = now;
      flood.restsUntil = now + REST;
      if (now - flood.floodsSince >= this.#limits.muteFlood) {
        const detail = "you are muted and did not stop";
        return new RemoteProtocolError(429, detail, { fatal: true });
      }
    }
    const seconds = Math.ceil((flood.mutedUntil - now) / 1000);
    return refusal(429, `you are muted for another ${seconds} s`);
  }

  /** One more is refused: whether that is one too many. */
  #isFlood(session: Session<Peer>, cost: number, now: number): boolean {
    const { mute, muteGrace, muteAfter, muteAtOnce } = this.#limits;
    const flood = session.flood ??= calm();
    flood.refused += cost;
    if (flood.refused > muteAtOnce) return true;
    const since = session.bucket.refusingSince ?? now;
    if (now - since <= muteGrace) return false;
    if (now - flood.last > mute) flood.ignored = 0;
    flood.last = now;
    return ++flood.ignored > muteAfter;
  }

  #mute(session: Session<Peer>, now: number): RemoteProtocolError {
    const { mute } = this.#limits;
    this.#count++;
    if (session.person === undefined) {
      const detail = "too many requests, and none of them logs in";
      return new RemoteProtocolError(429, detail, { fatal: true });
    }
    const mutedUntil = now + mute;
    session.flood = { ...calm(), mutedUntil };
    this.#remember(keyOf(session), mutedUntil);
    const seconds = Math.ceil(mute / 1000);
    return refusal(
      429,
      `you asked on in spite of that and are muted for ${seconds} s`,
    );
  }

  #remember(key: string, until: number): void {
    this.#mutes.delete(key);
    this.#mutes.set(key, until);
    if (this.#mutes.size <= MOST_MUTES) return;
    for (const oldest of this.#mutes.keys()) {
      this.#mutes.delete(oldest);
      break;
    }
  }
}

/** How long a session is not to be read from yet, ms. */
export function restOf<Peer>({ flood }: Session<Peer>, now: number): number {
  const left = (flood?.restsUntil ?? now) - now;
  // More there can't be, unless the clock was set back.
  return left <= REST ? Math.max(0, left) : 0;
}

function calm(): Flood {
  return {
    ignored: 0,
    last: 0,
    mutedUntil: 0,
    refused: 0,
    restsUntil: 0,
    floodsSince: 0,
  };
}

/** Whose mute it is; a name has no colon and no slash. */
function keyOf<Peer>({ person, network }: Session<Peer>): string {
  const name = person?.name.key ?? "";
  if (person?.account) return `account:${name}`;
  return network === undefined ? `guest:${name}` : `network:${network}`;
}
