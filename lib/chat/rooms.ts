/**
 * The rooms there are, and what they show of their past.
 *
 * A room comes into being when somebody wants in. It can be entered once the
 * log has told its newest messages, so that live ones follow them without a
 * gap, and it vanishes when nobody belongs to it, is on the way in, or is still
 * to be heard; the lobby stays.
 *
 * @module
 */

import {
  LOBBY,
  type Name,
  parseRoomName,
  type Place,
  type Said,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import type { Draft, Message, Stored } from "./log.ts";
import {
  directStream,
  groupStream,
  type Person,
  publicStream,
  Room,
  type Waiting,
} from "./people.ts";
import type { RoomRecord } from "./state.ts";

/** All rooms of a hub. */
export class Rooms<Peer> {
  /** The room everybody starts in. */
  readonly lobby: Room<Peer>;
  readonly #core: Core<Peer>;
  /** Public rooms and groups, by their names. */
  readonly #named = new Map<string, Room<Peer>>();
  readonly #byHandle = new Map<number, Room<Peer>>();
  readonly #byStream = new Map<string, Room<Peer>>();

  constructor(core: Core<Peer>) {
    this.#core = core;
    const name = parseRoomName(LOBBY);
    this.lobby = new Room("public", name, publicStream(name.key));
    this.#add(this.lobby);
  }

  /** Every public room and every group. */
  get named(): Iterable<Room<Peer>> {
    return this.#named.values();
  }

  /** The room or group of a name. */
  find(key: string): Room<Peer> | undefined {
    return this.#named.get(key);
  }

  byHandle(handle: number): Room<Peer> | undefined {
    return this.#byHandle.get(handle);
  }

  byStream(stream: string): Room<Peer> | undefined {
    return this.#byStream.get(stream);
  }

  /** The room that two people have to themselves. */
  direct(a: Person<Peer>, b: Person<Peer>): Room<Peer> | undefined {
    return this.#byStream.get(directStream(a.handle, b.handle));
  }

  /** A new room; `open` it before it is used. */
  make(kind: "public" | "group", name: Name): Room<Peer> {
    const stream = kind === "public" ? publicStream(name.key) : "";
    const room = new Room<Peer>(kind, name, stream);
    this.#add(room);
    return room;
  }

  /** A new direct room; `open` it before it is used. */
  makeDirect(a: Person<Peer>, b: Person<Peer>): Room<Peer> {
    const [first, second] = a.handle <= b.handle ? [a, b] : [b, a];
    const name = {
      shown: `${first.name.shown} ${second.name.shown}`,
      key: `${first.name.key} ${second.name.key}`,
    };
    const stream = directStream(a.handle, b.handle);
    const room = new Room<Peer>("direct", name, stream);
    this.#add(room);
    return room;
  }

  /** A room that the store knows. */
  restore(
    { handle, kind, stream, topic, created, madeBy }: RoomRecord,
    name: Name,
    last: number,
  ): Room<Peer> {
    const lobby = stream === this.lobby.stream;
    const room = lobby ? this.lobby : new Room<Peer>(kind, name, stream);
    room.handle = handle;
    room.created = created;
    room.topic = topic;
    room.madeBy = madeBy;
    room.stored = true;
    room.last = last;
    this.#add(room);
    return room;
  }

  #add(room: Room<Peer>): void {
    if (room.kind !== "direct") this.#named.set(room.name.key, room);
    if (room.handle !== 0) this.#byHandle.set(room.handle, room);
    if (room.stream !== "") this.#byStream.set(room.stream, room);
  }

  /** Has something done as soon as the room's past is known. */
  whenOpen(room: Room<Peer>, waiting: Waiting, now: number): void {
    if (room.tail !== undefined) return waiting.opened(now);
    room.awaiting.push(waiting);
    if (room.awaiting.length > 1) return;
    const limit = room.kind === "direct" ? 0 : this.#core.limits.joinHistory;
    this.#core.ask(
      { kind: "open", stream: room.stream, limit },
      (answer, now) => this.#opened(room, answer, limit, now),
      (detail, now) => {
        for (const { failed } of room.awaiting.splice(0)) failed(detail, now);
        this.vanish(room);
      },
    );
  }

  #opened(
    room: Room<Peer>,
    { handle, last, messages }: {
      readonly handle: number;
      readonly last: number;
      readonly messages: readonly Message[];
    },
    limit: number,
    now: number,
  ): void {
    if (room.handle === 0) {
      room.handle = handle;
      room.created = now;
      room.last = room.receivedByAll = last;
      if (room.kind === "group") room.stream = groupStream(handle);
      this.#add(room);
    }
    remember(room, messages, limit);
    // Whoever comes in first may leave at once: the others are still to come.
    room.inFlight++;
    for (const { opened } of room.awaiting.splice(0)) opened(now);
    room.inFlight--;
    this.vanish(room);
  }

  /** Takes a message into what the room shows of its past. */
  keep(room: Room<Peer>, event: Said): void {
    const { tail } = room;
    if (tail === undefined) return;
    tail.push(event);
    if (tail.length <= this.#core.limits.joinHistory) return;
    room.tailFrom = tail.shift()?.place?.sequence ?? room.last;
  }

  /** Messages older than a time, ms, are gone. */
  prune(olderThan: number): void {
    for (const { tail } of this.#byStream.values()) {
      while (tail?.[0]?.place && tail[0].place.time < olderThan) tail.shift();
    }
  }

  /** Lets a room go that nobody needs. */
  vanish(room: Room<Peer>): void {
    const { members, listeners, inFlight, awaiting } = room;
    const users = members.size + listeners.size + inFlight + awaiting.length;
    if (users > 0 || room === this.lobby) return;
    if (this.#named.get(room.name.key) === room) {
      this.#named.delete(room.name.key);
    }
    this.#byHandle.delete(room.handle);
    this.#byStream.delete(room.stream);
    if (!room.stored) return;
    room.stored = false;
    this.#core.save([{ type: "remove_room", handle: room.handle }]);
  }
}

