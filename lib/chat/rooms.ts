/**
 * The rooms there are, and what they show of their past.
 *
 * A room comes into being when somebody wants in. It can be entered once the
 * log has told its newest messages, so that live ones follow them without a
 * gap, and it vanishes when nobody is in it, on the way in, or still to be
 * heard; the lobby stays.
 *
 * @module
 */

import {
  LOBBY,
  type Name,
  parseRoomName,
  type ServerEvent,
} from "../wire/mod.ts";
import type { Recall } from "./effects.ts";
import type { Message } from "./log.ts";
import { Room, roomStream } from "./people.ts";

/** All rooms of a hub. */
export class Rooms<Peer> {
  /** The room everybody starts in. */
  readonly lobby: Room<Peer>;
  readonly #rooms = new Map<string, Room<Peer>>();
  readonly #limit: number;
  readonly #recall: (recall: Recall<Peer>) => void;

  /** `limit`: messages that a room shows; `recall`: asks the log for them. */
  constructor(limit: number, recall: (recall: Recall<Peer>) => void) {
    this.#limit = limit;
    this.#recall = recall;
    this.lobby = this.open(parseRoomName(LOBBY));
  }

  /** Every room there is. */
  get all(): Iterable<Room<Peer>> {
    return this.#rooms.values();
  }

  /** The room of that name, which comes into being if need be. */
  open(name: Name): Room<Peer> {
    const known = this.#rooms.get(name.key);
    if (known !== undefined) return known;
    const room = new Room<Peer>(name);
    this.#rooms.set(name.key, room);
    this.#recall({ room, stream: roomStream(room), limit: this.#limit });
    return room;
  }

  /** Takes what the log said: from now on the room can be entered. */
  remember(room: Room<Peer>, messages: readonly Message[]): void {
    room.tail = messages.map(({ sender, text }) => ({
      type: "room_msg",
      room: room.name.shown,
      sender,
      text,
      history: true,
    }));
  }

  /** Adds a message to what the room shows of its past. */
  keep({ tail }: Room<Peer>, event: ServerEvent): void {
    if (tail === undefined || event.type !== "room_msg") return;
    tail.push({ ...event, history: true });
    if (tail.length > this.#limit) tail.shift();
  }

  /** Lets a room go that nobody needs. */
  vanish(room: Room<Peer>): void {
    const { members, inFlight, awaiting } = room;
    if (members.size + inFlight + awaiting.size > 0) return;
    if (room !== this.lobby) this.#rooms.delete(room.name.key);
  }
}
