/**
 * How people and rooms are written down: for the store, and for their members.
 *
 * @module
 */

import type { RoomState } from "../wire/mod.ts";
import type { Person, Room } from "./people.ts";
import type { Change } from "./state.ts";

/** Somebody, for the store. */
export function putPerson<Peer>(
  { handle, name, created, verifier: own }: Person<Peer>,
  verifier = own,
): Change {
  return {
    type: "put_person",
    person: {
      handle,
      name: name.shown,
      created,
      ...verifier !== undefined && { verifier },
    },
  };
}

/** A room as the store keeps it, after whatever is on its way there. */
export function roomChange<Peer>(room: Room<Peer>): Change {
  const { topic } = room.newTopic ?? room;
  const { handle, kind, name: { shown: name }, stream, created, madeBy } = room;
  return {
    type: "put_room",
    room: {
      handle,
      kind,
      name,
      stream,
      ...topic && { topic },
      created,
      ...madeBy !== undefined && { madeBy },
    },
  };
}

/** What a client is told of somebody's rooms. */
export function roomStates<Peer>(person: Person<Peer>): RoomState[] {
  return [...person.rooms].map((room) => roomState(room, person));
}

/** What a client is told of one. */
export function roomState<Peer>(
  room: Room<Peer>,
  person: Person<Peer>,
): RoomState {
  const { handle, kind, topic, last, receivedByAll } = room;
  const member = room.members.get(person);
  return {
    room: handle,
    kind,
    name: shownTo(room, person),
    ...topic !== undefined && { topic },
    last,
    received: member?.received ?? last,
    read: member?.read ?? last,
    receivedByAll,
  };
}

/** A room's name as its member sees it: a direct one is the other person. */
export function shownTo<Peer>(room: Room<Peer>, person: Person<Peer>): string {
  if (room.kind !== "direct") return room.name.shown;
  const [first, second] = room.name.shown.split(" ") as [string, string];
  return first === person.name.shown ? second : first;
}
