/**
 * What is pushed to one address, from its login on (docs/udpchat.md, "Pushes").
 *
 * - A room's messages are pushed in its order, and counted as received up to the
 *   oldest that is not acknowledged.
 * - MSG_RBA is pushed for each message that was, when everybody has it.
 * - GRP_SUB is pushed for each room that becomes one's own after the login.
 *
 * @module
 */

import type { RoomState, RoomStates, Said, ServerEvent } from "../events.ts";
import type { Receipt } from "../requests.ts";
import { DATAGRAM_LIMITS, encodeBody } from "./datagram.ts";
import { FollowedRoom, type PushedMessage } from "./followed_room.ts";
import { groupOfRoom, groupOfTwo, roomOfGroup } from "./group_names.ts";
import type { KeptLogin } from "./kept_logins.ts";
import { cutPushes, type Pushed, pushOf } from "./pushes.ts";
import { firstThatFit } from "./server_requests.ts";
import type { Open } from "./visit.ts";

/** Says something reliably; answers its SEQN. */
export type Say = (body: Uint8Array, now: number) => number;

/** Something that is not acknowledged. */
interface Push {
  /** 1, 2, 3 … */
  readonly number: number;
  readonly body: Uint8Array;
  readonly message?: PushedMessage;
  readonly room?: number;
}

/** All pushes to one address. */
export class ServerPushes {
  readonly #say: Say;
  readonly #login: KeptLogin;
  /** On their way, by SEQN. */
  readonly #sent = new Map<number, Push>();
  /** They wait until the address is proven. */
  #held: Push[] | undefined;
  #heldBytes = 0;
  #number = 0;
  /** Rooms that became one's own before this are not told. */
  #greeted: boolean;
  /** Who is in a group that one is told of next, by its name. */
  readonly #members = new Map<string, Members>();
  /** Rooms of which something has arrived. */
  readonly #moved = new Set<number>();

  /** `proven`: whether the address is known to be its peer's own. */
  constructor(say: Say, login: KeptLogin, proven: boolean) {
    this.#say = say;
    this.#login = login;
    this.#greeted = login.rooms.size > 0;
    if (!proven) this.#held = [];
  }

  /** The number of the last that was made. */
  get last(): number {
    return this.#number;
  }

