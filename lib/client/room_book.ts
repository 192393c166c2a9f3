/**
 * The rooms that one is in, and how far one has each of them. Pure.
 *
 * Wires that tell no positions leave it empty.
 *
 * What it guarantees:
 *
 * - A message that was told once MUST NOT be told again, whatever is replayed.
 * - What is said to be received was received, and all before it.
 *
 * @module
 */

import {
  foldName,
  type Place,
  type Position,
  type Receipt,
  type RoomKind,
  type RoomState,
  type ServerEvent,
} from "../wire/mod.ts";

/** Own messages of a room that not all have yet; of more the oldest go first. */
const MOST_OWN = 1_000;

/** A room that one is in. */
export interface OwnRoom {
  readonly room: number;
  readonly kind: RoomKind;
  readonly name: string;
  /** What it is about; empty: nothing in particular. */
  readonly topic: string;
}

/** How much of a room was seen. */
export interface Unread {
  readonly room: string;
  /** The sequence up to which it was. */
  readonly read: number;
  /** How many messages stand behind that one. */
  readonly count: number;
}

interface Row extends OwnRoom {
  name: string;
  topic: string;
  /** The topic that was told last. */
  toldTopic: string;
  /** Everything up to here came; undefined before anything is known. */
  received: number | undefined;
  read: number;
  /** What the server knows of these two. */
  stated: { received: number; read: number };
  allHave: number;
  /** Whether it was not positioned since the server told of it. */
  isNew: boolean;
  /** What one said oneself, and not all have. */
  own: { readonly ref: number; readonly sequence: number }[];
}

/** What follows from what the server says of a room. */
export type RoomNews =
  /** The room goes on from here: what was missed has come. */
  | { readonly type: "caught_up"; readonly room: string; readonly last: number }
  /** Everybody has its messages up to here, among them those of `refs`. */
  | {
    readonly type: "received_by_all";
    readonly room: string;
    readonly sequence: number;
    readonly refs: readonly number[];
  }
  /** What a room is about, as one comes in. */
  | RoomTopic;

/** What a room is about; empty: nothing in particular any more. */
export interface RoomTopic {
  readonly type: "room_topic";
  readonly room: string;
  readonly topic: string;
}

/** All rooms that one is in. */
export class RoomBook {
  readonly #rows = new Map<number, Row>();
  /** Whether the next list of rooms is the whole one. */
  #whole = false;
  #outdated = false;
  /** Groups that were made, and the server will tell of right behind. */
  readonly #coming = new Set<string>();

  /**
   * A new connection is made: it tells all rooms first. Where it does not resume
   * a session, handles of the one before may mean nothing until then.
   */
  connected(resumes = true): void {
    this.#whole = true;
    this.#outdated = !resumes;
    this.#coming.clear();
  }

  /** Whether the rooms' handles are to be told anew. */
  get outdated(): boolean {
    return this.#whole && this.#outdated;
  }

  /** Whether the next list of rooms is the whole one. */
  get expectsAll(): boolean {
    return this.#whole;
  }

