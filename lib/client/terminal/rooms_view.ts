/**
 * The rooms of somebody who looks at one of them at a time. Pure.
 *
 * What is said in the others is counted, and kept until one goes there: lines
 * of several conversations between each other are hard to read, and what is
 * not shown is not read either. So what the others see of one's reading is true.
 *
 * @module
 */

import { foldName, type RoomMessage } from "../../wire/mod.ts";
import type { Acknowledged, SessionEvent } from "../events.ts";

/** Messages of a room that are kept until one goes there; the oldest go first. */
const MOST_KEPT = 300;

/** Messages of a room that are shown to one who comes in. */
const SHOWN = 20;

/** Unread messages that are asked for at once: a page of the server's. */
const MOST_ASKED = 100;

/** What a room is about. */
type TopicEvent = Extract<
  SessionEvent,
  { readonly type: "topic" | "room_topic" }
>;

interface Row {
  readonly name: string;
  kept: RoomMessage[];
  /** What it is about, where that is not shown yet. */
  topic: TopicEvent | undefined;
  /** What was missed has come. */
  caughtUp: boolean;
  /** Its last message when that was so. */
  last: number;
  /** The sequence of the first message that was shown. */
  first: number | undefined;
  visited: boolean;
  /** What was said before was asked for. */
  asked: boolean;
}

/** All of them. */
export class RoomsView {
  readonly #rows = new Map<string, Row>();

  #row(name: string): Row {
    const key = foldName(name);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row: Row = {
      name,
      kept: [],
      topic: undefined,
      caughtUp: false,
      last: 0,
      first: undefined,
      visited: false,
      asked: false,
    };
    this.#rows.set(key, row);
    return row;
  }

  /** Takes an event; false when it is not to be shown now. */
  take(event: SessionEvent, current: string): boolean {
    switch (event.type) {
      case "caught_up": {
        const row = this.#row(event.room);
        row.caughtUp = true;
        row.last = event.last;
        return true;
      }
      case "acknowledged":
        this.#spoke(event);
        return true;
      case "answered":
        if (event.answer.type === "leave_room") this.#leave(event.answer.room);
        return true;
      case "moved":
        this.#leave(event.left);
        return true;
      case "presence":
      case "crowd":
        return foldName(event.room) === foldName(current);
      case "topic":
      case "room_topic":
        if (foldName(event.room) === foldName(current)) return true;
        this.#row(event.room).topic = event;
        return false;
      case "room_msg":
        return this.#said(event, current);
      default:
        return true;
    }
  }

  /** What one said oneself stands on the screen. */
  #spoke({ room, place }: Acknowledged): void {
    if (room === undefined || place === undefined) return;
    const row = this.#row(room);
    if (row.caughtUp) row.first ??= place.sequence;
  }

  #leave(room: string): void {
    this.#rows.delete(foldName(room));
  }

  #said(event: RoomMessage, current: string): boolean {
    // A wire that does not say where it stands has one room.
    if (event.place === undefined) return true;
    const row = this.#row(event.room);
    // What was missed may begin behind what another client was sent and nobody
    // has seen: that is known when all of it has come.
    const isWhole = row.caughtUp || !event.history;
    if (foldName(event.room) === foldName(current) && isWhole) {
      row.first ??= event.place.sequence;
      return true;
    }
    row.kept.push(event);
    if (row.kept.length > MOST_KEPT) row.kept.shift();
    return false;
  }

  /** What the room is about, where that was told while one was elsewhere. */
  takeTopic(name: string): TopicEvent | undefined {
    const row = this.#row(name);
    const { topic } = row;
    row.topic = undefined;
    return topic;
  }

  /**
   * One looks at it, having seen all up to `read`: gives what was kept. That is
   * nothing where there is more unread before it, which is to be asked for.
   */
  enter(name: string, read: number): readonly RoomMessage[] {
    const row = this.#row(name);
    const { kept } = row;
    const first = kept[0]?.place?.sequence;
    if (!row.caughtUp || first === undefined) return [];
    row.kept = [];
    const isNew = row.first === undefined && !row.asked;
    if (isNew && first > read + 1 && kept.length < MOST_ASKED) return [];
    row.first ??= first;
    return kept;
  }

  /** Whether one is there for the first time; asking makes it so. */
  visit(name: string): boolean {
    const row = this.#row(name);
    const isFirst = !row.visited;
    row.visited = true;
    return isFirst;
  }

  /**
   * How much of what was said to ask for now; undefined: nothing, as some of it
   * is on the screen. `unread`: how much of it was not seen.
   */
  takeWish(name: string, unread: number): number | undefined {
    const row = this.#row(name);
    const wants = row.caughtUp && row.last > 0 && row.first === undefined &&
      !row.asked;
    if (!wants) return undefined;
    row.asked = true;
    return Math.min(MOST_ASKED, Math.max(SHOWN, unread));
  }

  /** Whether a message of a page is on the screen already. */
  isShown({ room, place }: RoomMessage): boolean {
    const { first } = this.#row(room);
    return first !== undefined && place !== undefined &&
      place.sequence >= first;
  }
}
