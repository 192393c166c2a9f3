/**
 * What a chat owes its people, by docs/chatproto.md alone: who is where, and
 * who is due which event after each step. The player holds the real server
 * against it; the conversation uses it to know who is within earshot.
 *
 * @module
 */

import { type BasicRequest, LOBBY } from "../wire/mod.ts";
import type { BenchEvent } from "./stated.ts";
import type { Step } from "./workload.ts";

/** Why somebody is due an event. */
export type DueKind =
  /** A message of somebody else. */
  | "delivery"
  /** The proof for a message's author that it was taken. */
  | "receipt"
  /** Any other reply, and who came and went. */
  | "notice";

/** One event that one person must get. */
export interface Due {
  readonly kind: DueKind;
  /** Who, as an index into the conversation's users. */
  readonly receiver: number;
  /** The message's number, in the order sent; undefined for a notice. */
  readonly message?: number;
  /** What must come; see {@link isDue} for what is compared. */
  readonly event: BenchEvent;
  /** The conversation goes on before it has come, but does not end. */
  readonly later?: true;
}

/** Says who is due what. Times are those of the conversation's clock, ms. */
export interface DueModel {
  /** Does a step. */
  apply(step: Step): readonly Due[];
  /** A client says up to where it has a room. */
  receive?(user: number, room: string, sequence: number, now: number): void;
  /** When the server tells something by itself; Infinity: not before more. */
  readonly next?: number;
  /** That time has come. */
  wake?(now: number): readonly Due[];
  /** What one is due who asks for what waits; absent where nobody has to. */
  asked?(user: number): readonly Due[];
}

/** Whether `event` is what was due. */
export function isDue(due: BenchEvent, event: BenchEvent): boolean {
  switch (due.type) {
    case "room_msg_ack":
      // Which id it gets is the log's to say, if the wire carries ids.
      return event.type === "room_msg_ack" && event.id > 0;
    case "list_users":
      return event.type === "list_users" && event.room === due.room &&
        sameNames(event.users, due.users);
    case "list_rooms":
      return event.type === "list_rooms" && sameNames(event.rooms, due.rooms);
    default:
      return JSON.stringify(due) === JSON.stringify(event);
  }
}

function sameNames(some: readonly string[], others: readonly string[]) {
  return some.length === others.length &&
    some.toSorted().join("\n") === others.toSorted().join("\n");
}

/** Who is where. */
export class ChatModel {
  readonly #users: readonly string[];
  readonly #lobby: string;
  readonly #rooms: Map<string, Set<number>>;
  readonly #where: (string | undefined)[] = [];
  #messages = 0;

  /** `users`: names, by index; `lobby`: the room that everybody begins in. */
  constructor(users: readonly string[], lobby: string = LOBBY) {
    this.#users = users;
    this.#lobby = lobby;
    this.#rooms = new Map([[lobby, new Set()]]);
  }

  /** The room somebody is in, or undefined when not logged in. */
  roomOf(user: number): string | undefined {
    return this.#where[user];
  }

  /** Who is in the same room, without `user`. */
  company(user: number): readonly number[] {
    const room = this.#where[user];
    if (room === undefined) return [];
    return [...this.#rooms.get(room) ?? []].filter((other) => other !== user);
  }

  /** Does a step; answers what everybody is due for it. */
  apply({ user, action }: Step): readonly Due[] {
    if (action.type === "quit") return this.#leave(user);
    return this.#answer(user, action);
  }

  #answer(user: number, request: BasicRequest): readonly Due[] {
    const sender = this.#users[user] as string;
    const room = this.#where[user] ?? this.#lobby;
    const notice = (event: BenchEvent): Due[] => [
      { kind: "notice", receiver: user, event },
    ];
    switch (request.type) {
      case "login":
        return [
          ...notice({ type: "login_ack", username: sender, room: this.#lobby }),
          ...this.#enter(user, this.#lobby),
        ];
      case "join_room":
        if (request.room === room) return notice({ type: "join_room", room });
        return [
          ...notice({ type: "join_room", room: request.room }),
          ...this.#leave(user),
          ...this.#enter(user, request.room),
        ];
      case "list_users": {
        const inside = [...this.#rooms.get(room) ?? []];
        const users = inside.map((each) => this.#users[each] as string);
        return notice({ type: "list_users", room, users });
      }
      case "list_rooms":
        return notice({ type: "list_rooms", rooms: [...this.#rooms.keys()] });
      case "room_msg":
        return this.#message(
          user,
          { type: "room_msg_ack", id: 1 },
          this.company(user),
          { type: "room_msg", room, sender, text: request.text },
        );
      case "private_msg": {
        const { recipient, text } = request;
        const event: BenchEvent = {
          type: "private_msg_delivery",
          sender,
          recipient,
          text,
        };
        const receiver = this.#users.indexOf(recipient);
        return this.#message(user, event, [receiver], event);
      }
    }
  }

  #message(
    author: number,
    receipt: BenchEvent,
    receivers: readonly number[],
    event: BenchEvent,
  ): Due[] {
    const message = this.#messages++;
    return [
      { kind: "receipt", receiver: author, message, event: receipt },
      ...receivers.map((receiver): Due => ({
        kind: "delivery",
        receiver,
        message,
        event,
      })),
    ];
  }

  #announce(user: number, what: "joined" | "left", room: string): Due[] {
    const text = `${this.#users[user]} ${what} ${room}`;
    return this.company(user).map((receiver) => ({
      kind: "notice",
      receiver,
      event: { type: "system_msg", text },
    }));
  }

  #enter(user: number, room: string): Due[] {
    const inside = this.#rooms.get(room) ?? new Set();
    this.#rooms.set(room, inside.add(user));
    this.#where[user] = room;
    return this.#announce(user, "joined", room);
  }

  #leave(user: number): Due[] {
    const room = this.#where[user];
    if (room === undefined) return [];
    const due = this.#announce(user, "left", room);
    const inside = this.#rooms.get(room);
    inside?.delete(user);
    if (inside?.size === 0 && room !== this.#lobby) this.#rooms.delete(room);
    this.#where[user] = undefined;
    return due;
  }
}
