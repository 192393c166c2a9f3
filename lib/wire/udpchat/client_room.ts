/**
 * A room as a client of this wire keeps it, across connections.
 *
 * Pushes come as datagrams do: in any order, and again. What a room guarantees:
 *
 * - A message MUST be told once, in the order of its room's sequence, and one's
 *   own in its place among them.
 * - Where the server does not count (the original's), messages are counted as
 *   they come, and known by their ids.
 *
 * @module
 */

import type { RoomKind, RoomState, Said, ServerEvent } from "../events.ts";
import type { ChatPush, GroupBody, SaidBody } from "./client_bodies.ts";
import { groupOfRoom, otherOf, roomOfGroup } from "./group_names.ts";

/** Messages that wait for one before them; beyond they are fetched later. */
const MOST_WAITING = 1_000;

/** Ids that are known of a room whose server does not count. */
const MOST_IDS = 4_096;

/** Who looks at a room. */
export interface Reader {
  readonly username: string;
  /** ms since 1970. */
  readonly now: number;
}

/** What was said where nothing was heard of before. */
export interface FirstHeard {
  readonly sequence: number | undefined;
  /** Whether it was said some time ago. */
  readonly history?: boolean;
  /** Whether it was in the log before it was said. */
  readonly repeated?: boolean;
}

/** One of them. */
export class ClientRoom {
  /** The same for as long as the client runs; means nothing to the server. */
  readonly handle: number;
  /** As the server writes it. */
  readonly group: string;
  /** As the model names it: of two people's the other one. */
  readonly name: string;
  readonly direct: boolean;
  /** Whether the server told of it over this connection. */
  listed = false;
  /** Whether it was not among those that the server told of. */
  absent = false;
  #kind: RoomKind = "group";
  #counted = true;
  /** All up to here was told; undefined before anything is known. */
  #told: number | undefined;
  /** The server has messages up to here. */
  #last = 0;
  #allHave = 0;
  #allHaveTold = 0;
  /** The first list of a connection said so; then the room has caught up. */
  #due: number | undefined;
  readonly #waiting = new Map<number, Said>();
  /** Where the server does not count: which message is which. */
  readonly #sequences = new Map<number, number>();
  readonly #everybodyHas = new Set<number>();

  constructor(handle: number, group: string) {
    this.handle = handle;
    this.group = group;
    const other = otherOf(group);
    this.direct = other !== undefined;
    this.name = other ?? roomOfGroup(group);
  }

  /** Whether the server numbers its messages. */
  get counted(): boolean {
    return this.#counted;
  }

  /** Whether this is what two people have said first, as far as is known. */
  beginsWith({ sequence, history, repeated }: FirstHeard): boolean {
    return this.direct && this.#told === undefined && sequence === 1 &&
      !history && !repeated;
  }

  /** Two people's room begins: nothing else is to be known of it. */
  begin(): RoomState {
    const counted = { last: 0, received: 0, receivedByAll: 0 };
    const { group: name } = this;
    return this.list({ name, members: [], kind: "direct", counted });
  }

  /** How the server tells of the room. */
  list({ kind, counted }: GroupBody): RoomState {
    this.listed = true;
    this.absent = false;
    this.#counted = counted !== undefined;
    const isLobby = groupOfRoom(this.name) !== this.name;
    this.#kind = kind ?? (isLobby ? "public" : "group");
    if (this.direct) this.#kind = "direct";
    const before = this.#told;
    if (counted !== undefined) this.#begin(counted.last, counted.received);
    const goesOn = before !== undefined && before === this.#told;
    this.#told ??= 0;
    this.#allHave = Math.max(this.#allHave, counted?.receivedByAll ?? 0);
    this.#allHaveTold = this.#allHave;
    const last = counted?.last ?? this.#told;
    this.#due = last;
    const received = counted?.received ?? last;
    return {
      room: this.handle,
      kind: this.#kind,
      name: this.name,
      last,
      received,
      // The server does not know what was read: who was there before does.
      read: goesOn ? 0 : received,
      receivedByAll: this.#allHave,
    };
  }

