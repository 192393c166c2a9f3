/**
 * What a client asks by itself: which rooms it is in, and what is missing in
 * them.
 *
 * After a login the rooms are asked for, and again when there is a new one of
 * which more is to be known: not for that of two people which begins. What is
 * missing in a room for six seconds (by then the server has given us up) is
 * fetched from its history.
 *
 * @module
 */

import type { RoomState, ServerEvent } from "../events.ts";
import { readAnswer, readGroups, readPage } from "./client_bodies.ts";
import type { ClientRoom, FirstHeard, Reader } from "./client_room.ts";
import type { ClientRooms } from "./client_rooms.ts";
import type { DatagramBody } from "./datagram.ts";

/** Somebody waits for an ACK. */
export type Acknowledged = (body: DatagramBody, now: number) => void;

/** Who does what is wanted. */
export interface Asker {
  readonly ask: (
    body: DatagramBody,
    now: number,
    answered: Acknowledged,
  ) => void;
  readonly tell: (event: ServerEvent) => void;
}

/** How long something may be missing in a room before it is fetched, ms. */
const GAP = 6_000;

/** Messages that are fetched at once. */
const PAGE = 500;

/** The rest before rooms are asked for again, if that was refused, ms. */
const REST = 1_000;

/** Something that is missing in a room. */
interface Gap {
  /** When to fetch it, ms. */
  readonly at: number;
  fetching: boolean;
}

/** One connection's. */
export class CatchUp {
  readonly #rooms: ClientRooms;
  readonly #asker: Asker;
  /** Rooms are being asked for. */
  #listing = false;
  /** They are there, and the server has not told of them. */
  readonly #heardOf = new Set<ClientRoom>();
  /** All rooms were told. */
  #listed = false;
  /** When to ask for rooms again. */
  #listAt = Infinity;
  readonly #gaps = new Map<ClientRoom, Gap>();

  constructor(rooms: ClientRooms, asker: Asker) {
    this.#rooms = rooms;
    this.#asker = asker;
  }

  /** When to `wake`, ms, or Infinity. */
  get nextWake(): number {
    let next = this.#listAt;
    for (const { at, fetching } of this.#gaps.values()) {
      if (!fetching) next = Math.min(next, at);
    }
    return next;
  }

  /** Does what is due. */
  wake(now: number): void {
    if (now >= this.#listAt) this.list(now);
    for (const [room, gap] of this.#gaps) {
      if (!gap.fetching && now >= gap.at) this.#fetch(room, gap, now);
    }
  }

  /**
   * There is such a room, and perhaps something was `said` in it: the server is
   * to tell of it, if it did not.
   */
  hearOf(room: ClientRoom, now: number, said?: FirstHeard): void {
    if (room.listed) return;
    // A list that was made before it was there says nothing of it.
    room.absent = false;
    if (this.#listed && said !== undefined && room.beginsWith(said)) {
      return this.#asker.tell({ type: "rooms", rooms: [room.begin()] });
    }
    this.#heardOf.add(room);
    this.list(now);
  }

  /** Asks which rooms there are, if that is not being asked. */
  list(now: number): void {
    this.#listAt = Infinity;
    if (this.#listing) return;
    this.#listing = true;
    const { username } = this.#rooms;
    this.#asker.ask({ type: "GRP_HST", username }, now, (body, now) => {
      this.#listing = false;
      const answer = readAnswer(body);
      if (answer.status === 200) this.#take(answer.response, now);
      else this.#listAt = now + REST;
    });
  }

  #take(response: unknown, now: number): void {
    const news = readGroups(response).flatMap((group): RoomState[] => {
      const room = this.#rooms.ofGroup(group.name);
      return room.listed ? [] : [room.list(group)];
    });
    if (news.length > 0 || !this.#listed) {
      this.#asker.tell({ type: "rooms", rooms: news });
    }
    this.#listed = true;
    for (const { room } of news) this.#askForMissed(room, now);
    // A room may have come into being since the list was made: once more.
    const isNewer = [...this.#heardOf].some(({ listed }) => !listed);
    this.#heardOf.clear();
    if (isNewer) return this.list(now);
    for (const room of this.#rooms.all) room.absent = !room.listed;
  }

  /** Fetches what was missed, where the server does not bring it. */
  #askForMissed(handle: number, now: number): void {
    const room = this.#rooms.find(handle);
    const newest = room?.newest;
    if (room === undefined || room.counted || newest === undefined) return;
    this.#askForPage(room, {}, now, (response, reader) => {
      if (response === undefined) return;
      for (const missed of readPage(response)) {
        if (missed.id > newest) room.missed(missed, reader);
      }
    });
  }

  /** Looks what is missing now. */
  watch(now: number): void {
    for (const room of this.#rooms.all) {
      if (room.gap === undefined) this.#gaps.delete(room);
      else if (!this.#gaps.has(room)) {
        this.#gaps.set(room, { at: now + GAP, fetching: false });
      }
    }
  }

  #fetch(room: ClientRoom, gap: Gap, now: number): void {
    const missing = room.gap;
    if (missing === undefined) return;
    const { after, before } = missing;
    gap.fetching = true;
    const limit = Math.min(PAGE, before - after - 1);
    this.#askForPage(room, { before, limit }, now, (response, reader) => {
      this.#gaps.delete(room);
      if (response !== undefined) room.fill(readPage(response), before, reader);
    });
  }

  /** `take`: gets undefined where the server refuses. */
  #askForPage(
    { group }: ClientRoom,
    which: DatagramBody,
    now: number,
    take: (response: unknown, reader: Reader) => void,
  ): void {
    const { username } = this.#rooms;
    const body = { type: "MSG_HST", group, username, ...which };
    this.#asker.ask(body, now, (body, now) => {
      const { status, response } = readAnswer(body);
      take(status === 200 ? response : undefined, { username, now });
    });
  }
}
