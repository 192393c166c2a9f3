/**
 * How clients behave on a wire: what they ask for an action of the
 * conversation, what they send by themselves, and what they make of events.
 *
 * @module
 */

import { type BasicRequest, LOBBY, type Request } from "../wire/mod.ts";
import type { Place, ServerEvent } from "../wire/mod.ts";
import { LazyReceipts } from "./lazy_receipts.ts";
import { type BenchEvent, roomLabel } from "./stated.ts";

/** One client's. Times are those of the conversation's clock, ms. */
export interface Manners {
  /** What is sent for an action, together. */
  requests(action: BasicRequest): readonly Request[];
  /** What is sent by itself now; a client that goes sends it too. */
  due(): readonly Request[];
  /** When {@link due} has to be sent at the latest. */
  readonly deadline: number;
  /** When a keepalive has to be sent, if nothing else is until then. */
  readonly keepalive: number;
  /** Something was sent. */
  sent(now: number): void;
  /** What one calls a room, by its handle. */
  room(handle: number): string;
  /** What came. */
  events(event: ServerEvent, now: number): readonly BenchEvent[];
}

/** On JSON and ChatProto 1.0 there is nothing to it. */
export class PlainManners implements Manners {
  readonly deadline = Infinity;
  readonly keepalive = Infinity;

  requests(action: BasicRequest): readonly Request[] {
    return [action];
  }

  due(): readonly Request[] {
    return [];
  }

  sent(): void {}

  room(handle: number): string {
    return `#${handle}`;
  }

  events(event: ServerEvent): readonly BenchEvent[] {
    // What is told by handles these wires don't carry.
    return [event as BenchEvent];
  }
}

/**
 * Where people meet who are in the conversation's lobby: on ChatProto 2 nobody
 * leaves the real one, and everybody in it would hear everything.
 */
export const COMMONS = "commons";

/** The room that stands for one of the conversation. */
export function meetingRoom(room: string): string {
  return room === LOBBY ? COMMONS : room;
}

/** How long a client may be silent, ms. */
const SILENCE = 10_000;

/** On ChatProto 2 (docs/chatproto2.md). */
export class StreamManners implements Manners {
  readonly #receipts = new LazyReceipts();
  /** Rooms by their handles, handles by the rooms. */
  readonly #names = new Map<number, string>();
  readonly #handles = new Map<string, number>();
  #name = "";
  #room = "";
  #sent = Infinity;

  get deadline(): number {
    return this.#receipts.deadline;
  }

  get keepalive(): number {
    return this.#sent + SILENCE;
  }

  sent(now: number): void {
    this.#sent = now;
  }

  requests(action: BasicRequest): readonly Request[] {
    return [...this.due(), ...this.#asked(action)];
  }

  due(): readonly Request[] {
    // Somebody looks at the screen: what is received is read.
    return this.#receipts.take().map(({ room, sequence }) => ({
      type: "receipt",
      room,
      received: sequence,
      read: sequence,
    }));
  }

  #asked(action: BasicRequest): readonly Request[] {
    switch (action.type) {
      case "login":
        this.#name = action.username;
        this.#room = COMMONS;
        return [
          { ...action, keep: true },
          { type: "join_room", room: COMMONS },
        ];
      case "join_room": {
        const room = meetingRoom(action.room);
        const left = this.#handle();
        if (room === this.#room) return [{ type: "join_room", room }];
        this.#room = room;
        return [
          { type: "join_room", room },
          { type: "leave_room", room: left },
        ];
      }
      case "room_msg":
      case "list_users":
        return [{ ...action, room: this.#handle() }];
    }
    return [action];
  }

  #handle(): number {
    return this.#handles.get(this.#room) ?? 0;
  }

  events(event: ServerEvent, now: number): readonly BenchEvent[] {
    switch (event.type) {
      case "login_ack":
        return [{
          type: event.type,
          username: event.username,
          room: event.room,
        }];
      case "room_msg":
      case "private_msg_delivery": {
        const { place, ...told } = event;
        if (told.sender !== this.#name) this.#receive(place, now);
        else this.#stored(place);
        return [told];
      }
      case "room_msg_ack":
        this.#stored(event.place);
        return [{ type: event.type, id: event.place?.sequence ?? 0 }];
      case "rooms":
        return event.rooms.map(({ room, ...state }) => {
          const label = roomLabel(state.kind, state.name);
          this.#names.set(room, label);
          this.#handles.set(label, room);
          return { type: event.type, ...state };
        });
      case "presence": {
        const { type, room, user, here } = event;
        return [{ type, room, user, here }];
      }
      case "position": {
        const { type, room, sequence } = event;
        return [{ type, room: this.room(room), sequence }];
      }
      case "received_by_all": {
        const { type, room, sequence, behind = 0 } = event;
        return [{ type, room: this.room(room), sequence, behind }];
      }
    }
    return [event];
  }

  room(handle: number): string {
    return this.#names.get(handle) ?? `#${handle}`;
  }

  #stored(place: Place | undefined): void {
    if (place !== undefined) this.#receipts.stored(place);
  }

  #receive(place: Place | undefined, now: number): void {
    if (place !== undefined) this.#receipts.receive(place, now);
  }
}
