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
 * A message's way: `receive` → `Speech.say` → a draft in the batch → `drain`
 * hands the batch out as one `append` → `stored` → one `publish` a room, with
 * its listeners and messages.
 *
 * @module
 */

import {
  type Receipt,
  RemoteProtocolError,
  type Request,
  textBytes,
} from "../wire/mod.ts";
import { Accounts } from "./accounts.ts";
import { Arrivals } from "./arrivals.ts";
import { Core } from "./core.ts";
import { Crowds } from "./crowds.ts";
import { Deadlines } from "./deadlines.ts";
import type { Effect } from "./effects.ts";
import { Floods } from "./floods.ts";
import { Groups } from "./groups.ts";
import { type KeptSession, KeptSessions } from "./kept_sessions.ts";
import type { Limits } from "./limits.ts";
import type { Stored } from "./log.ts";
import { Logins } from "./logins.ts";
import { Joins } from "./joins.ts";
import { Mailbox } from "./mailbox.ts";
import { Members } from "./members.ts";
import { isMessage, loggedIn } from "./messages.ts";
import {
  type Room,
  Session,
  type SessionOptions,
  type Step,
} from "./people.ts";
import { Passwords } from "./passwords.ts";
import { People } from "./people_list.ts";
import { PublicKeys } from "./public_keys.ts";
import { Queries } from "./queries.ts";
import type { Asked, QuestionKind, Questions } from "./questions.ts";
import { Receipts, type Shown } from "./receipts.ts";
import { Refusals } from "./refusals.ts";
import { Registration } from "./registration.ts";
import { errorReply, refusal } from "./replies.ts";
import { restore } from "./restore.ts";
import { Rooms } from "./rooms.ts";
import { Sayings } from "./sayings.ts";
import { Seats } from "./seats.ts";
import { Speech } from "./speech.ts";
import type { PersonRecord, Snapshot } from "./state.ts";
import { TokenBucket } from "./token_bucket.ts";

/** How a hub is made. */
export interface HubOptions {
  readonly limits: Limits;
  /** Nobody comes in without an account. */
  readonly accountsOnly?: boolean;
}

/** The chat itself. */
export class Hub<Peer> {
  readonly #limits: Limits;
  readonly #floods: Floods<Peer>;
  readonly #core: Core<Peer>;
  readonly #sessions = new Set<Session<Peer>>();
  readonly #people = new People<Peer>();
  readonly #rooms: Rooms<Peer>;
  readonly #crowds: Crowds<Peer>;
  readonly #seats: Seats<Peer>;
  readonly #receipts: Receipts<Peer>;
  readonly #members: Members<Peer>;
  readonly #kept: KeptSessions<Peer>;
  readonly #accounts: Accounts<Peer>;
  readonly #doors: Logins<Peer>;
  readonly #registration: Registration<Peer>;
  readonly #joins: Joins<Peer>;
  readonly #groups: Groups<Peer>;
  readonly #sayings: Sayings<Peer>;
  readonly #keys: PublicKeys<Peer>;
  readonly #queries: Queries<Peer>;
  readonly #mailbox: Mailbox<Peer>;
  readonly #speech: Speech<Peer>;
  readonly #refusals: Refusals<Peer>;
  readonly #logins: Deadlines<Session<Peer>>;
  readonly #idle: Deadlines<Session<Peer>>;

