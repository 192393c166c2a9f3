/**
 * A client that remembers: what it has of each room, and what it said that was
 * not answered.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Reach } from "../../lib/chat/mod.ts";
import {
  isNotice,
  type Place,
  type Position,
  type PrivateMessageRequest,
  type Request,
  type RoomMessageRequest,
  type RoomState,
  type ServerEvent,
} from "../../lib/wire/mod.ts";

/** Who a client is. */
export interface ClientOptions {
  readonly name: string;
  readonly reach: Reach;
  /** Absent for a guest. */
  password?: string;
  /** Whether it wants its session kept. */
  readonly keep?: true;
}

/** Something it said under a number of its own. */
interface Numbered {
  readonly request: Request;
  /** Where it was put, once it knows. */
  place?: Place;
  /** It was refused: no other answer may come. */
  refused?: true;
}

/** What a client has of one room. */
interface Having {
  readonly name: string;
  /** The last message it was shown, if any. */
  position?: number;
  /** What the server said it has. */
  base: number;
  /** It may have been out of the room since. */
  renewed: boolean;
}

/** One device of somebody. */
export class Client {
  readonly options: ClientOptions;
  token: string | undefined;
  readonly rooms = new Map<number, Having>();
  readonly numbered = new Map<number, Numbered>();
  readonly unanswered = new Set<number>();
  /** Whether it is in, and may say again what was not answered. */
  welcome = false;
  #waiting: Request[] = [];
  #arriving = false;
  #resuming = false;
  #ref = 0;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  get reach(): Reach {
    return this.options.reach;
  }

  /** It has a new connection. */
  connected(): void {
    this.#waiting = [];
    this.welcome = false;
  }

  /** What it says first. */
  login(): Request {
    const { name: username, password, keep } = this.options;
    this.#resuming = this.token !== undefined;
    if (this.token !== undefined) {
      return { type: "resume", token: this.token, positions: this.positions };
    }
    return {
      type: "login",
      username,
      ...password !== undefined && { password },
      ...keep && { keep },
    };
  }

  /** What it really has. */
  get positions(): Position[] {
    return [...this.rooms].map(([room, { position, base }]) => ({
      room,
      sequence: position ?? base,
    }));
  }

  /** A request with a number of its own, if its session is kept. */
  number(request: RoomMessageRequest | PrivateMessageRequest): Request {
    if (this.token === undefined || !this.options.keep) return request;
    const ref = this.#ref++;
    const numbered = { ...this.#exactly(request), ref };
    this.numbered.set(ref, { request: numbered });
    this.unanswered.add(ref);
    return numbered;
  }

  /** A name may be another room's or another guest's when it is said again. */
  #exactly<Saying extends RoomMessageRequest | PrivateMessageRequest>(
    request: Saying,
  ): Saying | RoomMessageRequest {
    const name = request.type === "private_msg"
      ? request.recipient
      : `${request.room}`.replace("@", "");
    for (const [room, known] of this.rooms) {
      if (known.name !== name) continue;
      return { type: "room_msg", room, text: request.text };
    }
    return request;
  }

  /** What is to be said again, now that there is another connection. */
  get again(): Request[] {
    return [...this.unanswered].flatMap((ref) => {
      const request = this.numbered.get(ref)?.request;
      return request && this.#isExact(request) ? [request] : [];
    });
  }

  /** All that it said and can say again, answered or not. */
  get said(): Request[] {
    return [...this.numbered.values()].map(({ request }) => request)
      .filter((request) => this.#isExact(request));
  }

  #isExact(request: Request): boolean {
    return "room" in request && typeof request.room === "number";
  }

  /** It has asked something. */
  asked(request: Request): void {
    if (!isNotice(request)) this.#waiting.push(request);
    if (request.type === "logout") this.#leave();
  }

  /** It goes for good: nothing of its session is of use any more. */
  #leave(): void {
    this.token = undefined;
    this.numbered.clear();
    this.unanswered.clear();
    this.welcome = false;
  }

  /** Something arrived. */
  took(
    event: ServerEvent,
    reply: boolean,
    seats: ReadonlySet<number>,
  ): void {
    const request = reply ? this.#waiting.shift() : undefined;
    if (reply && request !== undefined) this.#answered(request, event);
    if (this.reach === "one") return;
    switch (event.type) {
      case "rooms":
        this.#has(event.rooms);
        break;
      case "leave_room":
        this.#left(event.room);
        break;
      case "moved":
        this.#left(event.left);
        break;
      default:
        // Who has left gets the receipt alone of what it said before.
        if (!("place" in event) || event.place === undefined) break;
        if (reply && !seats.has(event.place.room)) break;
        // What is repeated is shown by itself: before, or among what was missed.
        if (reply && "repeated" in event && event.repeated) break;
        this.#shown(event.place, reply);
    }
  }

  #answered(request: Request, event: ServerEvent): void {
    if (event.type === "login_ack") {
      if (event.token !== undefined) {
        // Another session: its numbers are its own.
        this.token = event.token;
        this.numbered.clear();
        this.unanswered.clear();
      }
      this.#arriving = true;
      this.welcome = true;
    }
    if (event.type === "login_reject" && request.type === "resume") {
      // A store that fails says nothing about the session.
      if (event.code !== 500) this.token = undefined;
    }
    if (!("ref" in request) || request.ref === undefined) return;
    const numbered = this.numbered.get(request.ref);
    if (numbered === undefined) return;
    if ("place" in event && event.place !== undefined) {
      assert(!numbered.refused, "what was refused is refused again");
      numbered.place ??= event.place;
      // The time is that of the request which was answered.
      const { id, sequence } = event.place;
      const { place } = numbered;
      assertEquals(
        [id, sequence],
        [place.id, place.sequence],
        "one place for one number",
      );
      // A room that nobody was left in is made again under a later handle, and
      // a server that dies may not have written that it had ended.
      numbered.place = event.place;
      this.unanswered.delete(request.ref);
    } else if (event.type === "error_msg" && isRefusal(event.code)) {
      if (numbered.place === undefined) numbered.refused = true;
      this.unanswered.delete(request.ref);
    }
  }

  #has(states: readonly RoomState[]): void {
    if (this.#arriving) {
      const listed = new Set(states.map(({ room }) => room));
      for (const handle of [...this.rooms.keys()]) {
        if (!this.#resuming || !listed.has(handle)) this.rooms.delete(handle);
      }
    }
    for (const { room, name, received } of states) {
      const known = this.rooms.get(room);
      if (known === undefined) {
        this.rooms.set(room, { name, base: received, renewed: false });
      } else if (!this.#arriving) {
        known.renewed = true;
        known.base = received;
      }
    }
    this.#arriving = false;
  }

  #left(name: string): void {
    for (const [handle, room] of this.rooms) {
      if (room.name === name) this.rooms.delete(handle);
    }
  }

  #shown({ room: handle, sequence }: Place, reply: boolean): void {
    const room = this.rooms.get(handle);
    if (room === undefined) return;
    const { position, base, renewed } = room;
    // Said again: the message itself was shown before.
    if (reply && sequence <= (position ?? base)) return;
    if (position === undefined || renewed) {
      const least = Math.max(base, position ?? 0);
      assert(sequence <= least + 1, `${handle} begins at ${base}: ${sequence}`);
    } else assertEquals(sequence, position + 1, "each once, over connections");
    room.position = sequence;
    room.renewed = false;
  }
}

/** Whether a code says that a message will never be taken. */
function isRefusal(code: number | undefined): boolean {
  return code === 400 || code === 403 || code === 404 || code === 413;
}
