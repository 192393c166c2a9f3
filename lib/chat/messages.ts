/**
 * A message on its way: from a request to a draft for the log, and from the
 * log's answer to what everybody is told.
 *
 * @module
 */

import {
  checkText,
  NO_ROOM,
  type PrivateMessageRequest,
  refusal,
  type Request,
  type RoomMessageRequest,
  type Said,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Publication } from "./effects.ts";
import type { Draft, Message, Stored } from "./log.ts";
import type { Person, Room, Session } from "./people.ts";
import { said } from "./rooms.ts";

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
  readonly request: MessageRequest;
  readonly author: Session<Peer>;
  readonly room: Room<Peer>;
}

/**
 * The draft of what a session says in a room it has a seat in. `time`: ms.
 *
 * @throws {RemoteProtocolError} 413, 400, not fatal: this is no text.
 */
export function drafted<Peer>(
  author: Session<Peer>,
  person: Person<Peer>,
  room: Room<Peer>,
  request: MessageRequest,
  time: number,
): Pending<Peer> {
  const { text, sent } = request;
  checkText(text);
  const draft = {
    room: room.stream,
    sender: person.name.shown,
    person: person.handle,
    text,
    time,
    ...sent !== undefined && { sent },
    ...identity(author, person, request),
  };
  return { draft, request, author, room };
}

/** By what a message is known that is said again. */
function identity<Peer>(
  { kept }: Session<Peer>,
  { handle }: Person<Peer>,
  { ref, idempotencyKey }: MessageRequest,
): Pick<Draft, "session" | "ref"> | undefined {
  if (idempotencyKey !== undefined) {
    return { session: ownKey(handle, idempotencyKey), ref: 0 };
  }
  if (ref === undefined || kept === undefined) return undefined;
  return { session: kept.key, ref };
}

/** What somebody does under a key: no other person's, no session's. */
export function ownKey(person: number, idempotencyKey: string): string {
  return `${person}:${idempotencyKey}`;
}

/** What a batch holds for the listeners of one room. */
export interface Parcel<Peer> {
  readonly room: Room<Peer>;
  readonly messages: Spoken<Peer>[];
}

/** A message; without `event` the log had it before. */
export interface Spoken<Peer> extends Publication<Peer> {
  readonly event?: Said;
}

/**
 * What is told of a batch that the log has, room by room. `find`: the room of a
 * stream.
 */
export function parcels<Peer>(
  batch: readonly Pending<Peer>[],
  stored: readonly Stored[],
  find: (stream: string) => Room<Peer> | undefined,
): Iterable<Parcel<Peer>> {
  const byRoom = new Map<Room<Peer>, Parcel<Peer>>();
  batch.forEach(({ author, room, draft, request }, index) => {
    const place = stored[index] as Stored;
    const { repeated } = place;
    let message: Spoken<Peer>;
    if (repeated === undefined) {
      const pause = step(room, draft.time);
      const event = said(room, draft, place, pause);
      message = { author, receipt: receiptOf(event), event };
    } else {
      // It may have been meant for another room this time.
      const { id, sequence } = place;
      const first = { ...draft, id, sequence, ...repeated };
      const receipt = repetition(find(repeated.room), first, request);
      message = { author, receipt };
    }
    const parcel = byRoom.get(room);
    if (parcel !== undefined) parcel.messages.push(message);
    else byRoom.set(room, { room, messages: [message] });
  });
  return byRoom.values();
}

/** Takes a room's stream on to a time, ms; answers how far, s. */
function step<Peer>(room: Room<Peer>, time: number): number {
  const second = Math.max(room.second, Math.floor(time / 1000));
  const pause = second - room.second;
  room.second = second;
  return pause;
}

/** What its author is told of a message that everybody else is shown. */
function receiptOf(event: Said): ServerEvent {
  if (event.type !== "room_msg") return event;
  const { place } = event;
  return place === undefined
    ? { type: "room_msg_ack", id: 0 }
    : { type: "room_msg_ack", id: place.id, place };
}

/**
 * What its author is told of a message that was stored before. `room`: where
 * that was; undefined when there is no such room any more.
 */
export function repetition<Peer>(
  room: Room<Peer> | undefined,
  first: Omit<Message, "room">,
  request: MessageRequest,
): ServerEvent {
  const repeated = true;
  if (room !== undefined) {
    return { ...receiptOf(said(room, first, first)), repeated } as ServerEvent;
  }
  const { id, sequence, time, sender, text, person } = first;
  const author = person === undefined ? {} : { sender: person };
  const place = { id, room: NO_ROOM, sequence, time, ...author };
  if (request.type === "room_msg") {
    return { type: "room_msg_ack", id, place, repeated };
  }
  const { recipient } = request;
  const type = "private_msg_delivery";
  return { type, sender, recipient, text, place, repeated };
}