  /** A group was made: the server tells of it right behind its answer. */
  made(name: string): void {
    if (this.#named(name) === undefined) this.#coming.add(foldName(name));
  }

  /** Whether the server is about to tell of this room. */
  isComing(name: string): boolean {
    return this.#coming.has(foldName(name));
  }

  /** The room of this name; of a direct one it is `@` and the other person's. */
  find(name: string): OwnRoom | undefined {
    return this.#named(name);
  }

  #named(name: string): Row | undefined {
    const key = foldName(name);
    return [...this.#rows.values()].find((row) => foldName(shown(row)) === key);
  }

  /** The rooms that have a name. */
  get named(): readonly OwnRoom[] {
    return [...this.#rows.values()].filter(({ kind }) => kind !== "direct");
  }

  /** Up to where one has each room. */
  get positions(): Position[] {
    return [...this.#rows.values()].flatMap(({ room, received }) =>
      received === undefined ? [] : [{ room, sequence: received }]
    );
  }

  /** Takes what the server says of rooms; gives what follows from it. */
  take(event: ServerEvent): RoomNews[] {
    switch (event.type) {
      case "rooms":
        return this.#list(event.rooms);
      case "moved":
        this.leave(event.left);
        return [];
      case "position": {
        const row = this.#rows.get(event.room);
        if (row === undefined) return [];
        row.received = Math.max(row.received ?? 0, event.sequence);
        if (!row.isNew) return [];
        row.isNew = false;
        const type = "caught_up";
        return [{ type, room: shown(row), last: event.sequence }];
      }
      case "received_by_all": {
        const news = this.#allHave(event.room, event.sequence);
        return news === undefined ? [] : [news];
      }
      case "topic":
      case "set_topic": {
        const row = this.#named(event.room);
        if (row !== undefined) row.topic = event.topic;
      }
    }
    return [];
  }

  /** What the room is about was told. */
  toldTopic(name: string): void {
    const row = this.#named(name);
    if (row !== undefined) row.toldTopic = row.topic;
  }

  /** What is to be told now of what rooms are about. */
  takeTopics(): RoomTopic[] {
    return [...this.#rows.values()].flatMap((row): RoomTopic[] => {
      const { name: room, topic, toldTopic } = row;
      row.toldTopic = topic;
      return topic === toldTopic ? [] : [{ type: "room_topic", room, topic }];
    });
  }

  #list(states: readonly RoomState[]): RoomNews[] {
    const before = new Map(this.#rows);
    if (this.#whole) {
      const told = new Set(states.map(({ room }) => room));
      for (const room of this.#rows.keys()) {
        if (!told.has(room)) this.#rows.delete(room);
      }
      this.#whole = false;
    }
    for (const { room, kind, name, last, ...state } of states) {
      this.#coming.delete(foldName(name));
      const known = before.get(room) ?? sameRoom(before, kind, name);
      // A log that is shorter than what one has is another one.
      const goesOn = known !== undefined && (known.received ?? 0) <= last;
      this.#rows.set(room, {
        room,
        kind,
        name,
        topic: state.topic ?? "",
        toldTopic: known?.toldTopic ?? "",
        received: goesOn ? known.received : undefined,
        read: Math.max(state.read, goesOn ? known.read : 0),
        stated: { received: state.received, read: state.read },
        allHave: state.receivedByAll,
        isNew: true,
        own: goesOn ? known.own : [],
      });
    }
    // Everybody may have got one's own while there was no connection.
    return states.flatMap(({ room, receivedByAll }) =>
      this.#allHave(room, receivedByAll) ?? []
    );
  }

  #allHave(room: number, sequence: number): RoomNews | undefined {
    const row = this.#rows.get(room);
    if (row === undefined) return undefined;
    const before = row.allHave;
    row.allHave = Math.max(before, sequence);
    const refs = row.own.filter((each) => each.sequence <= row.allHave)
      .map(({ ref }) => ref);
    row.own = row.own.filter((each) => each.sequence > row.allHave);
    if (sequence <= before && refs.length === 0) return undefined;
    return { type: "received_by_all", room: shown(row), sequence, refs };
  }

  /**
   * How many messages of each room that has a name came, or were there before,
   * and were seen by nobody, here or with another client.
   */
  get unread(): readonly Unread[] {
    return [...this.#rows.values()].filter(({ kind }) => kind !== "direct")
      .map(({ name, received = 0, read }) => ({
        room: name,
        read,
        count: Math.max(0, received - read),
      }));
  }

  /**
   * Takes a message; false when it was told before. Who said one of one's
   * `own` with another client has seen there what was said before it.
   */
  said({ room, sequence }: Place, own = false): boolean {
    const row = this.#rows.get(room);
    if (row === undefined) return true;
    if (own) row.read = Math.max(row.read, sequence);
    if (sequence <= (row.received ?? 0)) return false;
    row.received = sequence;
    // One's own, which was answered before it came.
    return !row.own.some((own) => own.sequence === sequence);
  }

  /**
   * One's own message, submitted as `ref`, stands there. One that is `repeated`
   * may stand behind others that are still to come.
   */
  stored(
    ref: number,
    { room, sequence }: Place,
    repeated = false,
  ): RoomNews | undefined {
    const row = this.#rows.get(room);
    if (row === undefined) return undefined;
    if (!repeated) {
      row.received = Math.max(row.received ?? 0, sequence);
      row.read = Math.max(row.read, sequence);
    }
    row.own.push({ ref, sequence });
    if (row.own.length > MOST_OWN) row.own.shift();
    // What is repeated may have reached everybody long ago.
    if (sequence > row.allHave) return undefined;
    return this.#allHave(room, row.allHave);
  }

  /** Somebody saw the message that stands there. */
  seen({ room, sequence }: Place): void {
    const row = this.#rows.get(room);
    if (row !== undefined) row.read = Math.max(row.read, sequence);
  }

  /** One is not in the room any more. */
  leave(name: string): void {
    const room = this.find(name);
    if (room !== undefined) this.#rows.delete(room.room);
  }

  /** Whether there is something to tell the server. */
  get owesReceipts(): boolean {
    return [...this.#rows.values()].some((row) => receiptOf(row) !== undefined);
  }

  /** What the server is to be told now of what came and was seen. */
  takeReceipts(): Receipt[] {
    return [...this.#rows.values()].flatMap((row): Receipt[] => {
      const receipt = receiptOf(row);
      if (receipt === undefined) return [];
      const { received, read } = row.stated = receipt;
      return [{ type: "receipt", room: row.room, received, read }];
    });
  }
}

function receiptOf(
  { received, read, stated, isNew }: Row,
): Row["stated"] | undefined {
  // Before its position nobody knows what else is on its way.
  if (received === undefined || isNew) return undefined;
  const seen = Math.min(read, received);
  const news = received > stated.received || seen > stated.read;
  return news ? { received, read: seen } : undefined;
}

/** A room's name; of a direct one `@` and the other person's. */
function shown({ kind, name }: OwnRoom): string {
  return kind === "direct" ? `@${name}` : name;
}

/**
 * A public room goes on where it was also under another handle, as after a
 * restart of a server that nobody with an account was in it.
 */
function sameRoom(
  rows: ReadonlyMap<number, Row>,
  kind: RoomKind,
  name: string,
): Row | undefined {
  if (kind !== "public") return undefined;
  const key = foldName(name);
  return [...rows.values()].find((row) =>
    row.kind === "public" && foldName(row.name) === key
  );
}
