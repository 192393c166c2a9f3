/**
 * The hub: who is here, who may do what, and who is told what. Pure: requests,
 * answers and the time come in as arguments, effects come out of `drain` as
 * values.
 *
 * What it guarantees:
 *
 * - A message is acknowledged and shown when the log has said that it is
 *   durable, and MUST NOT be before.
 * - Each request but a notice gets exactly one reply, and a session's replies
 *   MUST come in the order of its requests. Messages of one session to one
 *   stream are on their way to the log together; anything else it asks waits
 *   until they are answered, and so do the requests behind that.
 * - What a session receives from a room is in the order of the log, and every
 *   member gets the same. Whoever comes in or comes back is shown what is
 *   behind its position first; none of it MUST come a second time, and none be
 *   missing.
 *
 * A message's way: `receive` → `Pipeline.take` → `Speech.say` → a draft in the
 * batch → `drain` hands the batch out as one `append` → `stored` → one `publish`
 * a room, with its listeners and messages.
 *
 * @module
 */

import {
  type Receipt,
  refusal,
  type RemoteProtocolError,
  type Request,
} from "../wire/mod.ts";
import { Accounts } from "./accounts.ts";
import { Core } from "./core.ts";
import { Crowds } from "./crowds.ts";
import { Dispatch } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import { Floods } from "./floods.ts";
import { KeptSessions } from "./kept_sessions.ts";
import type { Limits } from "./limits.ts";
import type { Stored } from "./log.ts";
import { Members } from "./members.ts";
import { isMessage } from "./messages.ts";
import type { Room, Session, SessionOptions, Step } from "./people.ts";
import { People } from "./people_list.ts";
import { Pipeline } from "./pipeline.ts";
import type { Asked, QuestionKind, Questions } from "./questions.ts";
import { Receipts, type Shown } from "./receipts.ts";
import { Refusals } from "./refusals.ts";
import { costOf, costOfBytes } from "./request_cost.ts";
import { restore } from "./restore.ts";
import { Rooms } from "./rooms.ts";
import { Seats } from "./seats.ts";
import { Sessions, SHUTTING_DOWN } from "./sessions.ts";
import { Speech } from "./speech.ts";
import type { PersonRecord, Snapshot } from "./state.ts";

/** How a hub is made. */
export interface HubOptions {
  readonly limits: Limits;
  /** Nobody comes in without an account. */
  readonly accountsOnly?: boolean;
}

/** The chat itself. */
export class Hub<Peer> {
  readonly #core: Core<Peer>;
  readonly #floods: Floods<Peer>;
  readonly #people = new People<Peer>();
  readonly #rooms: Rooms<Peer>;
  readonly #crowds: Crowds<Peer>;
  readonly #receipts: Receipts<Peer>;
  readonly #kept: KeptSessions<Peer>;
  readonly #accounts: Accounts<Peer>;
  readonly #sessions: Sessions<Peer>;
  readonly #speech: Speech<Peer>;
  readonly #pipeline: Pipeline<Peer>;

