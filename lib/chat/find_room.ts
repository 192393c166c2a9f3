/**
 * Which room a client means, and whether it may know of it.
 *
 * @module
 */

import {
  foldName,
  parseUsername,
  refusal,
  type RemoteProtocolError,
  type RoomReference,
} from "../wire/mod.ts";
import type { Person, Room } from "./people.ts";
import type { People } from "./people_list.ts";
import type { Rooms } from "./rooms.ts";

/** Where to look. */
export interface Places<Peer> {
  readonly people: People<Peer>;
  readonly rooms: Rooms<Peer>;
}

/** Whether somebody may know that a room exists. */
export function maySee<Peer>(room: Room<Peer>, person: Person<Peer>): boolean {
  return room.kind === "public" || room.members.has(person);
}

/**
 * The room that somebody means; a room that they may not see is none.
 *
 * @throws {RemoteProtocolError} 404, not fatal.
 */
export function findRoom<Peer>(
  { people, rooms }: Places<Peer>,
  person: Person<Peer>,
  reference: RoomReference,
): Room<Peer> {
  const room = typeof reference === "number"
    ? rooms.byHandle(reference)
    : reference.startsWith("@")
    ? directRoom({ people, rooms }, person, reference.slice(1))
    : rooms.find(foldRoomName(reference));
  if (room !== undefined && room.handle !== 0 && maySee(room, person)) {
    return room;
  }
  throw noRoom(reference);
}

/** The reply to who means a room that they may not see. */
export function noRoom(reference: RoomReference): RemoteProtocolError {
  return refusal(404, `there is no room ${reference} for you`);
}

/** Too long a text is no name: folding takes its time. */
function foldRoomName(name: string): string {
  return name.length > 256 ? "" : foldName(name);
}

function directRoom<Peer>(
  { people, rooms }: Places<Peer>,
  person: Person<Peer>,
  username: string,
): Room<Peer> | undefined {
  const other = people.find(parseUsername(username).key);
  return other && rooms.direct(person, other);
}

/**
 * The room that somebody means and is a member of.
 *
 * @throws {RemoteProtocolError} 404; 403 when it is a public one; not fatal.
 */
export function findOwnRoom<Peer>(
  places: Places<Peer>,
  person: Person<Peer>,
  reference: RoomReference,
): Room<Peer> {
  const room = findRoom(places, person, reference);
  if (room.members.has(person)) return room;
  throw refusal(403, `you are not in ${room.name.shown}, join it first`);
}
