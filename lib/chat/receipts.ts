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
 * - Numbers are written at most once a second, so a server that dies may know of
 *   less than was received, and MUST NOT know of more.
 * - What everybody has is told within a second: together with the room's next
 *   message if half of that is over by then (so a room in which people talk is
 *   told for a few bytes), else by itself. Those are told who said any of it.
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

/** After how long they are told if something else is, ms. */
const RIPE = 500;

/** What a session was shown of its rooms: the last sequence of each. */
export type Shown<Peer> = ReadonlyMap<Room<Peer>, number>;

/** What somebody said in a room. */
interface Sayings {
  /** The first that not everybody is known to have; Infinity: there is none. */
  readonly first: number;
  readonly last: number;
  /** Where the row of messages begins that ends with the last; 0: none does. */
  readonly row: number;
}

/** Who said what in a room, since `from`. */
interface Authors<Peer> {
  readonly from: number;
  readonly people: WeakMap<Person<Peer>, Sayings>;
}

/** All cursors. */
export class Receipts<Peer> {
  readonly #core: Core<Peer>;
  /** Members who moved since they were last written. */
  readonly #moved = new Map<Member, readonly [Room<Peer>, Person<Peer>]>();
  /** Rooms in which somebody moved, came or went, and since when, in order. */
  readonly #rooms = new Map<Room<Peer>, number>();
  /** Who waits for what everybody has. */
  readonly #authors = new WeakMap<Room<Peer>, Authors<Peer>>();
  /** When those who moved are written. */
  #due = Infinity;

  constructor(core: Core<Peer>) {
    this.#core = core;
  }

  /** When `wake` is to be called, ms, or Infinity. */
  get next(): number {
    return Math.min(this.#due, this.#telling);
  }

  /** When the room that has waited longest is told. */
  get #telling(): number {
    const [since = Infinity] = this.#rooms.values();
    return since + PAUSE;
  }

  /** What a session has been sent and is not known to have; else undefined. */
  shown(session: Session<Peer>): Shown<Peer> | undefined {
    const { person, seats, left, reach, closed } = session;
    if (person === undefined || reach !== "one" || closed) return undefined;
    let shown: Map<Room<Peer>, number> | undefined;
    const isDue = (room: Room<Peer>, sequence: number) =>
      sequence > (room.members.get(person)?.received ?? Infinity);
    for (const [room, sequence] of left ?? []) {
      if (isDue(room, sequence)) (shown ??= new Map()).set(room, sequence);
      else left?.delete(room);
    }
    for (const [room, seat] of seats) {
      // It may have come back to where it was farther once.
      const sequence = Math.max(shownIn(room, seat), left?.get(room) ?? 0);
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
    { received, read = 0 }: Pick<Receipt, "received" | "read">,
    now: number,
  ): void {
    if (session.person === undefined) return;
    this.#move(room, session.person, received, read, now);
  }

  /** A session's message is stored as the last of its room. */
  stored(session: Session<Peer>, room: Room<Peer>, now: number): void {
    const { person, reach } = session;
    if (person === undefined) return;
    this.#wrote(room, person, room.last, reach === "many");
    if (reach === "many") this.changed(room, now);
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
    this.#due = Math.min(this.#due, now + PAUSE);
    this.changed(room, now);
  }

  /** Somebody came, went or moved: who all have received may have changed. */
  changed(room: Room<Peer>, now: number): void {
    // Nobody is left who could be told.
    if (room.members.size === 0) this.#rooms.delete(room);
    else if (!this.#rooms.has(room)) this.#rooms.set(room, now);
  }

  /** A room is about to be told something: tells with it what is ripe. */
  ride(room: Room<Peer>, now: number): void {
    const since = this.#rooms.get(room) ?? Infinity;
    if (now >= since + RIPE) this.#tell(room);
  }

  /** Writes and tells what is due. */
  wake(now: number): void {
    if (now >= this.#due) this.#write();
    if (now < this.#telling) return;
    // What is ripe goes along: it may have a reader in common.
    for (const [room, since] of this.#rooms) {
      if (now >= since + RIPE) this.#tell(room);
    }
  }

  /** Writes and tells what there is. */
  flush(): void {
    this.#write();
    for (const room of this.#rooms.keys()) this.#tell(room);
  }

  #write(): void {
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
  }

  /** `has`: it is taken to have what it said itself. */
  #wrote(room: Room<Peer>, person: Person<Peer>, last: number, has: boolean) {
    let authors = this.#authors.get(room);
    if (authors === undefined) {
      this.#authors.set(room, authors = { from: last, people: new WeakMap() });
    }
    const known = authors.people.get(person);
    const goesOn = known?.last === last - 1 && known.row > 0;
    const row = !has ? 0 : goesOn ? known.row : last;
    const first = Math.min(known?.first ?? last, last);
    authors.people.set(person, { first, last, row });
  }

  /**
   * Up to where everybody has a room. What somebody said right behind what it
   * has, it has too: for this alone, since it may not know that it is stored.
   */
  #everybodyHas(room: Room<Peer>): number {
    const people = this.#authors.get(room)?.people;
    return everybodyHas(room, (person, received) => {
      const { row = 0, last = 0 } = people?.get(person) ?? {};
      return row > 0 && received >= row - 1
        ? Math.max(received, last)
        : received;
    });
  }

  #tell(room: Room<Peer>): void {
    this.#rooms.delete(room);
    const sequence = this.#everybodyHas(room);
    if (sequence <= room.receivedByAll) return;
    // Those who catch up are told when they have.
    const told = [...room.listeners].filter(({ reach, person, allReceipts }) =>
      reach === "many" && person !== undefined &&
      (allReceipts || this.#waits(room, person, sequence))
    );
    room.receivedByAll = sequence;
    for (const { person } of told) {
      if (person !== undefined) this.#confirm(room, person, sequence);
    }
    if (told.length === 0) return;
    this.#core.publish(told, [{ event: whatAllHave(room) }]);
  }

  /** Whether somebody said any of what everybody has now. */
  #waits(room: Room<Peer>, person: Person<Peer>, sequence: number): boolean {
    const authors = this.#authors.get(room);
    // An earlier run wrote them: it is not known who did.
    if (authors === undefined || room.receivedByAll < authors.from - 1) {
      return true;
    }
    return (authors.people.get(person)?.first ?? Infinity) <= sequence;
  }

  #confirm(room: Room<Peer>, person: Person<Peer>, sequence: number): void {
    const people = this.#authors.get(room)?.people;
    const known = people?.get(person);
    if (known === undefined) return;
    const first = known.last > sequence ? sequence + 1 : Infinity;
    people?.set(person, { ...known, first });
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

/** Up to which sequence all members have received; `reached` may add to it. */
export function everybodyHas<Peer>(
  room: Room<Peer>,
  reached: (person: Person<Peer>, received: number) => number = (_, received) =>
    received,
): number {
  // Who is gone will never have what was said last.
  if (room.abandoned) return room.receivedByAll;
  let least = room.last;
  for (const [person, { received }] of room.members) {
    least = Math.min(least, reached(person, received));
  }
  return least;
}
