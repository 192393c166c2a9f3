/**
 * Everything that a chat keeps, for as long as the process lives.
 *
 * @module
 */

import { foldName } from "../wire/mod.ts";
import { MemoryLog } from "./memory_log.ts";
import type {
  Change,
  ChatStore,
  KeyRecord,
  MemberRecord,
  PersonRecord,
  RejectionRecord,
  RoomRecord,
  SessionRecord,
  Snapshot,
} from "./state.ts";

/** Puts back what one change took away. */
type Undo = () => void;

/** Keeps messages as {@link MemoryLog} does, and the state beside them. */
export class MemoryStore extends MemoryLog implements ChatStore {
  /** Memory is never lost. */
  readonly lost = new Promise<never>(() => {});
  #handle = 0;
  readonly #people = new Map<number, PersonRecord>();
  readonly #keys = new Map<number, KeyRecord>();
  readonly #rooms = new Map<number, RoomRecord>();
  /** By room and person. */
  readonly #members = new Map<string, MemberRecord>();
  readonly #sessions = new Map<number, SessionRecord>();
  /** By session and ref. */
  readonly #rejections = new Map<string, RejectionRecord>();
  /** What the running save changed, in its order. */
  #undo: Undo[] = [];

  check(): Promise<void> {
    return Promise.resolve();
  }

  async load(): Promise<Snapshot> {
    const rooms = await Promise.all(
      [...this.#rooms.values()].map(async (room) => ({
        ...room,
        last: await this.last(room.stream),
      })),
    );
    const isThere = ({ person }: { person: number }) =>
      this.#people.has(person);
    return {
      people: [...this.#people.values()].sort(byHandle),
      keys: [...this.#keys.values()].filter(isThere)
        .sort((a, b) => a.person - b.person),
      rooms: rooms.sort(byHandle),
      members: [...this.#members.values()]
        .filter((member) => isThere(member) && this.#rooms.has(member.room))
        .sort((a, b) => a.room - b.room || a.person - b.person),
      sessions: [...this.#sessions.values()].filter(isThere).sort(byHandle),
      rejections: [...this.#rejections.values()]
        .filter(({ session }) => {
          const found = this.#sessions.get(session);
          return found !== undefined && isThere(found);
        })
        .sort((a, b) => a.session - b.session || a.ref - b.ref),
    };
  }

  save(changes: readonly Change[]): Promise<void> {
    this.#undo = [];
    try {
      for (const change of changes) this.#make(change);
      return Promise.resolve();
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo();
      return Promise.reject(error);
    }
  }

  /** There is no other program that could change any. */
  accounts(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  handle(): Promise<number> {
    return Promise.resolve(++this.#handle);
  }

  #make(change: Change): void {
    switch (change.type) {
      case "put_person":
        return this.#putPerson(change.person);
      case "remove_person":
        return this.#removePerson(change.handle);
      case "put_key": {
        const { person, key } = change.key;
        return this.#set(this.#keys, person, { person, key: key.slice() });
      }
      case "put_room":
        return this.#putRoom(change.room);
      case "remove_room":
        return this.#removeRoom(change.handle);
      case "put_member":
        return this.#set(this.#members, memberKey(change.member), {
          ...change.member,
        });
      case "move_cursor":
        return this.#moveCursor(change.member);
      case "remove_member":
        return this.#set(this.#members, memberKey(change), undefined);
      case "put_session": {
        const { session } = change;
        return this.#set(this.#sessions, session.handle, { ...session });
      }
      case "remove_session":
        return this.#removeSession(change.handle);
      case "put_rejection": {
        const { rejection } = change;
        const key = `${rejection.session} ${rejection.ref}`;
        return this.#set(this.#rejections, key, { ...rejection });
      }
    }
  }

  #putPerson(person: PersonRecord): void {
    const { handle, name, verifier } = person;
    if (verifier === undefined) {
      return this.#set(this.#people, handle, { ...person });
    }
    const key = foldName(name);
    for (const other of this.#people.values()) {
      if (other.handle === handle || other.verifier === undefined) continue;
      if (foldName(other.name) !== key) continue;
      throw new Error(`There is an account ${name} already`);
    }
    const { rounds, salt, hash } = verifier;
    this.#set(this.#people, handle, {
      ...person,
      verifier: { rounds, salt: salt.slice(), hash: hash.slice() },
    });
  }

  #removePerson(handle: number): void {
    this.#set(this.#people, handle, undefined);
    this.#set(this.#keys, handle, undefined);
    this.#removeMembers(({ person }) => person === handle);
    for (const session of [...this.#sessions.values()]) {
      if (session.person === handle) this.#removeSession(session.handle);
    }
  }

  #putRoom(room: RoomRecord): void {
    for (const { handle, stream } of this.#rooms.values()) {
      if (handle === room.handle || stream !== room.stream) continue;
      throw new Error(`Room ${handle} has the stream ${stream} already`);
    }
    this.#set(this.#rooms, room.handle, { ...room });
  }

  #removeRoom(handle: number): void {
    this.#set(this.#rooms, handle, undefined);
    this.#removeMembers(({ room }) => room === handle);
  }

  #moveCursor(member: MemberRecord): void {
    const key = memberKey(member);
    const known = this.#members.get(key);
    if (known === undefined) return;
    this.#set(this.#members, key, {
      ...known,
      received: Math.max(known.received, member.received),
      read: Math.max(known.read, member.read),
    });
  }

  #removeMembers(isGone: (member: MemberRecord) => boolean): void {
    for (const [key, member] of [...this.#members]) {
      if (isGone(member)) this.#set(this.#members, key, undefined);
    }
  }

  #removeSession(handle: number): void {
    this.#set(this.#sessions, handle, undefined);
    for (const [key, { session }] of [...this.#rejections]) {
      if (session === handle) this.#set(this.#rejections, key, undefined);
    }
  }

  /** Sets a value, or removes it, and notes how that is taken back. */
  #set<Key, Value>(
    map: Map<Key, Value>,
    key: Key,
    value: Value | undefined,
  ): void {
    const before = map.get(key);
    this.#undo.push(() => put(map, key, before));
    put(map, key, value);
  }
}

function put<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value | undefined,
): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function memberKey({ room, person }: { room: number; person: number }): string {
  return `${room} ${person}`;
}

function byHandle(a: { handle: number }, b: { handle: number }): number {
  return a.handle - b.handle;
}