  #begin(last: number, received: number): void {
    // A log that is shorter than what one has is another one.
    if ((this.#told ?? 0) > last) {
      this.#told = undefined;
      this.#waiting.clear();
    }
    this.#last = Math.max(last, ...this.#waiting.keys());
    if (this.#told !== undefined) return;
    // What came before this list counts as received, and is still to be told.
    const first = Math.min(received + 1, ...this.#waiting.keys());
    this.#told = Math.max(0, first - 1);
  }

  /** Another connection: what the room is has to be told anew. */
  disconnected(): void {
    this.listed = this.absent = false;
    this.#due = undefined;
  }

  /** Something was pushed. */
  push(push: ChatPush, reader: Reader): void {
    const { sequence, id } = push;
    if (sequence === undefined) {
      if (this.#sequences.has(id)) return;
      const place = this.#count(id);
      this.#waiting.set(place, this.said(push, place, reader, push.history));
      return;
    }
    if (sequence <= (this.#told ?? 0)) return;
    this.#last = Math.max(this.#last, sequence);
    if (this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.set(
      sequence,
      this.said(push, sequence, reader, push.history),
    );
  }

  /** Something was said, and not pushed: the server does not count. */
  missed(said: SaidBody, reader: Reader): void {
    if (this.#sequences.has(said.id)) return;
    const place = this.#count(said.id);
    this.#waiting.set(place, this.said(said, place, reader, true));
  }

  /** The newest message of a server that does not count, by its id. */
  get newest(): number | undefined {
    return this.#sequences.size === 0
      ? undefined
      : Math.max(...this.#sequences.keys());
  }

  /** A page of the past came, asked for because something was missing. */
  fill(page: readonly SaidBody[], before: number, reader: Reader): void {
    for (const each of page) {
      const { sequence = 0 } = each;
      if (sequence <= (this.#told ?? 0) || this.#waiting.has(sequence)) {
        continue;
      }
      this.#waiting.set(sequence, this.said(each, sequence, reader, true));
    }
    // What the server does not have any more nobody can wait for.
    const first = Math.min(before, ...this.#waiting.keys());
    const filled = page.some(({ sequence = 0 }) =>
      sequence < before && sequence > (this.#told ?? 0)
    );
    if (!filled) this.#told = Math.max(this.#told ?? 0, first - 1);
  }

  /** What is missing: messages behind `after` and before `before`. */
  get gap(): { readonly after: number; readonly before: number } | undefined {
    if (!this.listed || !this.#counted || this.#told === undefined) {
      return undefined;
    }
    if (this.#told >= this.#last) return undefined;
    const before = Math.min(this.#last + 1, ...this.#waiting.keys());
    return { after: this.#told, before };
  }

  /** A message of one's own can be told now, if it stands there. */
  mayTell(sequence: number): boolean {
    return this.#told !== undefined && this.#told >= sequence - 1;
  }

  /** A message of one's own was stored there. */
  stored(sequence: number): void {
    this.#last = Math.max(this.#last, sequence);
  }

  /** A message of one's own is told, which stands there. */
  tell(sequence: number): void {
    this.#told = Math.max(this.#told ?? 0, sequence);
    this.#waiting.delete(sequence);
  }

  /** Where a message stands that the server did not number; `id` if known. */
  count(id: number | undefined): number {
    if (id !== undefined && this.#sequences.has(id)) {
      return this.#sequences.get(id) as number;
    }
    return this.#count(id);
  }

  #count(id: number | undefined): number {
    const sequence = Math.max(
      this.#told ?? 0,
      this.#last,
      ...this.#waiting.keys(),
    ) + 1;
    this.#last = sequence;
    if (id !== undefined) this.learn(id, sequence);
    return sequence;
  }

  /** The server's id of what stands there. */
  learn(id: number, sequence: number): void {
    this.#sequences.set(id, sequence);
    const [oldest] = this.#sequences.keys();
    if (this.#sequences.size > MOST_IDS && oldest !== undefined) {
      this.#sequences.delete(oldest);
      this.#everybodyHas.delete(oldest);
    }
  }

  /** Where the message with this id stands, of a server that does not count. */
  sequenceOf(id: number): number | undefined {
    return this.#sequences.get(id);
  }

  /** Everybody has a message, and all before it where the server counts. */
  receivedByAll(id: number, sequence: number | undefined): void {
    if (sequence !== undefined) {
      this.#allHave = Math.max(this.#allHave, sequence);
      return;
    }
    if (this.#everybodyHas.size >= MOST_IDS) this.#everybodyHas.clear();
    this.#everybodyHas.add(id);
  }

  /** Where the server does not count, all up to a message is for us to see. */
  #countAllHave(): void {
    if (this.#everybodyHas.size === 0) return;
    for (const [id, sequence] of this.#sequences) {
      if (sequence !== this.#allHave + 1) continue;
      if (!this.#everybodyHas.delete(id)) return;
      this.#allHave = sequence;
    }
  }

  /** Takes what is to be told now, in order. */
  take(): ServerEvent[] {
    if (!this.listed || this.#told === undefined) return [];
    const events: ServerEvent[] = [];
    for (;;) {
      const next = this.#waiting.get(this.#told + 1);
      if (next === undefined) break;
      this.#waiting.delete(++this.#told);
      events.push(next);
    }
    if (this.#due !== undefined && this.#told >= this.#due) {
      this.#due = undefined;
      const [room, sequence] = [this.handle, this.#told];
      events.push({ type: "position", room, sequence, time: 0 });
    }
    this.#countAllHave();
    if (this.#allHave > this.#allHaveTold) {
      this.#allHaveTold = this.#allHave;
      const [room, sequence] = [this.handle, this.#allHave];
      events.push({ type: "received_by_all", room, sequence });
    }
    return events;
  }

  /** Something that was said here, as the model has it. */
  said(
    { id, sender, text, time, sent }: SaidBody,
    sequence: number,
    { username, now }: Reader,
    history: boolean,
  ): Said {
    const rest = {
      text,
      ...history && { history },
      place: {
        id,
        room: this.handle,
        sequence,
        time: history ? time ?? now : now,
        ...sent !== undefined && { sent },
      },
    };
    if (!this.direct) {
      return { type: "room_msg", room: this.name, sender, ...rest };
    }
    const recipient = sender === username ? this.name : username;
    return { type: "private_msg_delivery", sender, recipient, ...rest };
  }
}
