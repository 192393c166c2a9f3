/**
 * What a hub had saved, at once: a store for tests.
 *
 * @module
 */

import type {
  Change,
  KeyRecord,
  MemberRecord,
  PersonRecord,
  RejectionRecord,
  RoomRecord,
  SessionRecord,
  Snapshot,
} from "../../lib/chat/mod.ts";

/** Everything that was saved, by its key. */
export class KeptState {
  readonly people = new Map<number, PersonRecord>();
  readonly keys = new Map<number, KeyRecord>();
  readonly rooms = new Map<number, RoomRecord>();
  readonly members = new Map<string, MemberRecord>();
  readonly sessions = new Map<number, SessionRecord>();
  readonly rejections: RejectionRecord[] = [];

  /** Whether a store takes that: names and streams are nobody else's. */
  takes(changes: readonly Change[]): boolean {
    const { people, rooms } = this;
    return changes.every((change) => {
      if (change.type === "put_person" && change.person.verifier) {
        const { name, handle } = change.person;
        return ![...people.values()].some((each) =>
          each.verifier && each.name === name && each.handle !== handle
        );
      }
      if (change.type !== "put_room") return true;
      const { stream, handle } = change.room;
      return ![...rooms.values()].some((each) =>
        each.stream === stream && each.handle !== handle
      );
    });
  }

  apply(change: Change): void {
    const { people, rooms, members, sessions, rejections } = this;
    switch (change.type) {
      case "put_person":
        people.set(change.person.handle, change.person);
        break;
      case "remove_person":
        people.delete(change.handle);
        this.keys.delete(change.handle);
        drop(members, ({ person }) => person === change.handle);
        drop(sessions, ({ person }) => person === change.handle);
        break;
      case "put_key":
        this.keys.set(change.key.person, change.key);
        break;
      case "put_room":
        rooms.set(change.room.handle, change.room);
        break;
      case "remove_room":
        rooms.delete(change.handle);
        drop(members, ({ room }) => room === change.handle);
        break;
      case "put_member":
        members.set(keyOf(change.member), change.member);
        break;
      case "move_cursor":
        if (members.has(keyOf(change.member))) {
          members.set(keyOf(change.member), change.member);
        }
        break;
      case "remove_member":
        members.delete(keyOf(change));
        break;
      case "put_session":
        sessions.set(change.session.handle, change.session);
        break;
      case "remove_session":
        sessions.delete(change.handle);
        break;
      case "put_rejection":
        rejections.push(change.rejection);
        break;
    }
  }

  /** `last`: the last sequence of a stream. */
  snapshot(last: (stream: string) => number): Snapshot {
    return {
      people: [...this.people.values()],
      keys: [...this.keys.values()],
      rooms: [...this.rooms.values()].map((room) => ({
        ...room,
        last: last(room.stream),
      })),
      members: [...this.members.values()],
      sessions: [...this.sessions.values()],
      rejections: this.rejections,
    };
  }
}

function keyOf({ room, person }: { room: number; person: number }): string {
  return `${room} ${person}`;
}

function drop<Key, Value>(
  map: Map<Key, Value>,
  unwanted: (value: Value) => boolean,
): void {
  for (const [key, value] of map) if (unwanted(value)) map.delete(key);
}
