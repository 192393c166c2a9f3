/**
 * Who belongs to which room. Public rooms anybody may join; only members see
 * that a group exists; a direct room belongs to two people.
 *
 * A guest is a member as long as it is there, an account until it leaves. What
 * an account is told of its memberships MUST be in the store by then.
 *
 * @module
 */

import { refusal } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Member, Person, Room, Session } from "./people.ts";
import type { Receipts } from "./receipts.ts";
import { roomChange } from "./records.ts";
import type { Rooms } from "./rooms.ts";
import type { Seats } from "./seats.ts";
import type { Change } from "./state.ts";

/** What is to be done when a membership is kept, or can't be. */
interface Then {
  done(now: number): void;
  failed(detail: string, now: number): void;
}

/** The same, of several; `come`: who was no member until then. */
interface Added<Peer> extends Pick<Then, "failed"> {
  done(now: number, come: readonly Person<Peer>[]): void;
}

/** All memberships. */
export class Members<Peer> {
  readonly #core: Core<Peer>;
  readonly #rooms: Rooms<Peer>;
  readonly #seats: Seats<Peer>;
  readonly #receipts: Receipts<Peer>;

  constructor(
    core: Core<Peer>,
    rooms: Rooms<Peer>,
    seats: Seats<Peer>,
    receipts: Receipts<Peer>,
  ) {
    this.#core = core;
    this.#rooms = rooms;
    this.#seats = seats;
    this.#receipts = receipts;
  }

  /**
   * Whether somebody may come into one more room. Others can put them into half
   * as many: nobody can use up what one may join by oneself.
   *
   * @throws {RemoteProtocolError} 403, not fatal.
   */
  check(person: Person<Peer>, asking: Person<Peer>): void {
    const { roomsPerPerson } = this.#core.limits;
    const most = person === asking
      ? roomsPerPerson
      : Math.ceil(roomsPerPerson / 2);
    if (person.rooms.size < most) return;
    let rooms = 0;
    for (const { kind } of person.rooms) if (kind !== "direct") rooms++;
    if (rooms < most) return;
    throw person === asking
      ? refusal(403, `you are in ${rooms} rooms: leave one first`)
      : refusal(403, `${person.name.shown} is in too many rooms already`);
  }

