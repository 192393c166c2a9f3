/**
 * Sessions that outlive their connection: a client that comes back with its
 * token goes on where it was, and its refs count on.
 *
 * - A token is known by its digest alone. It MUST stop working with a change of
 *   the password, when its client logs out, and when it has not been used for a
 *   limited time.
 * - A guest is somebody as long as one of its kept sessions is.
 * - The store hears of a session in use before half of its time is over, so that
 *   a server which dies takes away half of it at most.
 *
 * @module
 */

import type { ErrorCode } from "../wire/mod.ts";
import { Deadlines } from "./deadlines.ts";
import type { Person, Session } from "./people.ts";
import type { Change } from "./state.ts";

/** Rejections that are kept of a session; whoever has more is sent away. */
const MOST_REJECTIONS = 1_000;

/** Why a message with a ref was refused. */
export interface Rejection {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** What is kept of one. */
export class KeptSession<Peer> {
  readonly handle: number;
  readonly person: Person<Peer>;
  digest: string;
  /** The connection that uses it now. */
  session: Session<Peer> | undefined;
  /** Where the last one came from; empty after a restart. */
  address = "";
  /** Its messages that are on their way to the log, over any connection. */
  inFlight = 0;
  /** The highest ref that went there. */
  #said: number;
  readonly #rejections = new Map<number, Rejection>();

  /** `said`: the highest ref that may be in the log. */
  constructor(handle: number, person: Person<Peer>, digest: string, said = -1) {
    this.handle = handle;
    this.person = person;
    this.digest = digest;
    this.#said = said;
  }

  /** As the log knows it: no secret. */
  get key(): string {
    return `${this.handle}`;
  }

  /** For the store: it was used at `seen`, ms, and goes by this digest. */
  change(seen: number, digest = this.digest): Change {
    const { handle, person } = this;
    const session = { handle, person: person.handle, digest, seen };
    return { type: "put_session", session };
  }

  /** A message goes to the log. */
  says(ref = -1): void {
    this.inFlight++;
    this.#said = Math.max(this.#said, ref);
  }

  /** The log has answered one. */
  heard(): void {
    this.inFlight--;
  }

  /** Whether a message with this ref may have gone to the log. */
  mayHaveSaid(ref: number): boolean {
    return ref <= this.#said;
  }

  /** What was answered to this ref, if it was refused. */
  rejection(ref: number): Rejection | undefined {
    return this.#rejections.get(ref);
  }

  reject(ref: number, rejection: Rejection): void {
    this.#rejections.set(ref, rejection);
  }

  /** Whether no more rejections can be kept. */
  get crowded(): boolean {
    return this.#rejections.size >= MOST_REJECTIONS;
  }

  /** It could not be kept. */
  forgetRejection(ref: number): void {
    this.#rejections.delete(ref);
  }
}

/** How long sessions are kept without a connection, ms, and how many. */
export interface KeptLimits {
  readonly guestSession: number;
  readonly accountSession: number;
  /** Of guests who came from one address. */
  readonly absentGuests: number;
  /** Of one account. */
  readonly absentSessions: number;
}

/** All that are kept. */
export class KeptSessions<Peer> {
  readonly #byDigest = new Map<string, KeptSession<Peer>>();
  readonly #guests: Deadlines<KeptSession<Peer>>;
  readonly #accounts: Deadlines<KeptSession<Peer>>;
  /** Those in use. */
  readonly #usedByGuests: Deadlines<KeptSession<Peer>>;
  readonly #usedByAccounts: Deadlines<KeptSession<Peer>>;

  readonly #limits: KeptLimits;
  /** Guests without a connection, by where they came from, oldest first. */
  readonly #absent = new Map<string, Set<KeptSession<Peer>>>();

  constructor(limits: KeptLimits) {
    const { guestSession, accountSession } = limits;
    this.#limits = limits;
    this.#guests = new Deadlines(guestSession);
    this.#accounts = new Deadlines(accountSession);
    this.#usedByGuests = new Deadlines(guestSession / 2);
    this.#usedByAccounts = new Deadlines(accountSession / 2);
  }

  get all(): Iterable<KeptSession<Peer>> {
    return this.#byDigest.values();
  }

  find(digest: string): KeptSession<Peer> | undefined {
    return this.#byDigest.get(digest);
  }

  add(kept: KeptSession<Peer>): void {
    this.#byDigest.set(kept.digest, kept);
    kept.person.keep(kept);
  }

  /** It has another token; the one before means nothing any more. */
  rename(kept: KeptSession<Peer>, digest: string): void {
    this.#byDigest.delete(kept.digest);
    kept.digest = digest;
    this.#byDigest.set(digest, kept);
  }

  /** Its token means nothing any more. */
  remove(kept: KeptSession<Peer>): void {
    this.#byDigest.delete(kept.digest);
    kept.person.release(kept);
    this.#stop(kept);
  }

  #stop(kept: KeptSession<Peer>): void {
    this.#guests.stop(kept);
    this.#accounts.stop(kept);
    this.#usedByGuests.stop(kept);
    this.#usedByAccounts.stop(kept);
    const absent = this.#absent.get(kept.address);
    if (absent?.delete(kept) && absent.size === 0) {
      this.#absent.delete(kept.address);
    }
  }

  /** A connection took it up. `now` must never go back. */
  use(kept: KeptSession<Peer>, session: Session<Peer>, now: number): void {
    this.#stop(kept);
    kept.session = session;
    kept.address = session.address;
    session.kept = kept;
    this.#used(kept, now);
  }

  #used(kept: KeptSession<Peer>, now: number): void {
    const { account } = kept.person;
    (account ? this.#usedByAccounts : this.#usedByGuests).start(kept, now);
  }

  /**
   * Its connection is gone. `now` must never go back. Answers the one that has
   * to go for it, if there are too many.
   */
  leave(kept: KeptSession<Peer>, now: number): KeptSession<Peer> | undefined {
    kept.session = undefined;
    this.#stop(kept);
    const { person, address } = kept;
    if (person.account) {
      this.#accounts.start(kept, now);
      const absent = [...person.kept].filter(({ session }) => !session);
      return absent.length > this.#limits.absentSessions
        ? absent[0]
        : undefined;
    }
    this.#guests.start(kept, now);
    const absent = this.#absent.get(address) ?? new Set();
    this.#absent.set(address, absent.add(kept));
    if (absent.size <= this.#limits.absentGuests) return undefined;
    return absent.values().next().value;
  }

  /** When the next one ends or is to be renewed, ms, or Infinity. */
  get next(): number {
    return Math.min(
      this.#guests.next,
      this.#accounts.next,
      this.#usedByGuests.next,
      this.#usedByAccounts.next,
    );
  }

  /** Those in use of which the store is to hear again. */
  renew(now: number): KeptSession<Peer>[] {
    const used = [
      ...this.#usedByGuests.expire(now),
      ...this.#usedByAccounts.expire(now),
    ];
    for (const kept of used) this.#used(kept, now);
    return used;
  }

  /** Those that nobody came back for. */
  expire(now: number): KeptSession<Peer>[] {
    return [...this.#guests.expire(now), ...this.#accounts.expire(now)];
  }
}
