/**
 * How far everybody is.
 *
 * Each (room, member) has one number: everything up to here has reached it. It
 * only rises. What lies beyond is what the member is due when it comes back;
 * the smallest one in a room is what has reached everybody.
 *
 * - Whose wire can say so states what it has (`state`). For the others what left
 *   the server's hands counts: the driver asks what a session was shown
 *   (`shown`) and says when all of that is out of its queue (`reached`).
 * - Numbers are written and told at most once a second, so a server that dies
 *   may know of less than was received, and MUST NOT know of more.
 *
 * @module
 */

import type { Receipt, ReceivedByAll } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import {
  type Member,
  type Person,
  type Room,
  type Session,
  shownIn,
} from "./people.ts";
import type { Change } from "./state.ts";

/** How long receipts are collected, ms. */
const PAUSE = 1_000;

/** What a session was shown of its rooms: the last sequence of each. */
export type Shown<Peer> = ReadonlyMap<Room<Peer>, number>;

/** All cursors. */
export class Receipts<Peer> {
  readonly #core: Core<Peer>;
  /** Members who moved since they were last written. */
  readonly #moved = new Map<Member, readonly [Room<Peer>, Person<Peer>]>();
  /** Rooms in which somebody moved, came or went. */
  readonly #rooms = new Set<Room<Peer>>();
  #due = Infinity;

  constructor(core: Core<Peer>) {
    this.#core = core;
  }

  /** When `wake` is to be called, ms, or Infinity. */
  get next(): number {
    return this.#due;
  }

  /** What a session has been sent and is not known to have; else undefined. */
  shown(session: Session<Peer>): Shown<Peer> | undefined {
    const { person, seats, left, reach, closed } = session;
    if (person === undefined || reach !== "one" || closed) return undefined;
    let shown: Map<Room<Peer>, number> | undefined;
    const isDue = (room: Room<Peer>, sequence: number) =>
      sequence > (room.members.get(person)?.received ?? Infinity);
    for (const [room, sequence] of left) {
      if (isDue(room, sequence)) (shown ??= new Map()).set(room, sequence);
      else left.delete(room);
    }
    for (const [room, seat] of seats) {
      // It may have come back to where it was farther once.
      const sequence = Math.max(shownIn(room, seat), left.get(room) ?? 0);
      if (isDue(room, sequence)) (shown ??= new Map()).set(room, sequence);
    }
    return shown;
  }

  /** All of that has left the session's queue. */
  reached(session: Session<Peer>, shown: Shown<Peer>, now: number): void {
    const { person } = session;
    if (person === undefined) return;
    for (const [room, sequence] of shown) {
      this.#move(room, person, sequence, sequence, now);
    }
  }

  /** A client says what it has. */
  state(
    session: Session<Peer>,
    room: Room<Peer>,
    { received, read = 0 }: Receipt,
    now: number,
  ): void {
    if (session.person === undefined) return;
    this.#move(room, session.person, received, read, now);
  }

  #move(
    room: Room<Peer>,
    person: Person<Peer>,
    received: number,
    read: number,
    now: number,
  ): void {
    const member = room.members.get(person);
    if (member === undefined) return;
    const farther = {
      received: Math.min(room.last, Math.max(member.received, received)),
      read: Math.min(room.last, Math.max(member.read, read)),
    };
    if (
      farther.received === member.received && farther.read === member.read
    ) return;
    Object.assign(member, farther);
    this.#moved.set(member, [room, person]);
    this.changed(room, now);
  }

  /** Somebody came, went or moved: who all have received may have changed. */
  changed(room: Room<Peer>, now: number): void {
    this.#rooms.add(room);
    this.#due = Math.min(this.#due, now + PAUSE);
  }

  /** Writes and tells what is due. */
  wake(now: number): void {
    if (now >= this.#due) this.flush();
  }

  /** Writes and tells what there is. */
  flush(): void {
    this.#due = Infinity;
    const changes: Change[] = [];
    for (const [member, [room, person]] of this.#moved) {
      // Somebody who left, or left and came back, is not written.
      if (!person.stored || room.members.get(person) !== member) continue;
      changes.push({
        type: "move_cursor",
        member: { room: room.handle, person: person.handle, ...member },
      });
    }
    this.#moved.clear();
    this.#core.save(changes);
    for (const room of this.#rooms) this.#tell(room);
    this.#rooms.clear();
  }

  #tell(room: Room<Peer>): void {
    const sequence = everybodyHas(room);
    if (sequence <= room.receivedByAll) return;
    room.receivedByAll = sequence;
    // Those who catch up are told when they have.
    const told = [...room.listeners].filter(({ reach }) => reach === "many");
    this.#core.publish(told, [{ event: whatAllHave(room) }]);
  }
}

/** How a client is told what everybody has. */
export function whatAllHave<Peer>(
  { handle, last, receivedByAll }: Room<Peer>,
): ReceivedByAll {
  return {
    type: "received_by_all",
    room: handle,
    sequence: receivedByAll,
    behind: last - receivedByAll,
  };
}

/** Up to which sequence all members have received. */
export function everybodyHas<Peer>(room: Room<Peer>): number {
  // Who is gone will never have what was said last.
  if (room.abandoned) return room.receivedByAll;
  let least = room.last;
  for (const { received } of room.members.values()) {
    least = Math.min(least, received);
  }
  return least;
}
