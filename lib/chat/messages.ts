/**
 * A message on its way: from a request to a draft for the log, and from the
 * log's answer to what everybody is told.
 *
 * @module
 */

import {
  checkText,
  parseUsername,
  type PrivateMessageRequest,
  type Request,
  type RoomMessageRequest,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Publication } from "./effects.ts";
import type { Draft, Stored } from "./log.ts";
import {
  directStream,
  type Person,
  Room,
  roomStream,
  type Session,
} from "./people.ts";
import { refusal } from "./replies.ts";

/** A request that says something. */
export type MessageRequest = RoomMessageRequest | PrivateMessageRequest;

/** Whether a request says something. */
export function isMessage(request: Request): request is MessageRequest {
  return request.type === "room_msg" || request.type === "private_msg";
}

/**
 * Who a session is and where.
 *
 * @throws {RemoteProtocolError} 401, not fatal, before its login.
 */
export function loggedIn<Peer>(
  { person, room }: Session<Peer>,
): { readonly person: Person<Peer>; readonly room: Room<Peer> } {
  if (person === undefined || room === undefined) {
    throw refusal(401, "log in first");
  }
  return { person, room };
}

/** A draft and what becomes of it. */
export interface Pending<Peer> {
  readonly draft: Draft;
  readonly author: Session<Peer>;
  /** The room, or the two people. */
  readonly to: Room<Peer> | readonly Person<Peer>[];
  /** What everybody else is told. */
  readonly event: ServerEvent;
}

/** What a draft is made with. */
export interface Surroundings<Peer> {
  /** ms. */
  readonly now: number;
  /** When this run began, ms since 1970. */
  readonly epoch: number;
  /** Who is here under the key of a name. */
  readonly find: (key: string) => Person<Peer> | undefined;
}

/**
 * The draft of what a session says.
 *
 * @throws {RemoteProtocolError} not fatal, when it can't be said: 400, 401,
 * 404, 413.
 */
export function drafted<Peer>(
  author: Session<Peer>,
  request: MessageRequest,
  { now: time, epoch, find }: Surroundings<Peer>,
): Pending<Peer> {
  const { person, room } = loggedIn(author);
  const { text } = request;
  checkText(text);
  const sender = person.name.shown;
  if (request.type === "room_msg") {
    return {
      draft: { room: roomStream(room), sender, text, time },
      author,
      to: room,
      event: { type: "room_msg", room: room.name.shown, sender, text },
    };
  }
  const { shown, key } = parseUsername(request.recipient);
  const other = find(key);
  if (other === undefined) throw refusal(404, `nobody here is called ${shown}`);
  const recipient = other.name.shown;
  return {
    draft: { room: directStream(epoch, person, other), sender, text, time },
    author,
    to: [person, other],
    event: { type: "private_msg_delivery", sender, recipient, text },
  };
}

/** What a batch holds for the members of one room. */
export interface Parcel<Peer> {
  readonly members: Iterable<Session<Peer>>;
  readonly messages: Publication<Peer>[];
}

/** A batch that the log has, room by room. */
export function parcels<Peer>(
  batch: readonly Pending<Peer>[],
  stored: readonly Stored[],
): Iterable<Parcel<Peer>> {
  const byPlace = new Map<Pending<Peer>["to"], Parcel<Peer>>();
  batch.forEach(({ author, to, event }, index) => {
    const { id } = stored[index] as Stored;
    const receipt: ServerEvent = event.type === "room_msg"
      ? { type: "room_msg_ack", id }
      : event;
    const message = { event, author, receipt };
    const parcel = byPlace.get(to);
    if (parcel !== undefined) parcel.messages.push(message);
    else byPlace.set(to, { members: sessionsOf(to), messages: [message] });
  });
  return byPlace.values();
}

function sessionsOf<Peer>(to: Pending<Peer>["to"]): Iterable<Session<Peer>> {
  if (to instanceof Room) return to.members;
  return new Set(to.flatMap(({ sessions }) => [...sessions]));
}