  /** Makes people members of an open room; those who are stay as they are. */
  add(
    room: Room<Peer>,
    people: readonly Person<Peer>[],
    then: Added<Peer>,
    now: number,
  ): void {
    const others = people.filter((person) => !room.members.has(person));
    // What was said before it can look up; what is said from now on is for it.
    const cursor = { received: room.last, read: room.last };
    const changes = memberChanges(room, others, cursor);
    const guests = others.filter(({ stored }) => !stored);
    const { departures } = room;
    const enter = (now: number) => {
      // Some may have asked for an account meanwhile; or have come in and left
      // with another session, and the store knows of that last.
      const unknown = room.departures === departures ? guests : others;
      const late = memberChanges(room, unknown, cursor);
      this.#core.save(late);
      if (changes.length + late.length > 0) room.stored = true;
      const come: Person<Peer>[] = [];
      let gone = false;
      for (const person of others) {
        if (room.members.has(person)) continue;
        if (!person.here && !person.stored) {
          gone = true;
          continue;
        }
        // The room has gone on without it: that counts as said before.
        room.members.set(person, { received: room.last, read: room.last });
        person.rooms.add(room);
        come.push(person);
      }
      if (gone && room.kind === "direct") this.#abandon(room, now);
      room.inFlight--;
      then.done(now, come);
      this.#rooms.vanish(room);
    };
    // It must not vanish meanwhile.
    room.inFlight++;
    if (changes.length === 0) return enter(now);
    room.storing++;
    this.#core.ask({ kind: "save", changes }, (_, now) => {
      room.storing--;
      enter(now);
    }, (detail, now) => {
      room.storing--;
      room.inFlight--;
      then.failed(detail, now);
      this.#rooms.vanish(room);
    });
  }

  /** One of two was gone before they had their room: nobody needs it. */
  #abandon(room: Room<Peer>, now: number): void {
    room.abandoned = true;
    if (room.last > 0) return;
    for (const person of [...room.members.keys()]) {
      this.remove(room, person, now);
    }
  }

  /** Everything that the store is to know of somebody who becomes known. */
  static changesOf<Peer>(person: Person<Peer>): Change[] {
    return [...person.rooms].flatMap((room): Change[] => {
      const member = room.members.get(person);
      if (member === undefined) return [];
      const handles = { room: room.handle, person: person.handle };
      return [
        roomChange(room),
        { type: "put_member", member: { ...handles, ...member } },
      ];
    });
  }

  /** Ends a membership and gives its seats up; the store hears of it. */
  remove(room: Room<Peer>, person: Person<Peer>, now: number): void {
    if (!room.members.has(person)) return;
    room.departures++;
    this.#core.save(removal(room, person));
    this.drop(room, person, now);
  }

  /** Strikes a membership from the store; when that is done, `drop` it. */
  strike(
    room: Room<Peer>,
    person: Person<Peer>,
    { done, failed }: Then,
    now: number,
  ): void {
    const changes = removal(room, person);
    if (changes.length === 0) return done(now);
    this.#core.ask({ kind: "save", changes }, (_, now) => done(now), failed);
  }

  /** Ends a membership of which the store knows no more. */
  drop(room: Room<Peer>, person: Person<Peer>, now: number): void {
    if (!room.members.has(person)) return;
    for (const session of person.sessions) {
      this.#seats.leave(session, room, now);
    }
    room.members.delete(person);
    person.rooms.delete(room);
    // What waited for a seat in it waits for nothing now.
    for (const session of person.sessions) {
      this.#core.turns.proceed(session, now);
    }
    this.#receipts.changed(room, now);
    this.#rooms.vanish(room);
  }

  /**
   * A session leaves a room for another: a guest's membership ends with it, an
   * account's only in public rooms, where it has no other session.
   */
  moveOut(session: Session<Peer>, room: Room<Peer>, now: number): void {
    const { person } = session;
    if (person === undefined) return;
    this.#seats.leave(session, room, now);
    const seated = [...person.sessions].some(({ seats }) => seats.has(room));
    const stays = seated || room.kind !== "public" ||
      (person.stored && room === this.#rooms.lobby);
    if (!stays) this.remove(room, person, now);
  }

  /** Somebody is gone for good. */
  forget(person: Person<Peer>, now: number): void {
    for (const room of [...person.rooms]) {
      room.members.delete(person);
      person.rooms.delete(room);
      if (room.kind === "direct" && room.members.size > 0) {
        room.abandoned = true;
        this.dropIfUnkept(room, now);
      }
      this.#receipts.changed(room, now);
      this.#rooms.vanish(room);
    }
  }

  /**
   * What a guest said to a guest is of no use to one of them alone, as soon as
   * all of it was shown.
   */
  dropIfUnkept(room: Room<Peer>, now: number): void {
    if (!room.abandoned || room.inFlight > 0) return;
    for (const person of [...room.members.keys()]) {
      if (!person.stored) this.remove(room, person, now);
    }
  }
}

/** What the store is to know of somebody who leaves. */
function removal<Peer>(room: Room<Peer>, person: Person<Peer>): Change[] {
  if (!room.stored || !person.stored) return [];
  const handles = { room: room.handle, person: person.handle };
  return [{ type: "remove_member", ...handles }];
}

/** What the store is to know of new members. */
function memberChanges<Peer>(
  room: Room<Peer>,
  people: readonly Person<Peer>[],
  cursor: Member,
): Change[] {
  const stored = people.filter((person) => person.stored);
  if (stored.length === 0) return [];
  return [
    roomChange(room),
    ...stored.map((person): Change => ({
      type: "put_member",
      member: { ...cursor, room: room.handle, person: person.handle },
    })),
  ];
}
