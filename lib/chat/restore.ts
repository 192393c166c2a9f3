/**
 * What a hub takes up of an earlier run.
 *
 * @module
 */

import { nameOf } from "./accounts.ts";
import { KeptSession, type KeptSessions } from "./kept_sessions.ts";
import { Person, type Room } from "./people.ts";
import type { People } from "./people_list.ts";
import { everybodyHas } from "./receipts.ts";
import type { Rooms } from "./rooms.ts";
import type { PersonRecord, SessionRecord, Snapshot } from "./state.ts";

/** Where it goes. */
export interface Restored<Peer> {
  readonly people: People<Peer>;
  readonly rooms: Rooms<Peer>;
  readonly kept: KeptSessions<Peer>;
}

/** Takes everything up. `now`: ms. */
export function restore<Peer>(
  { people, rooms, kept }: Restored<Peer>,
  snapshot: Snapshot,
  now: number,
): void {
  for (const record of stillPeople(snapshot)) {
    const { handle, name, created, verifier } = record;
    const person = new Person<Peer>(handle, nameOf(name), created, verifier);
    person.recorded = true;
    people.add(person);
  }
  for (const { person, key } of snapshot.keys) {
    const owner = people.byHandle(person);
    if (owner !== undefined) owner.publicKey = key;
  }
  for (const record of snapshot.rooms) {
    rooms.restore(record, nameOf(record.name), record.last);
  }
  for (
    const { room: handle, person: whose, received, read } of snapshot.members
  ) {
    const [room, person] = [rooms.byHandle(handle), people.byHandle(whose)];
    if (room === undefined || person === undefined) continue;
    room.members.set(person, { received, read });
    person.rooms.add(room);
  }
  const all = snapshot.rooms.map(({ handle }) => rooms.byHandle(handle));
  for (const room of all) if (room !== undefined) finish(room);
  for (const room of all) if (room !== undefined) rooms.vanish(room);
  restoreSessions({ people, rooms, kept }, snapshot, now);
}

/**
 * All but guests who can't come back, or whose name somebody else has an
 * account for by now.
 */
function stillPeople({ people, sessions }: Snapshot): PersonRecord[] {
  const isAccount = ({ verifier }: PersonRecord) => verifier !== undefined;
  const withSession = new Set(sessions.map(({ person }) => person));
  const taken = new Set(
    people.filter(isAccount).map(({ name }) => nameOf(name).key),
  );
  return people.filter((person) =>
    isAccount(person) ||
    withSession.has(person.handle) && !taken.has(nameOf(person.name).key)
  );
}

function finish<Peer>(room: Room<Peer>): void {
  const names = new Set(room.name.shown.split(" "));
  if (room.kind === "direct" && room.members.size < names.size) {
    room.abandoned = true;
  } else room.receivedByAll = everybodyHas(room);
}

function restoreSessions<Peer>(
  { people, kept }: Restored<Peer>,
  { sessions, rejections }: Snapshot,
  now: number,
): void {
  const byHandle = new Map<number, KeptSession<Peer>>();
  for (const { handle, person: whose, digest, seen } of oldestFirst(sessions)) {
    const person = people.byHandle(whose);
    if (person === undefined) continue;
    // Only the log knows how many it said.
    const session = new KeptSession(handle, person, digest, Infinity);
    byHandle.set(handle, session);
    kept.add(session);
    kept.leave(session, Math.min(seen, now));
  }
  for (const { session, ref, code, detail } of rejections) {
    byHandle.get(session)?.reject(ref, { code, detail });
  }
}

function oldestFirst(sessions: readonly SessionRecord[]): SessionRecord[] {
  return [...sessions].sort((a, b) => a.seen - b.seen);
}
