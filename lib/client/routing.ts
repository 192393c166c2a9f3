/**
 * What is to be done with a request as things stand: whether it can go over this
 * connection, and to which room. Pure.
 *
 * A message MUST NOT be said in another room than the one that its author
 * meant: when the join that leads there fails, it is refused.
 *
 * @module
 */

import {
  foldName,
  type JoinRoomRequest,
  LOBBY,
  type Request,
} from "../wire/mod.ts";
import { type Abilities, hasRooms } from "./abilities.ts";
import {
  type Entry,
  EXPOSED,
  hasPassword,
  nothingWith,
  partner,
  ROOMLESS,
  STAYING,
  type Step,
  UNABLE,
  UNSEALED,
} from "./entries.ts";
import { isLocal, REQUESTS } from "./exchange.ts";
import type { OwnRoom, RoomBook } from "./room_book.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** What a request would go over. */
export interface Route {
  readonly abilities: Abilities;
  /** Whether a password may travel over it. */
  readonly takesPasswords: boolean;
  /** What was sent and has no reply, oldest first. */
  readonly outstanding: readonly Entry[];
}

/** The way of one session's requests. */
export class Routing {
  readonly #book: RoomBook;
  readonly #where: Whereabouts;

  constructor(book: RoomBook, where: Whereabouts) {
    this.#book = book;
    this.#where = where;
  }

  /**
   * What is to be done with a request now; undefined: it has to wait. A join to
   * a room that one is in already is done then.
   */
  step(entry: Entry, route: Route): Step | undefined {
    if (entry.acting) return undefined;
    const { request, place } = entry;
    const refusal = obstacle(entry, route);
    if (refusal !== undefined) return { kind: "refuse", entry, ...refusal };
    const isOpen = entry.secret === true && entry.sealed === undefined;
    if (isOpen || isLocal(request)) return { kind: "act", entry };
    if (request.type === "room_msg" && place.lost !== undefined) {
      return { kind: "refuse", entry, why: place.lost };
    }
    if (!route.abilities.many) return sent(entry, request);
    const named = REQUESTS[request.type].room !== undefined;
    // Handles of an earlier connection may mean nothing on this one.
    if ((named || request.type === "join_room") && this.#book.outdated) {
      return undefined;
    }
    if (request.type === "join_room") return this.#join(entry, request);
    if (!named) return sent(entry, request);
    const { room: asked } = request as { readonly room?: string };
    const own = this.#book.find(asked ?? place.room ?? "");
    return own === undefined
      ? this.#elsewhere(entry, asked, route)
      : inRoom(entry, own, route);
  }

  #join(entry: Entry, request: JoinRoomRequest): Step {
    const known = this.#book.find(request.room);
    if (known === undefined) return sent(entry, request);
    this.#where.moved(entry.place, known.name);
    const { type } = request;
    return { kind: "answer", entry, answer: { type, room: known.name } };
  }

  /** It is about a room that one is not in, or not yet. */
  #elsewhere(
    entry: Entry,
    asked: string | undefined,
    { outstanding }: Route,
  ): Step | undefined {
    const { place } = entry;
    // The server tells of a room right behind its answer to what led there.
    const name = asked ?? place.room ?? "";
    const isHere = place === this.#where.here &&
      foldName(name) === foldName(place.room ?? "");
    if (isHere || this.#book.isComing(name) || makes(outstanding, name)) {
      return undefined;
    }
    const other = partner(asked);
    if (other !== undefined) {
      if (writesTo(outstanding, other)) return undefined;
      return { kind: "refuse", entry, ...nothingWith(other) };
    }
    const lost = asked === undefined ? place.lost : undefined;
    const why = lost ?? `You are in no room called ${name}`;
    return { kind: "refuse", entry, why, hint: "/join it first" };
  }
}

/** Why it can't go over this connection, wherever it leads. */
function obstacle(
  { request, secret }: Entry,
  { abilities, takesPasswords }: Route,
): { readonly why: string; readonly hint: string } | undefined {
  const { requests, sealed } = abilities;
  if (request.type === "room_msg" && !hasRooms(abilities)) return ROOMLESS;
  if (!requests.has(request.type) && !isLocal(request)) return UNABLE;
  if (!takesPasswords && hasPassword(request)) return EXPOSED;
  return secret && !sealed ? UNSEALED : undefined;
}

/** It is about a room that one is in. */
function inRoom(
  entry: Entry,
  { name, room, topic }: OwnRoom,
  { outstanding }: Route,
): Step | undefined {
  const { type } = entry.request;
  if (type === "show_topic") {
    // In its turn: one that was set before may not be answered yet.
    if (outstanding.length > 0) return undefined;
    return { kind: "answer", entry, answer: { type, room: name, topic } };
  }
  const stays = type === "leave_room" && foldName(name) === foldName(LOBBY);
  if (stays) return { kind: "refuse", entry, ...STAYING };
  return sent(entry, { ...entry.request, room });
}

function sent(entry: Entry, request: object): Step {
  return { kind: "send", entry, request: request as Request };
}

/** Whether a group of this name is being made. */
function makes(outstanding: readonly Entry[], name: string): boolean {
  const key = foldName(name);
  return outstanding.some(({ request }) =>
    request.type === "make_group" && foldName(request.room) === key
  );
}

/** Whether a message to somebody is on its way, perhaps the first. */
function writesTo(outstanding: readonly Entry[], user: string): boolean {
  const key = foldName(user);
  return outstanding.some(({ request }) =>
    request.type === "private_msg" && foldName(request.recipient) === key
  );
}
