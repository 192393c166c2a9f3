/**
 * Groups: rooms that only their members see. Any member may invite others; a
 * group is there as long as somebody is in it.
 *
 * The name of a group is taken for everybody, as that of a public room is. That
 * it is taken is all that others can find out.
 *
 * @module
 */

import {
  type GroupMade,
  type InviteRequest,
  type LeaveRoomRequest,
  type MakeGroupRequest,
  type Name,
  parseRoomName,
  parseUsername,
  refusal,
  type RemoteProtocolError,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import { findOwnRoom, type Places } from "./find_room.ts";
import type { Members } from "./members.ts";
import { ownKey } from "./messages.ts";
import type { Person, Room, Session } from "./people.ts";
import type { Seats } from "./seats.ts";

/** What groups are made of. */
export interface GroupParts<Peer> extends Places<Peer> {
  readonly core: Core<Peer>;
  readonly seats: Seats<Peer>;
  readonly members: Members<Peer>;
}

/** All groups. */
export class Groups<Peer> {
  readonly #parts: GroupParts<Peer>;
  /** Who is about to be a member, for as long as that is being written. */
  readonly #coming = new Map<Room<Peer>, Set<readonly Person<Peer>[]>>();

  constructor(parts: GroupParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Answers, some time later.
   *
   * @throws {RemoteProtocolError} 400, 403, 404, 409, not fatal.
   */
  make(
    session: Session<Peer>,
    person: Person<Peer>,
    { room: asked, users, idempotencyKey }: MakeGroupRequest,
    now: number,
  ): void {
    const { core, rooms, members } = this.#parts;
    const name = parseRoomName(asked);
    const madeBy = idempotencyKey === undefined
      ? undefined
      : ownKey(person.handle, idempotencyKey);
    const known = rooms.find(name.key);
    if (madeBy !== undefined && known?.madeBy === madeBy) {
      const answer = () => core.reply(session, groupMade(known));
      // It may be on its way to the store still.
      return known.stored
        ? answer()
        : this.#add(session, known, [person], now, answer);
    }
    if (users.length >= core.limits.groupMembers) throw this.#tooMany();
    const people = [
      ...new Set([person, ...users.map((user) => this.#find(user))]),
    ];
    if (known !== undefined) {
      throw taken(name);
    }
    for (const each of people) members.check(each, person);
    const room = rooms.make("group", name);
    room.madeBy = madeBy;
    this.#add(session, room, people, now, () => {
      core.reply(session, groupMade(room));
    });
  }

  /**
   * Answers, some time later.
   *
   * @throws {RemoteProtocolError} 400, 403, 404, not fatal.
   */
  invite(
    session: Session<Peer>,
    person: Person<Peer>,
    { room: asked, user }: InviteRequest,
    now: number,
  ): void {
    const { core, members } = this.#parts;
    const room = findOwnRoom(this.#parts, person, asked);
    if (room.kind !== "group") {
      throw refusal(400, `${room.name.shown} is no group`);
    }
    const other = this.#find(user);
    const coming = [...this.#coming.get(room) ?? []].flat();
    const all = new Set([...room.members.keys(), ...coming, other]);
    if (all.size > core.limits.groupMembers) throw this.#tooMany();
    const known = room.members.has(other);
    if (!known) members.check(other, person);
    this.#add(session, room, known ? [] : [other], now, () => {
      core.reply(session, {
        type: "invite",
        room: room.name.shown,
        user: other.name.shown,
      });
    });
  }

  /**
   * Ends a membership, of whatever room but the lobby; answers some time later.
   *
   * @throws {RemoteProtocolError} 400, 403, 404, not fatal.
   */
  leave(
    session: Session<Peer>,
    person: Person<Peer>,
    { room: asked }: LeaveRoomRequest,
    now: number,
  ): void {
    const { core, rooms, members } = this.#parts;
    const room = findOwnRoom(this.#parts, person, asked);
    if (room === rooms.lobby) {
      throw refusal(400, `everybody is in ${room.name.shown}`);
    }
    if (room.kind === "direct") {
      throw refusal(400, "a room of two can't be left");
    }
    session.busy = true;
    members.strike(room, person, {
      done: (now) => {
        this.#left(session, person, room, now);
        core.attempt(session, now, () => true);
      },
      failed: (detail, now) => core.fail(session, detail, now),
    }, now);
  }

  /** Somebody is no member any more. */
  #left(
    session: Session<Peer>,
    person: Person<Peer>,
    room: Room<Peer>,
    now: number,
  ): void {
    const { core, rooms, seats, members } = this.#parts;
    const movers = [...person.sessions].filter((each) => each.room === room);
    const others = [...person.sessions].filter((each) =>
      each !== session && each.room !== room && each.seats.has(room)
    );
    for (const other of others) {
      const here = other.room?.name.shown ?? "";
      core.send(other, { type: "moved", left: room.name.shown, room: here });
    }
    members.drop(room, person, now);
    core.reply(session, { type: "leave_room", room: room.name.shown });
    for (const mover of movers) {
      mover.room = rooms.lobby;
      if (mover !== session) {
        refuseUnsaid(mover, room);
        core.send(mover, {
          type: "moved",
          left: room.name.shown,
          room: rooms.lobby.name.shown,
        });
      }
      const position = rooms.lobby.members.get(person)?.received ?? 0;
      seats.take(mover, rooms.lobby, position, now);
    }
  }

  #find(user: string): Person<Peer> {
    const { shown, key } = parseUsername(user);
    const person = this.#parts.people.find(key);
    if (person?.account || person?.here) return person;
    throw refusal(404, `nobody is called ${shown}`);
  }

  #tooMany() {
    const { groupMembers } = this.#parts.core.limits;
    return refusal(403, `a group has at most ${groupMembers} members`);
  }

  /** Makes people members and tells them, then replies. */
  #add(
    session: Session<Peer>,
    room: Room<Peer>,
    people: readonly Person<Peer>[],
    now: number,
    reply: () => void,
  ): void {
    const { core, rooms, members } = this.#parts;
    session.busy = true;
    this.#come(room, people);
    const failed = (detail: string, now: number) => {
      this.#came(room, people);
      core.fail(session, detail, now);
    };
    const add = (now: number) =>
      members.add(room, people, {
        done: (now, come) => {
          this.#came(room, people);
          reply();
          // Another may have asked the same, and been first.
          for (const person of come) {
            this.#welcome(session, room, person, now);
          }
          core.attempt(session, now, () => true);
        },
        failed,
      }, now);
    rooms.whenOpen(room, { opened: add, failed }, now);
  }

  #come(room: Room<Peer>, people: readonly Person<Peer>[]): void {
    const coming = this.#coming.get(room) ?? new Set();
    this.#coming.set(room, coming.add(people));
  }

  /** They are members now, or can't be. */
  #came(room: Room<Peer>, people: readonly Person<Peer>[]): void {
    const coming = this.#coming.get(room);
    if (coming?.delete(people) && coming.size === 0) this.#coming.delete(room);
  }

  /** Somebody is a member from now on. */
  #welcome(
    session: Session<Peer>,
    room: Room<Peer>,
    person: Person<Peer>,
    now: number,
  ): void {
    const { core, seats } = this.#parts;
    const received = room.members.get(person)?.received ?? room.last;
    const invitation = {
      type: "invitation",
      room: room.name.shown,
      user: session.person?.name.shown ?? "",
      users: namesOf(room),
    } as const;
    for (const each of person.sessions) {
      if (person !== session.person) core.send(each, invitation);
      if (each.reach === "many") seats.welcome(each, room, received, now);
    }
  }
}

function taken({ shown }: Name): RemoteProtocolError {
  return refusal(409, `the name ${shown} is taken`);
}

function groupMade<Peer>(room: Room<Peer>): GroupMade {
  return {
    type: "make_group",
    room: room.name.shown,
    users: namesOf(room),
  };
}

/** Its members, in the order in which they came. */
function namesOf<Peer>({ members }: Room<Peer>): string[] {
  return [...members.keys()].map(({ name }) => name.shown);
}

/** What waits to be said in a room that was left is not for another one. */
function refuseUnsaid<Peer>(
  { waiting }: Session<Peer>,
  { name }: Room<Peer>,
): void {
  const error = refusal(403, `you are not in ${name.shown} any more`);
  let joins = false;
  waiting.replace((step) => {
    if (step.kind !== "request") return step;
    const { request } = step;
    joins ||= request.type === "join_room";
    const isUnsaid = request.type === "room_msg" && request.room === undefined;
    return isUnsaid && !joins ? { kind: "mistake", error } : step;
  });
}
