/**
 * Entering rooms.
 *
 * @module
 */

import { type JoinRoomRequest, parseRoomName, refusal } from "../wire/mod.ts";
import type { Core } from "./core.ts";
import { maySee } from "./find_room.ts";
import type { Members } from "./members.ts";
import type { Person, Room, Session } from "./people.ts";
import type { Rooms } from "./rooms.ts";
import type { Seats } from "./seats.ts";

/** What joins are made of. */
export interface JoinParts<Peer> {
  readonly core: Core<Peer>;
  readonly rooms: Rooms<Peer>;
  readonly seats: Seats<Peer>;
  readonly members: Members<Peer>;
}

/** The way from room to room. */
export class Joins<Peer> {
  readonly #parts: JoinParts<Peer>;

  constructor(parts: JoinParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Answers, some time later.
   *
   * @throws {RemoteProtocolError} 400, 403, not fatal.
   */
  join(
    session: Session<Peer>,
    person: Person<Peer>,
    request: JoinRoomRequest,
    now: number,
  ): void {
    const { core, rooms, members } = this.#parts;
    const name = parseRoomName(request.room);
    const known = rooms.find(name.key);
    const refuse = () =>
      refusal(403, `nobody enters ${name.shown} without an invitation`);
    if (known !== undefined && !maySee(known, person)) throw refuse();
    if (known !== undefined && session.seats.has(known)) {
      return this.#entered(session, known);
    }
    // The room before is left, unless a client that can be in many stays there.
    const stays = [...person.sessions].some(({ reach }) => reach === "many");
    if (stays && !known?.members.has(person)) members.check(person, person);
    const room = known ?? rooms.make("public", name);
    const failed = (detail: string, now: number) =>
      core.fail(session, detail, now);
    session.busy = true;
    rooms.whenOpen(room, {
      opened: (now) =>
        core.attempt(session, now, () => {
          // It may have left the group meanwhile, with another session.
          if (!maySee(room, person)) throw refuse();
          members.add(room, [person], {
            done: (now) => {
              this.#move(session, person, room, now);
              core.attempt(session, now, () => true);
            },
            failed,
          }, now);
          return false;
        }),
      failed,
    }, now);
  }

  #entered(session: Session<Peer>, room: Room<Peer>): void {
    session.room = room;
    this.#parts.core.reply(session, {
      type: "join_room",
      room: room.name.shown,
    });
  }

  /**
   * Takes a seat, and gives the one it had up if its wire can have but one. The
   * room is its person's own from now on, also when the session is gone: each
   * client that can be in many gets what is said there, and none is moved by
   * what another asked.
   */
  #move(
    session: Session<Peer>,
    person: Person<Peer>,
    room: Room<Peer>,
    now: number,
  ): void {
    const { core, seats, members } = this.#parts;
    const old = session.closed ? undefined : session.room;
    if (session.reach === "one" && old !== undefined) {
      members.moveOut(session, old, now);
    }
    this.#entered(session, room);
    const shown = Math.max(0, room.last - core.limits.joinHistory);
    const received = room.members.get(person)?.received ?? shown;
    for (const each of person.sessions) {
      if (each !== session && each.reach !== "many") continue;
      seats.welcome(each, room, Math.min(shown, received), now);
    }
  }
}