/** Takes a room's newest messages, of which `limit` were asked for. */
function remember<Peer>(
  room: Room<Peer>,
  messages: readonly Message[],
  limit: number,
): void {
  // The log may be ahead of what was shown, or, if much was said meanwhile,
  // behind: then nothing is remembered, since a gap would be.
  const shown = messages.filter(({ sequence }) => sequence <= room.last);
  const [first] = shown;
  const whole = first === undefined || shown.at(-1)?.sequence === room.last;
  room.tail = whole ? shown.map((message) => said(room, message, message)) : [];
  room.tailFrom = !whole || limit === 0
    ? room.last
    : messages.length < limit
    ? 0
    : (first?.sequence ?? room.last + 1) - 1;
}

/**
 * A message as the people of its room are told. `pause`: seconds since the one
 * before, if it is part of the stream and no replay.
 */
export function said<Peer>(
  room: Room<Peer>,
  { time, sender, person, text, sent }: Omit<Draft, "room">,
  { id, sequence }: Stored,
  pause?: number,
): Said {
  const place: { -readonly [Key in keyof Place]: Place[Key] } = {
    id,
    room: room.handle,
    sequence,
    time,
  };
  // One by one: each message of each batch goes through here.
  if (person !== undefined) place.sender = person;
  if (pause !== undefined) place.pause = pause;
  if (sent !== undefined) place.sent = sent;
  if (room.kind !== "direct") {
    return { type: "room_msg", room: room.name.shown, sender, text, place };
  }
  const [first, second] = room.name.shown.split(" ") as [string, string];
  const recipient = sender === first ? second : first;
  return { type: "private_msg_delivery", sender, recipient, text, place };
}

/** The same, but as no part of its room's stream. */
export function apart<Event extends { readonly place?: Place }>(
  event: Event,
): Event {
  if (event.place === undefined) return event;
  const { pause: _, ...place } = event.place;
  return { ...event, place };
}
