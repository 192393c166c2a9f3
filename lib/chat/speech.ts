/**
 * Saying something: from a request to the batch that the log gets next, and from
 * the log's answer to everybody.
 *
 * Messages of one session to one stream are on their way to the log together;
 * one to another stream waits until they are answered.
 *
 * @module
 */

import {
  checkText,
  parseUsername,
  refusal,
  RemoteProtocolError,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Crowds } from "./crowds.ts";
import { findOwnRoom, type Places } from "./find_room.ts";
import type { Stored } from "./log.ts";
import type { Members } from "./members.ts";
import {
  drafted,
  loggedIn,
  type MessageRequest,
  parcels,
  type Pending,
} from "./messages.ts";
import type { Person, Room, Session } from "./people.ts";
import type { Receipts } from "./receipts.ts";
import type { Refusals } from "./refusals.ts";
import { errorMessage } from "./replies.ts";
import { apart } from "./rooms.ts";
import { positionOf, type Seats } from "./seats.ts";

/** What speech is made of. */
export interface SpeechParts<Peer> extends Places<Peer> {
  readonly core: Core<Peer>;
  readonly seats: Seats<Peer>;
  readonly members: Members<Peer>;
  readonly crowds: Crowds<Peer>;
  readonly receipts: Receipts<Peer>;
  readonly refusals: Refusals<Peer>;
}

/** Messages after which a room's position is stated. */
const STRIDE = 128;

/** Messages of an append: the first are shown while the next are written. */
const BATCH = 128;

const stride = (sequence: number) => Math.floor(sequence / STRIDE);

/** Everything that is being said. */
export class Speech<Peer> {
  readonly #parts: SpeechParts<Peer>;
  #batch: Pending<Peer>[] = [];
  readonly #appending: Pending<Peer>[][] = [];

  constructor(parts: SpeechParts<Peer>) {
    this.#parts = parts;
  }

  /** Whether everything that was said has been answered. */
  get done(): boolean {
    return this.#batch.length + this.#appending.length === 0;
  }

  /** Hands the batch out. */
  drain(): void {
    for (let from = 0; from < this.#batch.length; from += BATCH) {
      const batch = this.#batch.slice(from, from + BATCH);
      this.#appending.push(batch);
      const drafts = batch.map(({ draft }) => draft);
      this.#parts.core.push({ type: "append", drafts });
    }
    this.#batch = [];
  }

  /** Puts a message into the batch; false when it has to wait its turn. */
  say(session: Session<Peer>, request: MessageRequest, now: number): boolean {
    let pending: Pending<Peer>;
    try {
      const { person, room: current } = loggedIn(session);
      this.#parts.refusals.check(session, request);
      const room = this.#roomOf(session, person, current, request);
      if (room === undefined) {
        // No room is made for what can't be said.
        checkText(request.text);
        return this.#meet(session, person, request, now);
      }
      if (session.reach !== "none" && !session.seats.get(room)?.listening) {
        return false;
      }
      pending = drafted(session, person, room, request, now);
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      if (session.inFlight > 0) return false;
      return this.#parts.refusals.refuse(session, request, error);
    }
    const stream = pending.draft.room;
    if (session.inFlight > 0 && session.stream !== stream) return false;
    session.stream = stream;
    session.inFlight++;
    session.kept?.says(request.ref);
    pending.room.inFlight++;
    this.#batch.push(pending);
    return true;
  }

