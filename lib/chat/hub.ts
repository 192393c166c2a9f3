/**
 * The hub: who is here, who may do what, and who is told what. Pure: requests,
 * the log's answers and the time come in as arguments, effects come out of
 * `drain` as values.
 *
 * What it guarantees:
 *
 * - A message is acknowledged and shown when the log has said that it is
 *   durable, and MUST NOT be before.
 * - Each request gets exactly one reply, and a session's replies MUST come in
 *   the order of its requests. Messages of one session to one stream are on
 *   their way to the log together; anything else it asks waits until they are
 *   answered, and so do the requests behind that.
 * - What a session receives from a room is in the order of the log, and every
 *   member gets the same. Whoever joins is shown the room's newest messages
 *   first; none of those MUST come a second time, and none between be missing.
 *
 * A message's way: `receive` → `#act` → a draft in the batch → `drain` hands
 * the batch out as one `append` → `stored` → one `publish` a room, with its
 * members and messages.
 *
 * @module
 */

import {
  LOBBY,
  type Name,
  parseRoomName,
  parseUsername,
  RemoteProtocolError,
  type Request,
  type ServerEvent,
  type SystemMessage,
  textBytes,
} from "../wire/mod.ts";
import { Deadlines } from "./deadlines.ts";
import type { Effect, Publication } from "./effects.ts";
import type { Limits } from "./limits.ts";
import type { Message, Stored } from "./log.ts";
import {
  drafted,
  isMessage,
  loggedIn,
  type MessageRequest,
  parcels,
  type Pending,
} from "./messages.ts";
import { Person, Room, Session, type Step } from "./people.ts";
import { errorMessage, errorReply, loginReject, refusal } from "./replies.ts";
import { Rooms } from "./rooms.ts";
import { TokenBucket } from "./token_bucket.ts";

/** How a hub is made. */
export interface HubOptions {
  readonly limits: Limits;
  /** When this run began, ms since 1970: no other run of this log's has it. */
  readonly epoch: number;
}

/** How a session begins. */
export interface SessionOptions {
  /** ms. */
  readonly now: number;
  /** Present when this peer may not log in (plaintext, server full). */
  readonly refusal?: RemoteProtocolError;
}

/** The chat itself. */
export class Hub<Peer> {
  readonly #limits: Limits;
  readonly #epoch: number;
  readonly #sessions = new Set<Session<Peer>>();
  readonly #people = new Map<string, Person<Peer>>();
  readonly #rooms: Rooms<Peer>;
  readonly #logins: Deadlines<Session<Peer>>;
  readonly #idle: Deadlines<Session<Peer>>;
  #lastPerson = 0;
  #batch: Pending<Peer>[] = [];
  readonly #appending: Pending<Peer>[][] = [];
  #effects: Effect<Peer>[] = [];
  #closing = false;