  constructor({ limits, accountsOnly = false }: HubOptions) {
    this.#limits = limits;
    this.#floods = new Floods(limits);
    this.#logins = new Deadlines(limits.loginTimeout);
    this.#idle = new Deadlines(limits.idleTimeout);
    const core = this.#core = new Core<Peer>(limits, {
      release: (session, now) => this.#release(session, now),
      proceed: (session, now) => this.#proceed(session, now),
      close: (session, now) => this.#close(session, now),
    });
    const people = this.#people;
    const rooms = this.#rooms = new Rooms(core);
    const crowds = this.#crowds = new Crowds(core);
    const seats = this.#seats = new Seats(core, crowds);
    const receipts = this.#receipts = new Receipts(core);
    const members = this.#members = new Members(core, rooms, seats, receipts);
    const kept = this.#kept = new KeptSessions<Peer>(limits);
    const passwords = new Passwords(core);
    const arrivals = new Arrivals(limits, people);
    const accounts = this.#accounts = new Accounts({
      core,
      people,
      members,
      kept,
    });
    const parts = {
      core,
      people,
      rooms,
      seats,
      members,
      kept,
      accounts,
      passwords,
      arrivals,
      accountsOnly,
    };
    this.#registration = new Registration({
      ...parts,
      enter: (...arrival) => this.#doors.enter(...arrival),
    });
    this.#doors = new Logins({
      ...parts,
      admitted: (session, now) => {
        session.seen = now;
        this.#idle.start(session, now);
        this.#floods.admitted(session, now);
      },
    });
    this.#joins = new Joins(parts);
    this.#groups = new Groups(parts);
    this.#sayings = new Sayings(parts);
    this.#keys = new PublicKeys(parts);
    this.#queries = new Queries(parts);
    this.#mailbox = new Mailbox({ core, receipts });
    const refusals = this.#refusals = new Refusals(core, rooms);
    this.#speech = new Speech({ ...parts, crowds, receipts, refusals });
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
    const { requestsPerSecond, requestBurst } = this.#limits;
    const { now } = options;
    const bucket = new TokenBucket(requestsPerSecond, requestBurst, now);
    const session = new Session(peer, bucket, options);
    this.#sessions.add(session);
    this.#logins.start(session, now);
    if (this.#core.closing) {
      this.#core.dismiss(session, 503, SHUTTING_DOWN, now);
    }
    const { first, size } = this.#logins;
    if (first !== undefined && size > this.#limits.strangers) {
      const detail = "too many others have not logged in either";
      this.#core.dismiss(first, 503, detail, now);
    }
    return session;
  }

  /** A peer asked something, in so many bytes if that is known. */
  receive(
    session: Session<Peer>,
    request: Request,
    now: number,
    bytes = 0,
  ): void {
    this.#see(session, now);
    const tooFast = this.#floods.refuse(
      session,
      this.#cost(request, bytes),
      now,
    );
    if (request.type === "receipt") return this.state(session, request, now);
    // Who goes is not kept from it, however fast it asked before.
    if (request.type === "logout") {
      return this.#take(session, { kind: "logout" }, now);
    }
    const error = this.#core.closing ? refusal(503, SHUTTING_DOWN) : tooFast;
    const step: Step = error === undefined
      ? { kind: "request", request }
      : isMessage(request)
      ? { kind: "untimely", request, error }
      : mistake(error);
    this.#take(session, step, now);
  }

  /**
   * How far a session has a room. From a driver that knows that by itself it is
   * no request, and takes nothing of what its client may ask.
   */
  state(session: Session<Peer>, receipt: Receipt, now: number): void {
    const room = this.#rooms.byHandle(receipt.room);
    if (room) this.#receipts.state(session, room, receipt, now);
  }

  /** As how many requests it counts, so that nobody floods a room's readers. */
  #cost(request: Request, bytes: number): number {
    const { requestBytes, announcedCost } = this.#limits;
    const read = this.#costOfBytes(bytes);
    if (ANNOUNCED.has(request.type)) return Math.max(read, announcedCost);
    if (!isMessage(request)) return read;
    // A unit of UTF-16 has three bytes at most: the usual text is not counted.
    if (request.text.length * 3 <= requestBytes) return read;
    return Math.max(read, Math.ceil(textBytes(request.text) / requestBytes));
  }

  /** What a request of so many bytes costs to read, whatever they say. */
  #costOfBytes(bytes: number): number {
    return Math.max(1, Math.floor(bytes / this.#limits.requestBytes));
  }

  /** A peer sent something that is no request, in so many bytes. */
  mistake(
    session: Session<Peer>,
    error: RemoteProtocolError,
    now: number,
    bytes = 0,
  ): void {
    this.#see(session, now);
    const tooFast = error.fatal
      ? undefined
      : this.#floods.refuse(session, this.#costOfBytes(bytes), now);
    this.#take(session, mistake(tooFast ?? error), now);
  }

  /** A peer will send nothing more, but still listens. */
  end(session: Session<Peer>, now: number): void {
    this.#take(session, { kind: "end" }, now);
  }

  /** A peer is gone. What it sent and the log has not got yet stays sent. */
  disconnect(session: Session<Peer>, now: number): void {
    if (session.closed) return;
    this.#forget(session, now);
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
      this.#logins.next,
      this.#idle.next,
      this.#kept.next,
      this.#receipts.next,
      this.#crowds.next,
      this.#core.nextWake,
    );
  }

  /** Time has passed: closes who did not log in, and who is idle. */
  wake(now: number): void {
    for (const session of this.#logins.expire(now)) {
      const seconds = this.#limits.loginTimeout / 1000;
      const detail = `no login within ${seconds} s`;
      this.#core.dismiss(session, 401, detail, now);
    }
    for (const session of this.#idle.expire(now)) {
      const seconds = this.#limits.idleTimeout / 1000;
      const detail = `nothing asked for ${seconds} s, logged out`;
      this.#core.dismiss(session, 401, detail, now);
    }
    for (const kept of this.#kept.expire(now)) this.#endKept(kept, now);
    this.#core.save(this.#kept.renew(now).map((kept) => kept.change(now)));
    this.#receipts.wake(now);
    this.#crowds.wake(now);
    this.#core.wake(now);
  }

  /** Takes nothing new, finishes what was taken, then closes everybody. */
  shutdown(now: number): void {
    this.#core.closing = true;
    this.#finishClosing(now);
  }

  /** Puts off the idle deadline, once a second: that is exact enough. */
  #see(session: Session<Peer>, now: number): void {
    if (session.person === undefined || now < session.seen + 1000) return;
    session.seen = now;
    this.#idle.start(session, now);
  }

  // ---- one session's requests, in order

  #take(session: Session<Peer>, step: Step, now: number): void {
    if (session.closed) return;
    session.waiting.push(step);
    if (session.waiting.length === 1) this.#proceed(session, now);
  }

  /** Does what waits, as far as it goes. */
  #proceed(session: Session<Peer>, now: number): void {
    session.again = true;
    if (session.running) return;
    session.running = true;
    const { waiting } = session;
    while (session.again) {
      session.again = false;
      while (waiting[0] !== undefined && this.#act(session, waiting[0], now)) {
        waiting.shift();
      }
    }
    session.running = false;
  }

  /** A request is answered that something else was waited for. */
  #release(session: Session<Peer>, now: number): void {
    if (session.closed) return;
    session.busy = false;
    if (session.person === undefined) this.#logins.start(session, now);
    this.#proceed(session, now);
  }

  /** Does one step, or answers false when it has to wait. */
  #act(session: Session<Peer>, step: Step, now: number): boolean {
    if (session.busy) return false;
    if (step.kind === "request" && isMessage(step.request)) {
      return this.#speech.say(session, step.request, now);
    }
    if (session.inFlight > 0) return false;
    if (step.kind === "untimely") {
      return this.#refusals.turnAway(session, step.request, step.error, now);
    }
    if (step.kind === "end" || step.kind === "logout") {
      this.#close(session, now);
    } else if (step.kind === "mistake") {
      this.#core.reply(session, errorReply(step.error));
      if (step.error.fatal) this.#close(session, now);
    } else {
      try {
        this.#answer(session, step.request, now);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        this.#core.reply(session, errorReply(error));
      }
    }
    return true;
  }

  /** Answers a request, or makes its session busy and answers later. */
  #answer(session: Session<Peer>, request: Request, now: number): void {
    switch (request.type) {
      case "login":
      case "resume":
        refuseSecond(session);
        this.#logins.stop(session);
        return request.type === "login"
          ? this.#doors.login(session, request, now)
          : this.#doors.resume(session, request, now);
      case "register":
        this.#registration.register(session, request, now);
        return this.#logins.stop(session);
    }
    const { person, room } = loggedIn(session);
    switch (request.type) {
      case "change_password":
        return this.#registration.changePassword(
          session,
          person,
          request,
          now,
        );
      case "join_room":
        return this.#joins.join(session, person, request, now);
      case "leave_room":
        return this.#groups.leave(session, person, request, now);
      case "make_group":
        return this.#groups.make(session, person, request, now);
      case "invite":
        return this.#groups.invite(session, person, request, now);
      case "set_topic":
        return this.#sayings.setTopic(session, person, room, request);
      case "set_away":
        return this.#sayings.setAway(session, person, request);
      case "list_users":
        return this.#queries.listUsers(session, person, request.room, room);
      case "list_rooms":
        return this.#queries.listRooms(session, person);
      case "list_own_rooms":
        return this.#queries.listOwnRooms(session, person);
      case "list_people":
        return this.#queries.listPeople(session);
      case "list_waiting":
        return this.#mailbox.list(session, person);
      case "list_members":
        return this.#queries.listMembers(session, person, request);
      case "history":
        return this.#queries.history(session, person, request);
      case "search":
        return this.#queries.search(session, person, request);
      case "names":
        return this.#queries.names(session, person, request);
      case "publish_key":
        return this.#keys.publish(session, person, request);
      case "find_key":
        return this.#keys.find(session, request);
    }
  }

  // ---- the end

  #close(session: Session<Peer>, now: number): void {
    if (session.closed) return;
    const shown = this.#receipts.shown(session);
    this.#core.push({ type: "close", session, ...shown && { shown } });
    this.#forget(session, now);
  }

  #forget(session: Session<Peer>, now: number): void {
    session.closed = true;
    // What it said last counts also when the connection ends first.
    const goesForGood = session.waiting.some(({ kind }) => kind === "logout");
    session.waiting.length = 0;
    this.#sessions.delete(session);
    this.#logins.stop(session);
    this.#idle.stop(session);
    for (const room of [...session.seats.keys()]) {
      this.#seats.leave(session, room, now);
    }
    const { person, kept } = session;
    if (person === undefined || !person.sessions.delete(session)) return;
    if (!person.here) {
      this.#people.count(-1);
      person.away = undefined;
    }
    if (kept?.session !== session) return this.#accounts.endGuest(person, now);
    if (goesForGood) return this.#endKept(kept, now);
    const crowded = this.#kept.leave(kept, now);
    this.#core.save([kept.change(now)]);
    if (crowded !== undefined) this.#endKept(crowded, now);
  }

  /** A token means nothing any more. */
  #endKept(kept: KeptSession<Peer>, now: number): void {
    this.#kept.remove(kept);
    this.#core.save([{ type: "remove_session", handle: kept.handle }]);
    this.#accounts.endGuest(kept.person, now);
  }

  #finishClosing(now: number): void {
    if (!this.#core.closing || !this.#speech.done) return;
    for (const session of this.#sessions) {
      this.#core.dismiss(session, 503, SHUTTING_DOWN, now);
    }
  }
}

/** What others are told of, besides messages. */
const ANNOUNCED: ReadonlySet<Request["type"]> = new Set([
  "join_room",
  "leave_room",
  "make_group",
  "invite",
  "set_topic",
  "set_away",
]);

const SHUTTING_DOWN = "the server is going down";

function mistake(error: RemoteProtocolError): Step {
  return { kind: "mistake", error };
}

function refuseSecond<Peer>({ person }: Session<Peer>): void {
  if (person === undefined) return;
  throw refusal(
    400,
    `this connection is logged in as ${person.name.shown} already`,
  );
}