  /**
   * The room of two that a private message goes to, or undefined when it is to
   * be made.
   */
  #roomOf(
    session: Session<Peer>,
    person: Person<Peer>,
    current: Room<Peer>,
    request: MessageRequest,
  ): Room<Peer> | undefined {
    const { rooms } = this.#parts;
    if (request.type === "private_msg") {
      const other = this.#recipient(request.recipient);
      const room = rooms.direct(person, other);
      return room?.members.has(person) ? room : undefined;
    }
    const room = request.room === undefined
      ? current
      : findOwnRoom(this.#parts, person, request.room);
    if (room.kind === "direct") checkThere(room, person);
    if (session.reach !== "none" && !session.seats.has(room)) {
      throw refusal(403, `join ${room.name.shown} first`);
    }
    return room;
  }

  #recipient(username: string): Person<Peer> {
    const { shown, key } = parseUsername(username);
    const other = this.#parts.people.find(key);
    // A guest whose session is kept is not there until it is resumed.
    if (other?.account || other?.here) return other;
    throw refusal(404, `nobody here is called ${shown}`);
  }

  /** Makes the room of two; the message waits meanwhile. */
  #meet(
    session: Session<Peer>,
    person: Person<Peer>,
    request: MessageRequest,
    now: number,
  ): boolean {
    if (request.type !== "private_msg" || session.inFlight > 0) return false;
    const { core, rooms, members } = this.#parts;
    const other = this.#recipient(request.recipient);
    const room = rooms.direct(person, other) ?? rooms.makeDirect(person, other);
    session.busy = true;
    const failed = (detail: string, now: number) =>
      core.attempt(session, now, () => {
        session.waiting.shift();
        throw refusal(500, detail);
      });
    rooms.whenOpen(room, {
      opened: (now) =>
        members.add(room, [person, other], {
          done: (now) => {
            for (const each of [person, other]) this.#seat(room, each, now);
            core.attempt(session, now, () => true);
          },
          failed,
        }, now),
      failed,
    }, now);
    return false;
  }

  /** Every session of somebody gets what is said in a room of two. */
  #seat(room: Room<Peer>, person: Person<Peer>, now: number): void {
    const member = room.members.get(person);
    // The other one may be gone by now, and the room with it.
    if (member === undefined) return;
    for (const session of person.sessions) {
      this.#parts.seats.welcome(session, room, member.received, now);
    }
  }

  // ---- the log's answers

  /** The oldest batch handed out is durable. */
  stored(stored: readonly Stored[], now: number): void {
    const { core, rooms, crowds, receipts } = this.#parts;
    const batch = this.#appending.shift() ?? [];
    const find = (stream: string) => rooms.byStream(stream);
    for (const { room, messages } of parcels(batch, stored, find)) {
      const before = room.last;
      receipts.ride(room, now);
      for (const { event, author, receipt } of messages) {
        if (event !== undefined) {
          room.last = event.place?.sequence ?? room.last;
          rooms.keep(room, event);
          if (author) receipts.stored(author, room, now);
        }
        // An author who has left the room meanwhile does not count it.
        if (receipt && author && !room.listeners.has(author)) {
          core.reply(author, "place" in receipt ? apart(receipt) : receipt);
        }
      }
      const authors = messages.flatMap(({ author }) => author ?? []);
      const names = crowds.introduce(room, authors);
      core.publish(room.listeners, names);
      core.publish(room.listeners, messages);
      if (stride(room.last) > stride(before)) this.#statePosition(room);
    }
    this.#settle(batch, now);
  }

  /** States where the stream is, so that whoever lost something notices. */
  #statePosition(room: Room<Peer>): void {
    const told = [...room.listeners].filter(({ reach }) => reach === "many");
    this.#parts.core.publish(told, [{ event: positionOf(room) }]);
  }

  /** The oldest batch handed out was not written, and never will be. */
  failed(detail: string, now: number): void {
    const batch = this.#appending.shift() ?? [];
    for (const { author } of batch) {
      this.#parts.core.reply(author, errorMessage(500, detail));
    }
    this.#settle(batch, now);
  }

  /** A batch is answered: what waited behind it goes on. */
  #settle(batch: readonly Pending<Peer>[], now: number): void {
    for (const { author, room } of batch) {
      author.inFlight--;
      author.kept?.heard();
      room.inFlight--;
    }
    const { rooms, members, core: { turns } } = this.#parts;
    for (const { room } of batch) {
      members.dropIfUnkept(room, now);
      rooms.vanish(room);
    }
    for (const author of new Set(batch.map(({ author }) => author))) {
      turns.proceed(author, now);
      // It may be another connection by now that waits for that.
      const current = author.kept?.session;
      if (current !== author && current) turns.proceed(current, now);
    }
  }
}

/**
 * Whether the other one of two can be written to.
 *
 * @throws {RemoteProtocolError} 404, not fatal.
 */
function checkThere<Peer>(room: Room<Peer>, person: Person<Peer>): void {
  if (room.abandoned) {
    throw refusal(404, "the other one is not here any more");
  }
  for (const other of room.members.keys()) {
    if (other === person || other.account || other.here) continue;
    throw refusal(404, `${other.name.shown} is not here`);
  }
}
