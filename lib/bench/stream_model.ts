/**
 * What a chat owes its people on ChatProto 2, by docs/chatproto2.md: what
 * `chat_model.ts` says, and besides who is told which rooms, positions and
 * receipts, and when.
 *
 * @module
 */

import { LOBBY, type RoomKind } from "../wire/mod.ts";
import { ChatModel, type Due } from "./chat_model.ts";
import { COMMONS, meetingRoom } from "./manners.ts";
import { type BenchEvent, roomLabel } from "./stated.ts";
import { confirmed, everybodyHas, type Stream } from "./stream.ts";
import type { Step } from "./workload.ts";

/** How long the server collects receipts, ms. */
const PAUSE = 1_000;

/** After how long it tells them together with a message, ms. */
const RIPE = 500;

/** The server states a room's position each time so many were said. */
const STRIDE = 128;

/** Who is owed what. */
export class StreamModel {
  readonly #users: readonly string[];
  readonly #chat: ChatModel;
  readonly #streams = new Map<string, Stream>();
  /** Rooms in which somebody moved or left, and since when, in order. */
  readonly #changed = new Map<string, number>();

  /** `users`: names, by index. */
  constructor(users: readonly string[]) {
    this.#users = users;
    this.#chat = new ChatModel(users, COMMONS);
  }

  /** When the server tells what everybody has; Infinity: not before more. */
  get next(): number {
    const [since = Infinity] = this.#changed.values();
    return since + PAUSE;
  }

