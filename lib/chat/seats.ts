/**
 * Who sits where: sessions take seats in rooms, catch up with what they missed
 * and then listen.
 *
 * - A session MUST get every message of a room behind the position that its
 *   seat began at, once and in order, as long as it keeps the seat.
 * - While a seat catches up the room goes on without it; it joins between two
 *   batches, when nothing that was shown is missing.
 * - A page of the past is asked for when the one before is out of the queue, so
 *   that no one's queue holds more than a page of it.
 *
 * @module
 */

import type { Said, StreamPosition } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Crowds } from "./crowds.ts";
import type { Message } from "./log.ts";
import {
  elsewhere,
  type Room,
  type Seat,
  type Session,
  shownIn,
} from "./people.ts";
import { whatAllHave } from "./receipts.ts";
import { roomState } from "./records.ts";
import { apart, said } from "./rooms.ts";

/** Length of text after which a queue has to drain. */
const REPLAYED_AT_ONCE = 65_536;

/** All seats. */
export class Seats<Peer> {
  readonly #core: Core<Peer>;
  readonly #crowds: Crowds<Peer>;

  constructor(core: Core<Peer>, crowds: Crowds<Peer>) {
    this.#core = core;
    this.#crowds = crowds;
  }

  /**
   * Takes a seat in a room that has become its person's own, and tells of the
   * room first where the wire has many. Whoever has the seat MUST NOT be told of
   * the room again: a client would take its stream as begun anew.
   */
  welcome(
    session: Session<Peer>,
    room: Room<Peer>,
    position: number,
    now: number,
  ): void {
    const { person, reach, seats } = session;
    // Who is coming in is told of all its rooms when it is in.
    if (person === undefined || session.room === undefined) return;
    if (reach === "none" || seats.has(room)) return;
    if (reach === "many") {
      const rooms = [roomState(room, person)];
      this.#core.send(session, { type: "rooms", rooms });
    }
    this.take(session, room, position, now);
  }

  /** Takes a seat; everything behind `position` is on its way. */
  take(
    session: Session<Peer>,
    room: Room<Peer>,
    position: number,
    now: number,
  ): void {
    const { person } = session;
    if (person === undefined || session.seats.has(room)) return;
    if (!elsewhere(session, room)) this.#crowds.came(room, person, now);
    session.seats.set(room, {
      position,
      listening: false,
      asking: false,
    });
    session.behind.push(room);
    if (session.behind.length === 1) this.#catchUp(session, now);
  }

  /** Gives a seat up. */
  leave(session: Session<Peer>, room: Room<Peer>, now: number): void {
    const seat = session.seats.get(room);
    if (seat === undefined) return;
    session.seats.delete(room);
    const before = session.left?.get(room) ?? 0;
    const shown = Math.max(before, shownIn(room, seat));
    if (!session.closed) (session.left ??= new Map()).set(room, shown);
    room.listeners.delete(session);
    const place = session.behind.indexOf(room);
    if (place >= 0) session.behind.splice(place, 1);
    // Whoever was behind it is at it now; the answer that is due is ignored.
    if (place === 0 && !session.closed) this.#catchUp(session, now);
    const { person } = session;
    if (person === undefined || elsewhere(session, room)) return;
    this.#crowds.left(room, person, now);
  }

  /** Goes on with the seat that is first in line. */
  #catchUp(session: Session<Peer>, now: number): void {
    for (;;) {
      const [room] = session.behind;
      const seat = room && session.seats.get(room);
      if (room === undefined || seat === undefined) return;
      if (seat.position < room.last) {
        if (room.tail === undefined || seat.position < room.tailFrom) {
          return this.#askPage(session, room, seat);
        }
        for (const event of room.tail) this.#replay(session, room, event);
      }
      seat.position = room.last;
      seat.listening = true;
      room.listeners.add(session);
      session.behind.shift();
      this.#state(session, room, now);
      this.#core.turns.proceed(session, now);
    }
  }

  /** Tells a client that follows the stream where it begins, and who is there. */
  #state(session: Session<Peer>, room: Room<Peer>, now: number): void {
    if (session.reach !== "many") return;
    this.#crowds.welcome(session, room);
    room.second ||= Math.floor(now / 1000);
    this.#core.send(session, positionOf(room));
    if (room.receivedByAll > 0) this.#core.send(session, whatAllHave(room));
  }

  #replay(session: Session<Peer>, room: Room<Peer>, event: Said): void {
    const seat = session.seats.get(room);
    const sequence = event.place?.sequence ?? 0;
    if (seat === undefined || sequence <= seat.position) return;
    seat.position = sequence;
    this.#core.send(session, replayed(event));
  }

  #askPage(session: Session<Peer>, room: Room<Peer>, seat: Seat): void {
    if (seat.asking) return;
    seat.asking = true;
    const { replayPage: limit } = this.#core.limits;
    const query = { after: seat.position, limit };
    this.#core.ask(
      { kind: "page", stream: room.stream, query, behind: session },
      (messages, now) => {
        // It may have left, and even come back, meanwhile.
        seat.asking = false;
        if (session.closed || session.seats.get(room) !== seat) return;
        this.#showPage(session, room, messages);
        if (session.behind[0] === room) this.#catchUp(session, now);
      },
      (detail, now) => {
        if (session.seats.get(room) !== seat) return;
        this.#core.dismiss(session, 500, detail, now);
      },
    );
  }

  #showPage(
    session: Session<Peer>,
    room: Room<Peer>,
    messages: readonly Message[],
  ): void {
    const seat = session.seats.get(room);
    if (seat === undefined) return;
    // The log may be ahead of what was shown: the rest comes with its batch.
    const shown = messages.filter(({ sequence }) => sequence <= room.last);
    let bytes = 0;
    for (const message of shown) {
      this.#replay(session, room, said(room, message, message));
      bytes += message.text.length;
      // The rest is asked for again: no queue is to hold much more than that.
      if (bytes > REPLAYED_AT_ONCE) return;
    }
    // What was between was removed because of its age.
    if (shown.length === 0) seat.position = room.last;
  }
}

/** Where a room's stream is now. */
export function positionOf<Peer>(
  { handle, last, second }: Room<Peer>,
): StreamPosition {
  return { type: "position", room: handle, sequence: last, time: second };
}

/** A message that is no part of the stream any more. */
function replayed(event: Said): Said {
  return { ...apart(event), history: true };
}