  /** All up to this number are acknowledged. */
  get settled(): number {
    const [first = this.#held?.[0]] = this.#sent.values();
    return (first?.number ?? this.#number + 1) - 1;
  }

  /** Bytes that are not even said. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The ACK of something we said has come. */
  acknowledged(seqn: number): void {
    const push = this.#sent.get(seqn);
    if (push === undefined) return;
    this.#sent.delete(seqn);
    const { room, message } = push;
    if (room === undefined || message === undefined) return;
    this.#login.rooms.get(room)?.arrived(message);
    this.#moved.add(room);
  }

  /** The address is proven: says what waited for that. */
  release(now: number): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    for (const push of held) this.#send(push, now);
  }

  /** A reply about rooms: what is on its way does not count as received. */
  asArrived(event: ServerEvent): ServerEvent {
    if (event.type !== "list_own_rooms") return event;
    const rooms = event.rooms.map((room) => {
      const arrived = this.#login.rooms.get(room.room)?.received;
      const received = Math.min(room.received, arrived ?? room.received);
      return { ...room, received };
    });
    return { ...event, rooms };
  }

  /** Takes what has arrived since the last call. */
  takeReceipts(): Receipt[] {
    const receipts: Receipt[] = [];
    for (const room of this.#moved) {
      const received = this.#login.rooms.get(room)?.takeReceipt();
      if (received === undefined) continue;
      receipts.push({ type: "receipt", room, received });
    }
    this.#moved.clear();
    return receipts;
  }

  /** An event for this address alone, which answers nothing. */
  tell(event: ServerEvent, now: number): void {
    switch (event.type) {
      case "room_msg":
        return this.#pushSaid(event, groupOfRoom(event.room), now);
      case "private_msg_delivery":
        return this.#pushSaid(event, this.#groupOf(event), now);
      case "received_by_all":
      case "position":
        return this.#take(event, now);
      case "rooms":
        return this.#welcome(event, now);
      case "invitation":
      case "make_group":
        if (event.users === undefined) return;
        this.#members.set(groupOfRoom(event.room), {
          users: event.users,
          ...event.type === "invitation" && { by: event.user },
        });
        return;
      case "moved":
        return this.#leave(groupOfRoom(event.left));
    }
  }

  /** What is told to everybody in a room. */
  tellAll(batch: Uint8Array, now: number): void {
    for (const pushed of cutPushes(batch, this.#login.username)) {
      this.#take(pushed, now);
    }
  }

  /** A reply; what this address has said is pushed to it as well. */
  tellOwn(event: ServerEvent, { seqn, asked }: Open, now: number): void {
    if (event.type === "private_msg_delivery") {
      if (event.repeated) return;
      return this.#pushSaid(event, this.#groupOf(event), now, seqn);
    }
    if (event.type !== "room_msg_ack" || event.repeated) return;
    const { place } = event;
    const request = asked?.request;
    if (place === undefined || request?.type !== "room_msg") return;
    const group = this.#login.rooms.get(place.room)?.group ??
      groupOfRoom(String(request.room));
    const { text } = request;
    const sender = this.#login.username;
    const room = roomOfGroup(group);
    const said = { type: "room_msg", room, sender, text, place } as const;
    this.#pushSaid(said, group, now, seqn);
  }

  #groupOf(event: Extract<Said, { type: "private_msg_delivery" }>): string {
    const { sender, recipient } = event;
    return groupOfTwo(sender === this.#login.username ? recipient : sender);
  }

  #pushSaid(event: Said, group: string, now: number, seqn?: number): void {
    const { place } = event;
    if (place === undefined) return;
    const { room, sequence, id } = place;
    const body = pushOf(event, group, seqn);
    this.#follow(room, group);
    this.#take({ type: "said", room, sequence, id, body }, now);
  }

  #follow(handle: number, group: string): FollowedRoom {
    let room = this.#login.rooms.get(handle);
    if (room === undefined) {
      this.#login.rooms.set(handle, room = new FollowedRoom(group));
    }
    return room;
  }

  #take(pushed: Pushed, now: number): void {
    const { room: handle, sequence } = pushed;
    const room = this.#login.rooms.get(handle);
    if (room === undefined) return;
    if (pushed.type === "said") {
      const message = room.push(sequence, pushed.id);
      this.#push(pushed.body, now, { room: handle, message });
    } else if (pushed.type === "position") {
      room.reach(sequence);
      this.#moved.add(handle);
    } else this.#confirm(room, sequence, now);
  }

  #confirm(room: FollowedRoom, upTo: number, now: number): void {
    for (const { id, sequence } of room.takeConfirmed(upTo)) {
      const { group } = room;
      const told = { type: "MSG_RBA", group, MessageID: id, sequence };
      this.#push(encodeBody(told), now);
    }
  }

  #welcome({ rooms }: RoomStates, now: number): void {
    for (const state of rooms) {
      const group = groupOfState(state);
      const known = this.#login.rooms.has(state.room);
      const members = this.#members.get(group) ?? this.#peopleOf(state);
      this.#members.delete(group);
      this.#follow(state.room, group);
      if (this.#greeted && !known) {
        this.#push(subscription(group, members), now);
      }
    }
    this.#greeted = true;
  }

  #peopleOf({ kind, name }: RoomState): Members | undefined {
    if (kind !== "direct") return undefined;
    // Of the room with oneself there is one.
    return { users: [...new Set([this.#login.username, name])] };
  }

  #leave(group: string): void {
    const { rooms } = this.#login;
    for (const [handle, room] of rooms) {
      if (room.group === group) rooms.delete(handle);
    }
  }

  #push(
    body: Uint8Array,
    now: number,
    of: Pick<Push, "room" | "message"> = {},
  ): void {
    const push = { number: ++this.#number, body, ...of };
    if (this.#held === undefined) return this.#send(push, now);
    this.#held.push(push);
    this.#heldBytes += DATAGRAM_LIMITS.header + body.length;
  }

  #send(push: Push, now: number): void {
    this.#sent.set(this.#say(push.body, now), push);
  }
}

function groupOfState({ kind, name }: RoomState): string {
  return kind === "direct" ? groupOfTwo(name) : groupOfRoom(name);
}

/** Who belongs to a group. */
interface Members {
  readonly users: readonly string[];
  /** Who made one a member, if it was somebody else. */
  readonly by?: string;
}

/** That one belongs to a group from now on. */
function subscription(
  group: string,
  members: Members | undefined,
): Uint8Array {
  return encodeBody({
    type: "GRP_SUB",
    group,
    ...members && { Members: firstThatFit(members.users) },
    ...members?.by !== undefined && { by: members.by },
  });
}
