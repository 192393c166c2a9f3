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
import type { SessionEvent } from "../events.ts";

/** Messages of a room that are kept until one goes there; the oldest go first. */
const MOST_KEPT = 300;

/** What a room is about. */
type TopicEvent = Extract<
  SessionEvent,
  { readonly type: "topic" | "room_topic" }
>;

interface Row {
  readonly name: string;
  kept: RoomMessage[];
  unread: number;
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
      unread: 0,
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
      case "answered":
        if (event.answer.type === "leave_room") this.#leave(event.answer.room);
        return true;
      case "moved":
        this.#leave(event.left);
        return true;
      case "presence":
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

  #leave(room: string): void {
    this.#rows.delete(foldName(room));
  }

  #said(event: RoomMessage, current: string): boolean {
    // A wire that does not say where it stands has one room.
    if (event.place === undefined) return true;
    const row = this.#row(event.room);
    if (foldName(event.room) === foldName(current)) {
      row.first ??= event.place.sequence;
      return true;
    }
    row.kept.push(event);
    if (row.kept.length > MOST_KEPT) row.kept.shift();
    // What a room shows to whoever comes in is no news.
    if (!event.history || row.caughtUp) row.unread++;
    return false;
  }

  /** What the room is about, where that was told while one was elsewhere. */
  takeTopic(name: string): TopicEvent | undefined {
    const row = this.#row(name);
    const { topic } = row;
    row.topic = undefined;
    return topic;
  }

  /** One goes there: gives what was kept. */
  enter(name: string): readonly RoomMessage[] {
    const row = this.#row(name);
    const { kept } = row;
    row.first ??= kept[0]?.place?.sequence;
    row.kept = [];
    row.unread = 0;
    return kept;
  }

  /** Whether one is there for the first time; asking makes it so. */
  visit(name: string): boolean {
    const row = this.#row(name);
    const isFirst = !row.visited;
    row.visited = true;
    return isFirst;
  }

  /** Whether to ask now for what was said: nothing of it is on the screen. */
  wantsPast(name: string): boolean {
    const row = this.#row(name);
    const wants = row.caughtUp && row.last > 0 && row.first === undefined &&
      !row.asked;
    row.asked ||= wants;
    return wants;
  }

  /** Whether a message of a page is on the screen already. */
  isShown({ room, place }: RoomMessage): boolean {
    const { first } = this.#row(room);
    return first !== undefined && place !== undefined &&
      place.sequence >= first;
  }

  /** The rooms with something unread: `general 3`. */
  get unread(): string[] {
    return [...this.#rows.values()].filter(({ unread }) => unread > 0)
      .map(({ name, unread }) => `${name} ${unread}`);
  }
}