  constructor({ limits, accountsOnly = false }: HubOptions) {
    const core = this.#core = new Core<Peer>(limits, {
      release: (session, now) => this.#pipeline.release(session, now),
      proceed: (session, now) => this.#pipeline.proceed(session, now),
      close: (session, now) => this.#sessions.close(session, now),
    });
    const floods = this.#floods = new Floods<Peer>(limits);
    const people = this.#people;
    const rooms = this.#rooms = new Rooms(core);
    const crowds = this.#crowds = new Crowds(core);
    const seats = new Seats(core, crowds);
    const receipts = this.#receipts = new Receipts(core);
    const members = new Members(core, rooms, seats, receipts);
    const kept = this.#kept = new KeptSessions<Peer>(limits);
    const own = { core, people, members, kept };
    const accounts = this.#accounts = new Accounts(own);
    const parts = { ...own, rooms, crowds, seats, receipts, accounts };
    const sessions = this.#sessions = new Sessions(parts);
    const refusals = new Refusals(core, rooms);
    const speech = this.#speech = new Speech({ ...parts, refusals });
    const dispatch = new Dispatch({
      ...parts,
      sessions,
      accountsOnly,
      admitted: (session, now) => {
        sessions.admitted(session, now);
        floods.admitted(session, now);
      },
    });
    this.#pipeline = new Pipeline({
      core,
      sessions,
      speech,
      refusals,
      dispatch,
    });
  }

  /** People who are logged in. */
  get people(): number {
    return this.#people.here;
  }

  /** How often somebody was muted. */
  get mutes(): number {
    return this.#floods.mutes;
  }

  /** Every public room and every group there is. */
  get rooms(): Iterable<Room<Peer>> {
    return this.#rooms.named;
  }

  /** The public room or group of a name, by its key. */
  room(key: string): Room<Peer> | undefined {
    return this.#rooms.find(key);
  }

  /** The room that is always there. */
  get lobby(): Room<Peer> {
    return this.#rooms.lobby;
  }

  /** Takes up what an earlier run left; before the first `drain`. */
  restore(snapshot: Snapshot, now: number): void {
    const [people, rooms, kept] = [this.#people, this.#rooms, this.#kept];
    restore({ people, rooms, kept }, snapshot, now);
  }

  /** Takes what is to be done since the last call. */
  drain(): readonly Effect<Peer>[] {
    this.#speech.drain();
    return this.#core.take();
  }

  /** A peer connected. */
  connect(peer: Peer, options: SessionOptions): Session<Peer> {
    return this.#sessions.connect(peer, options);
  }

  /** A peer asked something, in so many bytes if that is known. */
  receive(
    session: Session<Peer>,
    request: Request,
    now: number,
    bytes = 0,
  ): void {
    this.#sessions.see(session, now);
    if (request.type === "receipt") {
      const flood = this.#floods.state(session, now);
      if (!flood?.fatal) return this.state(session, request, now);
      return this.#pipeline.take(session, mistake(flood), now);
    }
    const cost = costOf(request, bytes, this.#core.limits);
    const tooFast = this.#floods.refuse(session, cost, now);
    // Who goes is not kept from it, however fast it asked before.
    if (request.type === "logout") {
      return this.#pipeline.take(session, { kind: "logout" }, now);
    }
    const error = this.#core.closing ? refusal(503, SHUTTING_DOWN) : tooFast;
    const step: Step = error === undefined
      ? { kind: "request", request }
      : isMessage(request)
      ? { kind: "untimely", request, error }
      : mistake(error);
    this.#pipeline.take(session, step, now);
  }

  /**
   * How far a session has a room. From a driver that knows that by itself it is
   * no request, and takes nothing of what its client may ask.
   */
  state(session: Session<Peer>, receipt: Receipt, now: number): void {
    const room = this.#rooms.byHandle(receipt.room);
    if (room) this.#receipts.state(session, room, receipt, now);
  }

  /** A peer sent something that is no request, in so many bytes. */
  mistake(
    session: Session<Peer>,
    error: RemoteProtocolError,
    now: number,
    bytes = 0,
  ): void {
    this.#sessions.see(session, now);
    const cost = costOfBytes(bytes, this.#core.limits);
    const tooFast = error.fatal
      ? undefined
      : this.#floods.refuse(session, cost, now);
    this.#pipeline.take(session, mistake(tooFast ?? error), now);
  }

  /** A peer will send nothing more, but still listens. */
  end(session: Session<Peer>, now: number): void {
    this.#pipeline.take(session, { kind: "end" }, now);
  }

  /** A peer is gone. What it sent and the log has not got yet stays sent. */
  disconnect(session: Session<Peer>, now: number): void {
    if (session.closed) return;
    this.#sessions.forget(session, now);
    this.#finishClosing(now);
  }

  /** What a session was sent and is not known to have; else undefined. */
  shown(session: Session<Peer>): Shown<Peer> | undefined {
    return this.#receipts.shown(session);
  }

  /** All of that has left the session's queue. */
  reached(session: Session<Peer>, shown: Shown<Peer>, now: number): void {
    this.#receipts.reached(session, shown, now);
  }

  /** The answer to a question. */
  answer<Kind extends QuestionKind>(
    asked: Asked<Peer, Kind>,
    answer: Questions<Peer>[Kind]["answer"],
    now: number,
  ): void {
    asked.answered(answer, now);
  }

  /** A question has no answer; `detail` says why, in a few words. */
  refuse(asked: Asked<Peer>, detail: string, now: number): void {
    asked.failed(detail, now);
  }

  /** The oldest batch handed out is durable. */
  stored(stored: readonly Stored[], now: number): void {
    this.#speech.stored(stored, now);
    this.#finishClosing(now);
  }

  /** The oldest batch handed out was not written, and never will be. */
  failed(detail: string, now: number): void {
    this.#speech.failed(detail, now);
    this.#finishClosing(now);
  }

  /** Another program changed accounts: these are all there are now. */
  accountsChanged(accounts: readonly PersonRecord[], now: number): void {
    this.#accounts.update(accounts, now);
  }

  /** The log let go of everything older than a time, ms. */
  pruned(olderThan: number): void {
    this.#rooms.prune(olderThan);
  }

  /** Writes and tells at once what there is: receipts, and what had failed. */
  flush(): void {
    this.#core.flush();
    this.#receipts.flush();
  }

  /** When `wake` wants to be called, ms; Infinity is never. */
  get nextWake(): number {
    return Math.min(
      this.#sessions.nextWake,
      this.#receipts.next,
      this.#crowds.next,
      this.#core.nextWake,
    );
  }

  /** Time has passed. */
  wake(now: number): void {
    this.#sessions.wake(now);
    this.#receipts.wake(now);
    this.#crowds.wake(now);
    this.#core.wake(now);
  }

  /** Takes nothing new, finishes what was taken, then closes everybody. */
  shutdown(now: number): void {
    this.#core.closing = true;
    this.#finishClosing(now);
  }

  #finishClosing(now: number): void {
    if (!this.#core.closing || !this.#speech.done) return;
    this.#sessions.dismissAll(now);
  }
}

function mistake(error: RemoteProtocolError): Step {
  return { kind: "mistake", error };
}
