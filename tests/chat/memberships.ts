/**
 * What the members of a room are due, and what nobody else may see.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Change, Member, Person, Room } from "../../lib/chat/mod.ts";
import {
  foldName,
  type Request,
  type ServerEvent,
} from "../../lib/wire/mod.ts";
import type { Peer } from "./chat_room.ts";
import type { Link, World } from "./kept_world.ts";

/** The sequence, and the membership if it is known which. */
interface Since {
  readonly at: number;
  member: Member | undefined;
}

/** Who belongs where, and what they were shown. */
export class Memberships {
  readonly #world: World;
  /** Where a membership began. */
  readonly #since = new Map<string, Since>();
  readonly #seen = new Map<string, Set<number>>();
  /** Up to here a cursor was found to be right. */
  readonly #right = new Map<string, number>();
  /** Who was asked into which group. */
  readonly #asked = new Set<string>();
  /** Who was told that they left. */
  readonly #left = new Set<string>();
  /** Who left a room just now, and may have come into it just before. */
  leaving: ReadonlySet<number> = new Set();
  #members = new Set<string>();
  #byAll = new Map<Room<Peer>, number>();
  #kept = new Set<string>();
  #excused = new Set<string>();
  /** What a save was refused of that is to be tried again. */
  readonly #unsaved = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A request that may make somebody a member. */
  asked({ session }: Link, request: Request): void {
    if (request.type !== "make_group" && request.type !== "invite") return;
    const own = session.person?.name.shown ?? "";
    const users = request.type === "invite"
      ? [request.user]
      : [own, ...request.users];
    for (const user of users) {
      this.#asked.add(`${request.room} ${foldName(user)}`);
    }
  }