  constructor({ limits, epoch }: HubOptions) {
    this.#limits = limits;
    this.#epoch = epoch;
    this.#logins = new Deadlines(limits.loginTimeout);
    this.#idle = new Deadlines(limits.idleTimeout);
    this.#rooms = new Rooms(
      limits.joinHistory,
      (recall) => this.#effects.push({ type: "recall", ...recall }),
    );
  }

  /** People who are logged in. */
  get people(): number {
    return this.#people.size;
  }

  /** Every room there is. */
  get rooms(): Iterable<Room<Peer>> {
    return this.#rooms.all;
  }

  /** The room that is always there. */
  get lobby(): Room<Peer> {
    return this.#rooms.lobby;
  }

  /** Takes what is to be done since the last call. */
  drain(): readonly Effect<Peer>[] {
    if (this.#batch.length > 0) {
      this.#appending.push(this.#batch);
      const drafts = this.#batch.map(({ draft }) => draft);
      this.#effects.push({ type: "append", drafts });
      this.#batch = [];
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** A peer connected. */
  connect(peer: Peer, { now, refusal }: SessionOptions): Session<Peer> {
    const { requestsPerSecond, requestBurst } = this.#limits;
    const bucket = new TokenBucket(requestsPerSecond, requestBurst, now);
    const session = new Session(peer, bucket, refusal, now);
    this.#sessions.add(session);
    this.#logins.start(session, now);
    if (this.#closing) this.#dismiss(session, 503, SHUTTING_DOWN);
    return session;
  }

  /** A peer asked something. */
  receive(session: Session<Peer>, request: Request, now: number): void {
    this.#see(session, now);
    if (this.#closing) {
      return this.#take(session, mistake(refusal(503, SHUTTING_DOWN)), now);
    }
    const step: Step = session.bucket.take(now, this.#cost(request))
      ? { kind: "request", request }
      : mistake(this.#tooFast());
    this.#take(session, step, now);
  }

  /** As how many requests it counts, so that nobody floods a room's readers. */
  #cost(request: Request): number {
    if (!isMessage(request)) return 1;
    const { requestBytes } = this.#limits;
    // A unit of UTF-16 has three bytes at most: the usual text is not counted.
    if (request.text.length * 3 <= requestBytes) return 1;
    return Math.ceil(textBytes(request.text) / requestBytes);
  }

  #tooFast(): RemoteProtocolError {
    const rate = this.#limits.requestsPerSecond;
    return refusal(429, `at most ${rate} requests a second, wait one second`);
  }

  /** A peer sent something that is no request. */
  mistake(session: Session<Peer>, error: RemoteProtocolError, now: number) {
    this.#see(session, now);
    const mild = error.fatal || session.bucket.take(now);
    this.#take(session, mistake(mild ? error : this.#tooFast()), now);
  }

  /** A peer will send nothing more, but still listens. */
  end(session: Session<Peer>, now: number): void {
    this.#take(session, { kind: "end" }, now);
  }

  /** A peer is gone. What it sent and the log has not got yet stays sent. */
  disconnect(session: Session<Peer>): void {
    if (session.closed) return;
    this.#forget(session);
    this.#finishClosing();
  }

  /** The log's newest messages of a room that was to be recalled. */
  remember(
    room: Room<Peer>,
    messages: readonly Message[],
    now: number,
  ): void {
    this.#rooms.remember(room, messages);
    for (const session of room.awaiting) this.#proceed(session, now);
    room.awaiting.clear();
    this.#rooms.vanish(room);
  }

  /** The oldest batch handed out is durable. */
  stored(stored: readonly Stored[], now: number): void {
    const batch = this.#appending.shift() ?? [];
    for (const { to, event } of batch) {
      if (to instanceof Room) this.#rooms.keep(to, event);
    }
    for (const { members, messages } of parcels(batch, stored)) {
      this.#publish(members, messages);
    }
    this.#settle(batch, now);
  }

  /** The oldest batch handed out was not written, and never will be. */
  failed(detail: string, now: number): void {
    const batch = this.#appending.shift() ?? [];
    for (const { author } of batch) {
      this.#send(author, errorMessage(500, detail));
    }
    this.#settle(batch, now);
  }

  /** When `wake` wants to be called, ms; Infinity is never. */
  get nextWake(): number {
    return Math.min(this.#logins.next, this.#idle.next);
  }

  /** Time has passed: closes who did not log in, and who is idle. */
  wake(now: number): void {
    for (const session of this.#logins.expire(now)) {
      const seconds = this.#limits.loginTimeout / 1000;
      this.#dismiss(session, 401, `no login within ${seconds} s`);
    }
    for (const session of this.#idle.expire(now)) {
      const seconds = this.#limits.idleTimeout / 1000;
      this.#dismiss(session, 401, `nothing asked for ${seconds} s, logged out`);
    }
  }

  /** Takes nothing new, finishes what was taken, then closes everybody. */
  shutdown(): void {
    this.#closing = true;
    this.#finishClosing();
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
    if (session.waiting.length > 0 || !this.#act(session, step, now)) {
      session.waiting.push(step);
    }
  }

  /** Does one step, or answers false when it has to wait. */
  #act(session: Session<Peer>, step: Step, now: number): boolean {
    if (step.kind === "request" && isMessage(step.request)) {
      return this.#say(session, step.request, now);
    }
    if (session.inFlight > 0) return false;
    if (step.kind === "request") {
      return this.#answer(session, step.request, now);
    }
    if (step.kind === "end") this.#close(session);
    else {
      this.#send(session, errorReply(step.error));
      if (step.error.fatal) this.#close(session);
    }
    return true;
  }

  /** Answers a request, or answers false when it has to wait. */
  #answer(session: Session<Peer>, request: Request, now: number): boolean {
    try {
      if (request.type === "login") return this.#login(session, request, now);
      const { room } = loggedIn(session);
      switch (request.type) {
        case "join_room":
          return this.#join(session, parseRoomName(request.room));
        case "list_users":
          this.#send(session, {
            type: "list_users",
            room: room.name.shown,
            users: sortedNames(
              new Set([...room.members].map((member) => member.person)),
            ),
          });
          break;
        case "list_rooms":
          this.#send(session, {
            type: "list_rooms",
            rooms: sortedNames(this.#rooms.all),
          });
          break;
      }
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#send(session, errorReply(error));
    }
    return true;
  }

  #login(
    session: Session<Peer>,
    { username }: Request & { type: "login" },
    now: number,
  ): boolean {
    if (session.person !== undefined) {
      throw refusal(
        400,
        `this connection is logged in as ${session.person.name.shown} already`,
      );
    }
    if (!this.#canEnter(session, this.#rooms.lobby)) return false;
    try {
      if (session.refusal !== undefined) throw session.refusal;
      const name = parseUsername(username);
      if (this.#people.has(name.key)) {
        throw refusal(409, `somebody is here as ${name.shown}`);
      }
      const person = new Person<Peer>(++this.#lastPerson, name);
      person.sessions.add(session);
      session.person = person;
      this.#people.set(name.key, person);
      this.#logins.stop(session);
      session.seen = now;
      this.#idle.start(session, now);
      this.#enter(session, this.#rooms.lobby, {
        type: "login_ack",
        username: name.shown,
        room: LOBBY,
      });
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      this.#send(session, loginReject(error));
      this.#close(session);
    }
    return true;
  }

  // ---- saying something

  /** Puts a message into the batch; false when it has to wait its turn. */
  #say(
    session: Session<Peer>,
    request: MessageRequest,
    now: number,
  ): boolean {
    let pending: Pending<Peer>;
    try {
      pending = drafted(session, request, {
        now,
        epoch: this.#epoch,
        find: (key) => this.#people.get(key),
      });
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      if (session.inFlight > 0) return false;
      this.#send(session, errorReply(error));
      return true;
    }
    const stream = pending.draft.room;
    if (session.inFlight > 0 && session.stream !== stream) return false;
    session.stream = stream;
    session.inFlight++;
    if (pending.to instanceof Room) pending.to.inFlight++;
    this.#batch.push(pending);
    return true;
  }

  /** A batch is answered: what waited behind it goes on. */
  #settle(batch: readonly Pending<Peer>[], now: number): void {
    for (const { author, to } of batch) {
      author.inFlight--;
      if (to instanceof Room) {
        to.inFlight--;
        this.#rooms.vanish(to);
      }
    }
    for (const { author } of batch) this.#proceed(author, now);
    this.#finishClosing();
  }

  /** Does what waited, as far as it goes. */
  #proceed(session: Session<Peer>, now: number): void {
    const { waiting } = session;
    while (waiting.length > 0) {
      if (!this.#act(session, waiting[0] as Step, now)) break;
      waiting.shift();
    }
  }

  // ---- rooms

  #join(session: Session<Peer>, name: Name): boolean {
    const room = this.#rooms.open(name);
    const reply = { type: "join_room", room: room.name.shown } as const;
    if (session.room === room) this.#send(session, reply);
    else if (!this.#canEnter(session, room)) return false;
    else {
      this.#leave(session);
      this.#enter(session, room, reply);
    }
    return true;
  }

  /** Whether the room's past is known; if not, the session is told later. */
  #canEnter(session: Session<Peer>, room: Room<Peer>): boolean {
    if (room.tail === undefined) room.awaiting.add(session);
    return room.tail !== undefined;
  }

  #enter(session: Session<Peer>, room: Room<Peer>, receipt: ServerEvent) {
    room.members.add(session);
    session.room = room;
    const event = announcement(session, "joined", room);
    this.#publish(room.members, [{ event, author: session, receipt }]);
    for (const message of room.tail ?? []) this.#send(session, message);
  }

  #leave(session: Session<Peer>): void {
    const room = session.room;
    if (room === undefined) return;
    room.members.delete(session);
    session.room = undefined;
    // Nobody is told who else leaves while everybody does.
    if (!this.#closing) {
      const event = announcement(session, "left", room);
      this.#publish(room.members, [{ event }]);
    }
    this.#rooms.vanish(room);
  }

  // ---- the end

  #dismiss(session: Session<Peer>, code: 401 | 503, detail: string): void {
    this.#send(session, errorMessage(code, detail));
    this.#close(session);
  }

  #close(session: Session<Peer>): void {
    if (session.closed) return;
    this.#effects.push({ type: "close", session });
    this.#forget(session);
  }

  #forget(session: Session<Peer>): void {
    session.closed = true;
    session.waiting.length = 0;
    this.#sessions.delete(session);
    this.#logins.stop(session);
    this.#idle.stop(session);
    this.#leave(session);
    const person = session.person;
    person?.sessions.delete(session);
    if (person?.sessions.size === 0) this.#people.delete(person.name.key);
  }

  #finishClosing(): void {
    if (!this.#closing || this.#batch.length + this.#appending.length > 0) {
      return;
    }
    for (const session of this.#sessions) {
      this.#dismiss(session, 503, SHUTTING_DOWN);
    }
  }

  // ---- effects

  #send(session: Session<Peer>, event: ServerEvent): void {
    if (!session.closed) this.#effects.push({ type: "send", session, event });
  }

  #publish(
    members: Iterable<Session<Peer>>,
    messages: readonly Publication<Peer>[],
  ): void {
    const now = [...members];
    if (now.length === 0) return;
    this.#effects.push({ type: "publish", members: now, messages });
  }
}

const SHUTTING_DOWN = "the server is going down";

function mistake(error: RemoteProtocolError): Step {
  return { kind: "mistake", error };
}

function announcement<Peer>(
  session: Session<Peer>,
  what: "joined" | "left",
  room: Room<Peer>,
): SystemMessage {
  const name = session.person?.name.shown;
  return { type: "system_msg", text: `${name} ${what} ${room.name.shown}` };
}

function sortedNames(
  named: Iterable<{ readonly name: Name } | undefined>,
): string[] {
  const names: Name[] = [];
  for (const each of named) if (each !== undefined) names.push(each.name);
  return names
    .sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
    .map(({ shown }) => shown);
}
