/**
 * Who comes to rooms and who goes: told by name where few are, as numbers where
 * many are. Names in a crowd would be a flood: a thousand who come in are half a
 * million notices.
 *
 * - Where more than `namesTold` people are, nobody MUST be told who came or
 *   went; everybody there is told how many did, and how many are there now.
 * - A crowd is told so once a second at most, and the larger it is the less
 *   often: a room costs about a thousand notices a second, whatever its size.
 * - Whoever is there when somebody says something in a crowd for the first time
 *   MUST be told the name before that: else each would ask for it.
 *
 * @module
 */

import type { Crowd, HandleName, Names } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Publication } from "./effects.ts";
import type { Limits } from "./limits.ts";
import { type Person, present, type Room, type Session } from "./people.ts";

/** For how long comings and goings are counted at least, ms. */
const PAUSE = 1_000;

/** For how long for each who is told, ms. */
const PAUSE_EACH = 1;

/** What a crowd has not been told. */
interface Tally {
  joined: number;
  left: number;
  /** When it is, ms. */
  readonly due: number;
}

/** Who of a crowd was named to everybody in it, in the order of that. */
type Named<Peer> = Set<Person<Peer>>;

/** All comings and goings. */
export class Crowds<Peer> {
  readonly #core: Core<Peer>;
  readonly #tallies = new Map<Room<Peer>, Tally>();
  readonly #named = new WeakMap<Room<Peer>, Named<Peer>>();
  /** When the first of the tallies is due, ms. */
  #next = Infinity;

  constructor(core: Core<Peer>) {
    this.#core = core;
  }

  /** When `wake` is to be called, ms, or Infinity. */
  get next(): number {
    return this.#next;
  }

  /** Somebody took the first seat in a room, and does not listen yet. */
  came(room: Room<Peer>, person: Person<Peer>, now: number): void {
    room.here++;
    this.#tell(room, person, true, now);
  }

  /** Somebody gave the last seat in a room up. */
  left(room: Room<Peer>, person: Person<Peer>, now: number): void {
    const crowded = this.#isCrowd(room);
    room.here--;
    this.#named.get(room)?.delete(person);
    // Nobody is told who else leaves while everybody does.
    if (!this.#core.closing) this.#tell(room, person, false, now, crowded);
  }

  #isCrowd(room: Room<Peer>): boolean {
    return isCrowd(room, this.#core.limits);
  }

  #tell(
    room: Room<Peer>,
    { name, handle }: Person<Peer>,
    here: boolean,
    now: number,
    crowded = this.#isCrowd(room),
  ): void {
    if (room.kind === "direct") return;
    if (crowded) return this.#count(room, here, now);
    const event = {
      type: "presence",
      room: room.name.shown,
      user: name.shown,
      here,
      handles: { room: room.handle, user: handle },
    } as const;
    this.#core.publish(room.listeners, [{ event }]);
  }

  #count(room: Room<Peer>, here: boolean, now: number): void {
    let tally = this.#tallies.get(room);
    if (tally === undefined) {
      const due = now + Math.max(PAUSE, room.here * PAUSE_EACH);
      this.#tallies.set(room, tally = { joined: 0, left: 0, due });
      this.#next = Math.min(this.#next, due);
    }
    if (here) tally.joined++;
    else tally.left++;
  }

  /** Tells the crowds that are due. */
  wake(now: number): void {
    if (now < this.#next) return;
    this.#next = Infinity;
    for (const [room, { joined, left, due }] of this.#tallies) {
      if (due > now) {
        this.#next = Math.min(this.#next, due);
        continue;
      }
      this.#tallies.delete(room);
      if (this.#core.closing) continue;
      const event = crowdOf(room, joined, left);
      this.#core.publish(room.listeners, [{ event }]);
    }
  }

  /**
   * Tells somebody who comes in who is there: in a crowd those whom the others
   * know, the last first, then as many others as may be told, and how many.
   */
  welcome(session: Session<Peer>, room: Room<Peer>): void {
    const most = this.#core.limits.namesTold;
    const people = new Set<Person<Peer>>();
    const known = [...this.#named.get(room) ?? []].reverse();
    for (const list of [known, whoIs(room)]) {
      for (const person of list) {
        if (people.size >= most) break;
        people.add(person);
      }
    }
    this.#core.send(session, namesOf(people));
    if (!this.#isCrowd(room)) return;
    this.#core.send(session, crowdOf(room, 0, 0));
  }

  /**
   * The names of who says something in a room for the first time, as something
   * to be told before that; nothing where everybody knows them.
   */
  introduce(
    room: Room<Peer>,
    authors: Iterable<Session<Peer>>,
  ): Publication<Peer>[] {
    if (!this.#isCrowd(room)) return [];
    let named = this.#named.get(room);
    if (named === undefined) this.#named.set(room, named = new Set());
    const fresh = new Set<Person<Peer>>();
    for (const { person } of authors) {
      if (person === undefined || named.has(person)) continue;
      named.add(person);
      fresh.add(person);
    }
    return fresh.size === 0 ? [] : [{ event: namesOf(fresh) }];
  }
}

/** Whether more people are in a room than its people are told the names of. */
export function isCrowd<Peer>(
  { kind, here }: Room<Peer>,
  { namesTold }: Pick<Limits, "namesTold">,
): boolean {
  return kind !== "direct" && here > namesTold;
}

function crowdOf<Peer>(
  { name, handle, here }: Room<Peer>,
  joined: number,
  left: number,
): Crowd {
  const room = name.shown;
  return { type: "crowd", room, joined, left, here, roomHandle: handle };
}

/** Two people have each other's names, here or not. */
function whoIs<Peer>(room: Room<Peer>): Iterable<Person<Peer>> {
  return room.kind === "direct" ? room.members.keys() : present(room);
}

function namesOf<Peer>(people: Iterable<Person<Peer>>): Names {
  const names = [...people].map(({ handle, name }): HandleName => ({
    handle,
    kind: "user",
    name: name.shown,
  }));
  return { type: "names", names };
}