  /** A session was shown a message; it has arrived. */
  saw({ handle }: Person<Peer>, stream: string, sequence: number): void {
    const key = `${stream} ${handle}`;
    const seen = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, seen.add(sequence));
  }

  // ---- what nobody else may see

  /** What somebody is told is theirs to know. */
  told(link: Link, event: ServerEvent): void {
    const { person, closed } = link.session;
    // Who has gone by now was a member when it was told.
    if (person === undefined || closed) return;
    for (const text of textsOf(event)) {
      const stream = this.#world.log.get(text)?.stream ?? "";
      assert(this.#maySee(person, stream), `${text} of ${stream} is secret`);
    }
    for (const handle of handlesOf(event)) {
      const known = [...this.#rooms].find((room) => room.handle === handle);
      const stream = known?.stream ?? "";
      assert(this.#maySee(person, stream), `${stream} is nobody else's`);
    }
    for (const name of namesOf(event)) {
      const known = [...this.#world.chat.hub.rooms].find((room) =>
        room.name.shown === name
      );
      const stream = known?.stream ?? "";
      assert(this.#maySee(person, stream), `${name} is for its members`);
    }
    if (event.type !== "leave_room") return;
    for (const key of this.#members) {
      const [stream, whose] = key.split(" ");
      if (whose !== `${person.handle}`) continue;
      if (![...person.rooms].some((room) => room.stream === stream)) {
        this.#left.add(key);
      }
    }
  }

  #maySee(person: Person<Peer>, stream: string): boolean {
    if (stream.startsWith("@")) {
      return stream.slice(1).split(",").includes(`${person.handle}`);
    }
    if (!stream.startsWith("&")) return true;
    return this.#members.has(`${stream} ${person.handle}`) ||
      [...person.rooms].some((room) => room.stream === stream) ||
      this.leaving.has(person.handle);
  }

  get #rooms(): Set<Room<Peer>> {
    const rooms = new Set(this.#world.chat.hub.rooms);
    for (const person of this.#world.people) {
      for (const room of person.rooms) rooms.add(room);
    }
    return rooms;
  }

  // ---- what members are due

  /** Looks at everything, once all effects are carried out. */
  look(): void {
    const members = new Set<string>();
    for (const room of this.#rooms) {
      for (const [person, member] of room.members) {
        const key = `${room.stream} ${person.handle}`;
        members.add(key);
        this.#left.delete(key);
        const known = this.#since.get(key);
        if (known !== undefined) known.member ??= member;
        if (known?.member !== member) {
          this.#since.set(key, { at: member.received, member });
          this.#right.delete(key);
        }
        this.#lookAt(room, person, member.received, key);
        this.#lookForSeats(room, person);
      }
      const before = this.#byAll.get(room) ?? 0;
      assert(room.receivedByAll >= before, "receivedByAll never falls");
      this.#byAll.set(room, room.receivedByAll);
    }
    for (const key of this.#since.keys()) {
      if (members.has(key)) continue;
      this.#since.delete(key);
      this.#right.delete(key);
    }
    this.#members = members;
    this.#lookAtSessions();
  }

  #lookAt(
    room: Room<Peer>,
    person: Person<Peer>,
    received: number,
    key: string,
  ): void {
    if (room.kind === "group") {
      const asked = this.#asked.has(`${room.name.shown} ${person.name.key}`);
      assert(asked, "nobody is in a group who was not asked in");
    }
    if (person.account) {
      // But for what it said itself right behind that.
      const past = this.#world.chat.past[room.stream] ?? [];
      for (let next = received; next < room.receivedByAll; next++) {
        const own = past[next]?.person === person.handle;
        assert(own, "not all have received that");
      }
    }
    const seen = this.#seen.get(key);
    let at = this.#right.get(key) ?? this.#since.get(key)?.at ?? 0;
    for (; at < received; at++) {
      assert(seen?.has(at + 1), `${key} has not received ${at + 1}`);
    }
    this.#right.set(key, at);
  }

  /** Each client of a member gets what is said, where its wire can carry it. */
  #lookForSeats(room: Room<Peer>, person: Person<Peer>): void {
    for (const { reach, room: isIn, seats } of person.sessions) {
      if (reach !== "many" || isIn === undefined) continue;
      const { shown } = room.name;
      assert(seats.has(room), `${person.name.shown} gets nothing of ${shown}`);
    }
  }

  #lookAtSessions(): void {
    const { chat, links } = this.#world;
    const accounts = chat.state.people;
    for (const { session, told } of links.values()) {
      if (session.closed) continue;
      for (const stream of told.keys()) {
        const seated = [...session.seats].some(([room]) =>
          room.stream === stream
        );
        if (!seated) told.delete(stream);
      }
      if (this.#world.accountsChanged || !session.person?.account) continue;
      assert(
        accounts.has(session.person.handle),
        "whose account is removed has no session",
      );
    }
  }

  /** What a member was never shown. */
  lacks(person: Person<Peer>): string[] {
    return [...person.rooms].flatMap((room) => {
      const key = `${room.stream} ${person.handle}`;
      const seen = this.#seen.get(key);
      const since = this.#since.get(key)?.at ?? 0;
      const { length } = this.#world.chat.past[room.stream] ?? [];
      return Array.from({ length }, (_, index) => index + 1)
        .filter((at) => at > since && !seen?.has(at))
        .map((at) => `${key} lacks ${at}`);
    });
  }

  // ---- restarts

  /** A save was written, or refused. */
  saved(changes: readonly Change[], done: boolean): void {
    for (const key of changes.flatMap((change) => this.#keysOf(change))) {
      if (done) this.#unsaved.delete(key);
      else this.#unsaved.add(key);
    }
  }

  /** The process dies: whose memberships, and what nobody was told of yet. */
  dies(): void {
    this.#kept = new Set();
    for (const room of this.#rooms) {
      for (const person of room.members.keys()) {
        if (person.stored) this.#kept.add(`${room.stream} ${person.handle}`);
      }
    }
    this.#excused = new Set(this.#unsaved);
    this.#unsaved.clear();
    for (const write of this.#world.writes) {
      if ("length" in write || write.question.kind !== "save") continue;
      for (const change of write.question.changes) {
        for (const key of this.#keysOf(change)) this.#excused.add(key);
      }
    }
  }

  #keysOf(change: Change): string[] {
    const { rooms } = this.#world.chat.state;
    if (change.type === "remove_person") {
      return [...this.#kept].filter((key) => key.endsWith(` ${change.handle}`));
    }
    if (change.type !== "put_member" && change.type !== "remove_member") {
      return [];
    }
    const of = change.type === "put_member" ? change.member : change;
    const stream = rooms.get(of.room)?.stream ??
      [...this.#rooms].find(({ handle }) => handle === of.room)?.stream;
    return [`${stream} ${of.person}`];
  }

  /** Another process is there: what was told still holds. */
  comesBack(): void {
    this.#byAll = new Map();
    this.#members = new Set();
    for (const since of this.#since.values()) since.member = undefined;
    const now = new Set<string>();
    for (const room of this.#rooms) {
      for (const { handle } of room.members.keys()) {
        now.add(`${room.stream} ${handle}`);
      }
    }
    // An account that never came in is seen nowhere.
    const seen = new Set([...this.#world.people].map(({ handle }) => handle));
    for (const key of this.#kept) {
      const handle = Number(key.split(" ")[1]);
      if (this.#excused.has(key) || !seen.has(handle)) continue;
      assert(now.has(key), `${key} is still a member`);
    }
    for (const key of this.#left) {
      if (this.#excused.has(key)) continue;
      assert(!now.has(key), `${key} is no member any more`);
    }
  }
}

function textsOf(event: ServerEvent): string[] {
  if ("messages" in event) return event.messages.map(({ text }) => `${text}`);
  return "place" in event && "text" in event ? [`${event.text}`] : [];
}

function handlesOf(event: ServerEvent): number[] {
  switch (event.type) {
    case "rooms":
      return event.rooms.map(({ room }) => room);
    case "received_by_all":
      return [event.room];
    case "names":
      return event.names.map(({ handle }) => handle);
    default:
      return [];
  }
}

function namesOf(event: ServerEvent): readonly string[] {
  switch (event.type) {
    case "list_rooms":
      return event.rooms;
    // Of history the texts tell: the name may be another room's by now.
    case "list_users":
    case "list_members":
    case "presence":
    case "crowd":
    case "invitation":
      return [event.room];
    default:
      return [];
  }
}
