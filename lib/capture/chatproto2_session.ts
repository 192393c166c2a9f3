/**
 * What both directions of a captured ChatProto 2 connection have told: names,
 * requests without a reply, where its streams are (docs/chatproto2.md,
 * "Handles", "Requests and replies", "Streams").
 *
 * A capture may lack anything, so what is not known is left out, and nothing is
 * wrong for that.
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import {
  CLIENT_FLAGS,
  CLIENT_KINDS,
  FEATURES,
  type FrameField,
  type FrameRow,
  LIST_REPLIES,
  SERVER_FLAGS,
  SERVER_KINDS,
  TEXT_CODE,
  type TextCode,
} from "../wire/mod.ts";
import type { ReadFields } from "./chatproto2_fields.ts";
import type { FieldItem } from "./frame.ts";

/** What is kept of each sort at most; the oldest goes first. */
const MOST_KEPT = 65_536;

/** A frame that was read. */
export interface ReadFrame extends ReadFields {
  readonly row: FrameRow;
  readonly flags: number;
}

/** What a frame means that does not stand in it. */
export interface Meaning {
  /** The handle of the room that it is about. */
  readonly room?: number;
  /** Of a message, or up to which somebody has them. */
  readonly sequence?: number;
  /** What is wrong with it, seen from what came before. */
  readonly error?: string;
}

/** A request that has no reply yet. */
export interface AskedRow {
  readonly row: FrameRow;
  /** What its REPLY has behind the number. */
  readonly reply: readonly FrameField[];
}

function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST_KEPT) break;
    map.delete(oldest);
  }
}

/** What a request's REPLY has behind the number. */
export function replyFields(
  row: FrameRow,
  flags: number,
): readonly FrameField[] {
  if (row.kind !== CLIENT_KINDS.list) return row.reply ?? [];
  if ((flags & CLIENT_FLAGS.list.members) !== 0) return LIST_REPLIES.members;
  if ((flags & CLIENT_FLAGS.list.users) !== 0) return LIST_REPLIES.users;
  return LIST_REPLIES.rooms;
}

/** Both directions of one connection. */
export class ChatProto2Session {
  readonly #names = new Map<number, string>();
  readonly #asked = new Map<number, AskedRow>();
  readonly #features: Partial<Record<Direction, number>> = {};
  /** The last sequences of rooms. */
  readonly #streams = new Map<number, number>();
  #selected: number | undefined;
  #said: number | undefined;
  #receipt: { readonly room: number; readonly sequence: number } | undefined;

  /** A preface was read. */
  greeted(direction: Direction, features: number): void {
    this.#features[direction] = features;
  }

  /** The capture lacks something of a direction: what is counted is unknown. */
  lost(direction: Direction): void {
    if (direction === "down") {
      this.#streams.clear();
      this.#selected = undefined;
    } else this.#said = this.#receipt = undefined;
  }

  /** Undefined when it is known that it was not agreed upon. */
  get textCode(): TextCode | undefined {
    const { up = FEATURES.textCode, down = FEATURES.textCode } = this.#features;
    return (up & down & FEATURES.textCode) === 0 ? undefined : TEXT_CODE;
  }

  /** What a handle stands for: its name, or `#` and its number. */
  named(handle: number): string {
    return this.#names.get(handle) ?? `#${handle}`;
  }

  #learn(handle: unknown, name: unknown): void {
    if (typeof handle !== "number" || typeof name !== "string") return;
    if (handle !== 0) keep(this.#names, handle, name);
  }

  /** A request was read: its REPLY can be. */
  ask(number: number, row: FrameRow, flags: number): void {
    keep(this.#asked, number, { row, reply: replyFields(row, flags) });
  }

  /** The request that a reply with this number is to, if it was captured. */
  asked(number: number): AskedRow | undefined {
    return this.#asked.get(number);
  }

  /** A reply was read: its number is free again. */
  answered(number: number): void {
    this.#asked.delete(number);
  }

  /** Takes what a client's frame says. */
  request({ row, flags, fields, handles }: ReadFrame): Meaning {
    switch (row.kind) {
      case CLIENT_KINDS.say: {
        this.#said = handles["room"] ?? this.#said;
        return this.#said === undefined ? {} : { room: this.#said };
      }
      case CLIENT_KINDS.receipt: {
        const { room } = handles;
        const before = this.#receipt;
        if (room === undefined && before === undefined) return {};
        const hasMore = (flags & CLIENT_FLAGS.receipt.more) !== 0;
        this.#receipt = room !== undefined
          ? { room, sequence: Number(fields["sequence"]) }
          : before && {
            room: before.room,
            sequence: before.sequence + (hasMore ? Number(fields["more"]) : 1),
          };
        return this.#receipt ?? {};
      }
    }
    return {};
  }

  /** Takes what a server's frame says. */
  event(frame: ReadFrame): Meaning {
    const { row, flags, fields, handles } = frame;
    switch (row.kind) {
      case SERVER_KINDS.select:
        this.#selected = handles["room"];
        return {};
      case SERVER_KINDS.position:
        return this.#position(handles["room"] ?? 0, Number(fields["sequence"]));
      case SERVER_KINDS.message:
        return this.#next();
      case SERVER_KINDS.stored:
        return (flags & SERVER_FLAGS.stored.place) === 0 ? this.#next() : {};
      case SERVER_KINDS.received:
        return this.#received(frame);
      case SERVER_KINDS.presence:
        this.#learn(handles["user"], fields["name"]);
        return this.#here();
      case SERVER_KINDS.crowd:
        return this.#here();
      case SERVER_KINDS.past:
        this.#learn(handles["sender"], fields["name"]);
        return {};
      case SERVER_KINDS.welcome:
        this.#learn(handles["user"], fields["name"]);
        this.#learn(handles["room"], fields["room_name"]);
        return {};
      case SERVER_KINDS.names:
      case SERVER_KINDS.rooms:
      case SERVER_KINDS.reply:
        this.#list(row, fields["items"]);
    }
    return {};
  }

  #here(): Meaning {
    return this.#selected === undefined ? {} : { room: this.#selected };
  }

  #next(): Meaning {
    const room = this.#selected;
    const last = room === undefined ? undefined : this.#streams.get(room);
    if (room === undefined || last === undefined) return this.#here();
    this.#streams.set(room, last + 1);
    return { room, sequence: last + 1 };
  }

  #received({ flags, fields }: ReadFrame): Meaning {
    if ((flags & SERVER_FLAGS.received.sequence) !== 0) return this.#here();
    const last = this.#streams.get(this.#selected ?? 0);
    if (last === undefined) return this.#here();
    const behind = Number(fields["behind"] ?? 0);
    return { ...this.#here(), sequence: Math.max(0, last - behind) };
  }

  #position(room: number, sequence: number): Meaning {
    const last = this.#streams.get(room);
    keep(this.#streams, room, sequence);
    if (last === undefined || last === sequence) return {};
    const error = `Messages of ${this.named(room)} were lost: the server is ` +
      `at ${sequence}, what came ends at ${last}`;
    return { error };
  }

  #list(row: FrameRow, items: unknown): void {
    for (const item of Array.isArray(items) ? items as FieldItem[] : []) {
      const { handle, room, name, sender } = item;
      this.#learn(handle, name ?? item["user"]);
      this.#learn(item["sender_handle"], sender);
      // The name in an entry of a direct room is that of the recipient.
      if (!String(item["flags"]).includes("direct")) this.#learn(room, name);
      // Its stream begins anew, at its next position.
      if (row.kind === SERVER_KINDS.rooms) this.#streams.delete(Number(room));
    }
  }
}