  /** Does a step; answers what everybody is due for it. */
  apply(step: Step): readonly Due[] {
    const { user, action, time } = step;
    switch (action.type) {
      case "login":
        return this.#login(step);
      case "join_room":
        return this.#join(user, meetingRoom(action.room), step);
      case "list_rooms": {
        const open = [...this.#streams].filter(([, { kind, members }]) =>
          kind === "public" && members.size > 0
        );
        const rooms = open.map(([name]) => name);
        return [notice(user, { type: action.type, rooms })];
      }
      case "room_msg": {
        return this.#said(step, this.#chat.roomOf(user) ?? "");
      }
      case "private_msg": {
        const other = this.#users.indexOf(action.recipient);
        const opened = this.#meet(user, other);
        return [...opened, ...this.#said(step, this.#direct(user, other))];
      }
      case "quit": {
        const due = this.#presence(this.#chat.apply(step));
        for (const stream of this.#streams.values()) {
          stream.listeners.delete(user);
        }
        return [...due, ...this.#announce(LOBBY, user, false)];
      }
    }
    return this.#chat.apply({ user, action, time });
  }

  /** A client states what it has. `room`: as it calls it. */
  receive(user: number, room: string, sequence: number, now: number): void {
    const key = room.startsWith("@")
      ? this.#direct(user, this.#users.indexOf(room.slice(1)))
      : room;
    const members = this.#streams.get(key)?.members;
    if (members === undefined) return;
    if ((members.get(user) ?? Infinity) >= sequence) return;
    members.set(user, sequence);
    this.#change(key, now);
  }

  /** Time has come to {@link next}; answers what everybody is due. */
  wake(now: number): readonly Due[] {
    return [...this.#changed].flatMap(([key]) => this.#ripe(key, now));
  }

  /** What everybody has of a room, if it is time to tell. */
  #ripe(key: string, now: number): readonly Due[] {
    if (now < (this.#changed.get(key) ?? Infinity) + RIPE) return [];
    this.#changed.delete(key);
    const stream = this.#stream(key);
    const least = everybodyHas(stream);
    if (least <= stream.receivedByAll) return [];
    stream.receivedByAll = least;
    return confirmed(stream).map((user) => this.#received(user, key));
  }

  // ---- rooms

  #login({ user, time }: Step): Due[] {
    const username = this.#users[user] as string;
    const action = { type: "login", username } as const;
    const [, ...entered] = this.#chat.apply({ user, time, action });
    return [
      notice(user, { type: "login_ack", username, room: LOBBY }),
      ...this.#announce(LOBBY, user, true),
      ...this.#enter(user, LOBBY),
      notice(user, { type: "join_room", room: COMMONS }),
      ...this.#presence(entered),
      ...this.#enter(user, COMMONS),
    ];
  }

  #join(user: number, room: string, { time }: Step): Due[] {
    const old = this.#chat.roomOf(user) ?? "";
    const action = { type: "join_room", room } as const;
    const due = this.#presence(this.#chat.apply({ user, time, action }));
    if (room === old) return due;
    due.push(...this.#enter(user, room));
    this.#leave(user, old, time);
    return [...due, notice(user, { type: "leave_room", room: old })];
  }

  #leave(user: number, room: string, now: number): void {
    const { members, listeners } = this.#stream(room);
    members.delete(user);
    listeners.delete(user);
    this.#change(room, now);
  }

  /** Somebody becomes a member, is told the room and follows it. */
  #enter(user: number, key: string, kind: RoomKind = "public"): Due[] {
    const stream = this.#stream(key, kind);
    const { last, members, listeners } = stream;
    // Nobody needed it until now: what was said in it everybody has.
    if (members.size === 0) {
      stream.receivedByAll = last;
      stream.sayings.clear();
    }
    members.set(user, last);
    listeners.add(user);
    const label = this.#label(user, key);
    const name = kind === "direct" ? label.slice(1) : label;
    const { receivedByAll } = stream;
    const state = {
      kind,
      name,
      last,
      received: last,
      read: last,
      receivedByAll,
    };
    const due = [
      notice(user, { type: "rooms", ...state }),
      notice(user, { type: "position", room: label, sequence: last }),
    ];
    if (receivedByAll > 0) due.push(this.#received(user, key));
    return due;
  }

  /** Two people who have not talked to each other yet get a room. */
  #meet(one: number, other: number): Due[] {
    const key = this.#direct(one, other);
    if (this.#streams.has(key)) return [];
    return [one, other].flatMap((user) => this.#enter(user, key, "direct"));
  }

  // ---- streams

  /** A message is in a room's stream. */
  #said(step: Step, room: string): Due[] {
    const received = this.#ripe(room, step.time);
    const stream = this.#stream(room);
    stream.last++;
    const { last } = stream;
    const known = stream.sayings.get(step.user);
    const row = known?.last === last - 1 ? known.row : last;
    const first = Math.min(known?.first ?? last, last);
    stream.sayings.set(step.user, { first, last, row });
    this.#change(room, step.time);
    return [...received, ...this.#chat.apply(step), ...this.#stride(room)];
  }

  #stride(key: string): Due[] {
    const { last, listeners } = this.#stream(key);
    if (last % STRIDE > 0) return [];
    return [...listeners].map((user) =>
      notice(user, {
        type: "position",
        room: this.#label(user, key),
        sequence: last,
      })
    );
  }

  #change(room: string, now: number): void {
    // Nobody is left who could be told.
    if (this.#stream(room).members.size === 0) this.#changed.delete(room);
    else if (!this.#changed.has(room)) this.#changed.set(room, now);
  }

  #received(user: number, key: string): Due {
    const { last, receivedByAll } = this.#stream(key);
    return notice(user, {
      type: "received_by_all",
      room: this.#label(user, key),
      sequence: receivedByAll,
      behind: last - receivedByAll,
    });
  }

  /** Who is in a room learns who comes and goes. */
  #announce(room: string, user: number, here: boolean): Due[] {
    const name = this.#users[user] as string;
    return [...this.#streams.get(room)?.listeners ?? []]
      .map((each) =>
        notice(each, { type: "presence", room, user: name, here })
      );
  }

  /** The same out of what the other wires are told. */
  #presence(due: readonly Due[]): Due[] {
    return due.map((each) => {
      if (each.event.type !== "system_msg") return each;
      const [user = "", what, ...words] = each.event.text.split(" ");
      const [room, here] = [words.join(" "), what === "joined"];
      return { ...each, event: { type: "presence", room, user, here } };
    });
  }

  #direct(one: number, other: number): string {
    return `@${Math.min(one, other)} ${Math.max(one, other)}`;
  }

  /** What `user` calls a room. */
  #label(user: number, key: string): string {
    const stream = this.#stream(key);
    if (stream.kind !== "direct") return key;
    const other = key.slice(1).split(" ").map(Number).find((each) =>
      each !== user
    );
    return roomLabel("direct", this.#users[other ?? user] as string);
  }

  #stream(key: string, kind: RoomKind = "public"): Stream {
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      stream = {
        kind,
        last: 0,
        receivedByAll: 0,
        members: new Map(),
        sayings: new Map(),
        listeners: new Set(),
      };
      this.#streams.set(key, stream);
    }
    return stream;
  }
}

function notice(receiver: number, event: BenchEvent): Due {
  return { kind: "notice", receiver, event };
}
