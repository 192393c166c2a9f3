/**
 * What can be looked up: history, words, who and what there is.
 *
 * @module
 */

import {
  type HandleName,
  type HistoryRequest,
  type ListMembersRequest,
  type Name,
  type NamesRequest,
  type RoomReference,
  type SearchRequest,
  type Text,
  textBytes,
} from "../wire/mod.ts";
import type { Core } from "./core.ts";
import { findRoom, maySee, noRoom, type Places } from "./find_room.ts";
import type { Message, PageQuery } from "./log.ts";
import { type Person, present, type Room, type Session } from "./people.ts";
import { roomState, shownTo } from "./records.ts";
import { said } from "./rooms.ts";

/** What queries are made of. */
export interface QueryParts<Peer> extends Places<Peer> {
  readonly core: Core<Peer>;
}

/** All queries. */
export class Queries<Peer> {
  readonly #parts: QueryParts<Peer>;

  constructor(parts: QueryParts<Peer>) {
    this.#parts = parts;
  }

  /**
   * Answers, some time later.
   *
   * @throws {RemoteProtocolError} 404, not fatal.
   */
  history(
    session: Session<Peer>,
    person: Person<Peer>,
    request: HistoryRequest,
  ): void {
    const { core } = this.#parts;
    const room = findRoom(this.#parts, person, request.room);
    const { before, after, since } = request;
    const limit = this.#limit(request.limit);
    const forward = before === undefined &&
      (after !== undefined || since !== undefined);
    // One more than is shown tells whether there is more.
    const query: PageQuery = {
      limit: limit + 1,
      // The log may be ahead of what was shown.
      before: Math.min(before ?? Infinity, room.last + 1),
      ...after !== undefined && { after },
      ...since !== undefined && { since },
    };
    const asked = forward ? withoutBefore(query) : query;
    core.askFor(
      session,
      { kind: "page", stream: room.stream, query: asked },
      (found) => {
        // It may have been left meanwhile.
        if (!maySee(room, person)) throw noRoom(request.room);
        const shown = found.filter(({ sequence }) => sequence <= room.last);
        const messages = fitting(shown, limit, this.#bytes, forward)
          .map((message) => said(room, message, message));
        core.reply(session, {
          type: "history",
          room: shownTo(room, person),
          messages,
          more: messages.length < shown.length,
          receivedByAll: room.receivedByAll,
        });
        return true;
      },
    );
  }

  /**
   * Answers, some time later.
   *
   * @throws {RemoteProtocolError} 404, not fatal.
   */
  search(
    session: Session<Peer>,
    person: Person<Peer>,
    request: SearchRequest,
  ): void {
    const { core, rooms } = this.#parts;
    const where = request.room === undefined
      ? [...person.rooms]
      : [findRoom(this.#parts, person, request.room)];
    const limit = this.#limit(request.limit);
    const { words, before } = request;
    const query = { limit: limit + 1, ...before !== undefined && { before } };
    const streams = where.map(({ stream }) => stream);
    core.askFor(
      session,
      { kind: "search", streams, words, query },
      (found) => {
        const shown = found.flatMap((message): [Room<Peer>, Message][] => {
          const room = rooms.byStream(message.room);
          // It may have been left, or the log be ahead of what was shown.
          return room === undefined || !maySee(room, person) ||
              message.sequence > room.last
            ? []
            : [[room, message]];
        });
        const fit = fitting(
          shown.map(([room, message]) => said(room, message, message)),
          limit,
          this.#bytes,
          false,
        );
        const more = fit.length < shown.length || found.length > limit;
        core.reply(session, { type: "search", messages: fit, more });
        return true;
      },
    );
  }

  #limit(asked = Infinity): number {
    return Math.max(1, Math.min(asked, this.#parts.core.limits.historyPage));
  }

  get #bytes(): number {
    return this.#parts.core.limits.pageBytes;
  }

  /**
   * Who is in a room now.
   *
   * @throws {RemoteProtocolError} 404, not fatal.
   */
  listUsers(
    session: Session<Peer>,
    person: Person<Peer>,
    reference: RoomReference | undefined,
    current: Room<Peer>,
  ): void {
    const room = reference === undefined
      ? current
      : findRoom(this.#parts, person, reference);
    this.#parts.core.reply(session, {
      type: "list_users",
      room: shownTo(room, person),
      users: sortedNames([...present(room)]),
    });
  }

  /** The rooms that somebody may see. */
  listRooms(session: Session<Peer>, person: Person<Peer>): void {
    const { core, rooms } = this.#parts;
    const seen = [...rooms.named].filter((room) => maySee(room, person));
    const { roomsListed: most } = core.limits;
    if (seen.length > most) {
      // Or whoever makes many could hide those that are in use.
      seen.sort((a, b) => b.members.size - a.members.size);
      seen.length = most;
    }
    core.reply(session, { type: "list_rooms", rooms: sortedNames(seen) });
  }

  /**
   * Who belongs to a room.
   *
   * @throws {RemoteProtocolError} 404, not fatal.
   */
  listMembers(
    session: Session<Peer>,
    person: Person<Peer>,
    { room: asked }: ListMembersRequest,
  ): void {
    const room = findRoom(this.#parts, person, asked);
    const members = [...room.members.keys()].sort(byName).map((member) => ({
      user: member.handle,
      name: member.name.shown,
      account: member.account,
      here: member.here,
      ...member.away !== undefined && { away: member.away },
    }));
    this.#parts.core.reply(session, {
      type: "list_members",
      room: shownTo(room, person),
      members,
    });
  }

  /** The rooms that somebody is a member of. */
  listOwnRooms(session: Session<Peer>, person: Person<Peer>): void {
    const rooms = [...person.rooms].map((room) => ({
      ...roomState(room, person),
      created: room.created,
      users: sortedNames([...room.members.keys()]),
    }));
    this.#parts.core.reply(session, { type: "list_own_rooms", rooms });
  }

  /** Every account, and the guests who are here. */
  listPeople(session: Session<Peer>): void {
    const { core, people } = this.#parts;
    const all = [...people.all].filter(({ account, here }) => account || here);
    core.reply(session, { type: "list_people", users: sortedNames(all) });
  }

  /** What handles stand for, as far as somebody may know. */
  names(
    session: Session<Peer>,
    person: Person<Peer>,
    { handles }: NamesRequest,
  ): void {
    const { core, people, rooms } = this.#parts;
    const names = handles.slice(0, core.limits.historyPage).flatMap(
      (handle): HandleName[] => {
        const other = people.byHandle(handle);
        if (other !== undefined) {
          return [{ handle, kind: "user", name: other.name.shown }];
        }
        const room = rooms.byHandle(handle);
        if (room === undefined || !maySee(room, person)) return [];
        return [{ handle, kind: room.kind, name: shownTo(room, person) }];
      },
    );
    core.reply(session, { type: "names", names });
  }
}

/** The oldest that fit into a reply (forward), or the newest. At least one. */
export function fitting<Each extends { readonly text: Text }>(
  messages: readonly Each[],
  limit: number,
  bytes: number,
  forward: boolean,
): Each[] {
  const order = forward ? messages : messages.toReversed();
  let used = 0;
  const fit = order.slice(0, limit).filter(({ text }, index) => {
    used += typeof text === "string" ? textBytes(text) : text.length;
    return index === 0 || used <= bytes;
  });
  return forward ? fit : fit.reverse();
}

function withoutBefore({ before: _, ...query }: PageQuery): PageQuery {
  return query;
}

interface Named {
  readonly name: Name;
}

function byName({ name: a }: Named, { name: b }: Named): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function sortedNames(named: readonly Named[]): string[] {
  return [...named].sort(byName).map(({ name }) => name.shown);
}
