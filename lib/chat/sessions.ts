/**
 * Sessions from their connection to their end: who has to log in by when, who
 * is idle, and what is left of somebody who goes.
 *
 * @module
 */

import type { Accounts } from "./accounts.ts";
import type { Core } from "./core.ts";
import { Deadlines } from "./deadlines.ts";
import type { KeptSession, KeptSessions } from "./kept_sessions.ts";
import { Session, type SessionOptions } from "./people.ts";
import type { People } from "./people_list.ts";
import type { Receipts } from "./receipts.ts";
import type { Seats } from "./seats.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Why nothing new is taken. */
export const SHUTTING_DOWN = "the server is going down";

/** What sessions are made of. */
export interface SessionParts<Peer> {
  readonly core: Core<Peer>;
  readonly people: People<Peer>;
  readonly seats: Seats<Peer>;
  readonly receipts: Receipts<Peer>;
  readonly kept: KeptSessions<Peer>;
  readonly accounts: Accounts<Peer>;
}

/** All sessions that have a connection. */
export class Sessions<Peer> {
  readonly #parts: SessionParts<Peer>;
  readonly #all = new Set<Session<Peer>>();
  readonly #logins: Deadlines<Session<Peer>>;
  readonly #idle: Deadlines<Session<Peer>>;

  constructor(parts: SessionParts<Peer>) {
    const { limits } = parts.core;
    this.#parts = parts;
    this.#logins = new Deadlines(limits.loginTimeout);
    this.#idle = new Deadlines(limits.idleTimeout);
  }

  /** A peer connected. */
  connect(peer: Peer, options: SessionOptions): Session<Peer> {
    const { core } = this.#parts;
    const { requestsPerSecond, requestBurst, strangers } = core.limits;
    const { now } = options;
    const bucket = new TokenBucket(requestsPerSecond, requestBurst, now);
    const session = new Session(peer, bucket, options);
    this.#all.add(session);
    this.#logins.start(session, now);
    if (core.closing) core.dismiss(session, 503, SHUTTING_DOWN, now);
    const { first, size } = this.#logins;
    if (first !== undefined && size > strangers) {
      const detail = "too many others have not logged in either";
      core.dismiss(first, 503, detail, now);
    }
    return session;
  }

  /** It has to log in by a deadline that begins now. */
  awaitLogin(session: Session<Peer>, now: number): void {
    this.#logins.start(session, now);
  }

  /** It does, or makes an account: no deadline holds while that is checked. */
  comesIn(session: Session<Peer>): void {
    this.#logins.stop(session);
  }

  /** It is somebody's from now on. */
  admitted(session: Session<Peer>, now: number): void {
    session.seen = now;
    this.#idle.start(session, now);
  }

  /** Puts off the idle deadline, once a second: that is exact enough. */
  see(session: Session<Peer>, now: number): void {
    if (session.person === undefined || now < session.seen + 1000) return;
    session.seen = now;
    this.#idle.start(session, now);
  }

  /** Closes one when everything told is out. */
  close(session: Session<Peer>, now: number): void {
    if (session.closed) return;
    const { core, receipts } = this.#parts;
    const shown = receipts.shown(session);
    core.push({ type: "close", session, ...shown && { shown } });
    this.forget(session, now);
  }

  /** Closes all of them: the server goes down. */
  dismissAll(now: number): void {
    for (const session of this.#all) {
      this.#parts.core.dismiss(session, 503, SHUTTING_DOWN, now);
    }
  }

  /** One is over: its connection is gone, or about to go. */
  forget(session: Session<Peer>, now: number): void {
    session.closed = true;
    // What it said last counts also when the connection ends first.
    const goesForGood = [...session.waiting].some(({ kind }) =>
      kind === "logout"
    );
    session.waiting.clear();
    this.#all.delete(session);
    this.#logins.stop(session);
    this.#idle.stop(session);
    const { core, people, seats, kept: all, accounts } = this.#parts;
    for (const [room] of [...session.seats]) {
      seats.leave(session, room, now);
    }
    const { person, kept } = session;
    if (person === undefined || !person.sessions.delete(session)) return;
    if (!person.here) {
      people.count(-1);
      person.away = undefined;
    }
    if (kept?.session !== session) return accounts.endGuest(person, now);
    if (goesForGood) return this.#endKept(kept, now);
    const crowded = all.leave(kept, now);
    core.save([kept.change(now)]);
    if (crowded !== undefined) this.#endKept(crowded, now);
  }

  /** A token means nothing any more. */
  #endKept(kept: KeptSession<Peer>, now: number): void {
    const { core, kept: all, accounts } = this.#parts;
    all.remove(kept);
    core.save([{ type: "remove_session", handle: kept.handle }]);
    accounts.endGuest(kept.person, now);
  }

  /** When `wake` wants to be called, ms; Infinity is never. */
  get nextWake(): number {
    return Math.min(
      this.#logins.next,
      this.#idle.next,
      this.#parts.kept.next,
    );
  }

  /** Closes who did not log in, and who is idle; ends what nobody came back for. */
  wake(now: number): void {
    const { core, kept: all } = this.#parts;
    for (const session of this.#logins.expire(now)) {
      const seconds = core.limits.loginTimeout / 1000;
      const detail = `no login within ${seconds} s`;
      core.dismiss(session, 401, detail, now);
    }
    for (const session of this.#idle.expire(now)) {
      const seconds = core.limits.idleTimeout / 1000;
      const detail = `nothing asked for ${seconds} s, logged out`;
      core.dismiss(session, 401, detail, now);
    }
    for (const kept of all.expire(now)) this.#endKept(kept, now);
    core.save(all.renew(now).map((kept) => kept.change(now)));
  }
}
