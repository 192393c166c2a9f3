/**
 * A client whose session is kept, and which has to see everything once: it
 * resumes with its token, its positions and what was not answered, as
 * docs/chatproto2.md says.
 *
 * What it MUST be shown of a room, over all of its connections, is each message
 * behind the one before; what it says MUST be answered once, in order.
 *
 * @module
 */

import type { Place, Request, ServerEvent, Text } from "../../lib/wire/mod.ts";
import {
  ChatProto2Client,
  type ConnectOptions,
} from "../server/chatproto2_client.ts";
import { FollowedRooms, type Seen } from "./followed_rooms.ts";
import { outcomeOf, type Saying, type Settled } from "./sayings.ts";

/** Who a follower is, and whom it tells. */
export interface FollowerOptions extends ConnectOptions {
  readonly name: string;
  /** Absent for a guest; without `exists` it makes its account first. */
  readonly password?: string;
  readonly exists?: boolean;
  readonly onSeen?: (seen: Seen) => void;
  readonly onSettled?: (settled: Settled) => void;
}

/** A request that is asked on each connection until it is done. */
interface Wish {
  readonly request: Request;
  readonly done: () => boolean;
  readonly answered: (event: ServerEvent) => void;
}

type Asked = { readonly saying: Saying } | { readonly wish: Wish } | "enter";

/** One such client, over all of its connections. */
export class Follower {
  /** A guest takes another one when its first is lost with its token. */
  name: string;
  readonly rooms = new FollowedRooms((what) => this.#blame(what));
  readonly seen: Seen[] = [];
  readonly settled: Settled[] = [];
  readonly faults: string[] = [];
  /** Sessions that were resumed, and messages that were said again. */
  resumed = 0;
  saidAgain = 0;
  readonly #options: FollowerOptions;
  #exists: boolean;
  #token: string | undefined;
  #ref = 0;
  readonly #unanswered: Saying[] = [];
  readonly #wishes = new Set<Wish>();
  #client: ChatProto2Client | undefined;
  #welcome = false;
  #stopped = false;
  #asked: Asked[] = [];
  /** Up to where this connection said that rooms were received. */
  readonly #stated = new Map<number, number>();
  readonly #waiting = new Set<{ readonly holds: () => boolean; go(): void }>();

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.name = options.name;
    this.#exists = options.exists ?? false;
  }

  get welcome(): boolean {
    return this.#welcome;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** How much was said and not answered. */
  get unanswered(): number {
    return this.#unanswered.length;
  }

  /** Whether it is in a room, by its name or `@` and a person's. */
  isIn(name: string): boolean {
    return this.rooms.find(name) !== undefined;
  }

  /** Up to where it was shown a room. */
  position(name: string): number {
    return this.rooms.position(this.rooms.find(name));
  }

  // ---- what it is to do

  /** Says something to a room it is in. */
  say(room: string, text: Text): void {
    const handle = this.rooms.find(room);
    if (handle === undefined) throw new Error(`${this.name} is not in ${room}`);
    this.#add({ ref: this.#ref++, text, room: handle });
  }

  /** Says something to one person. */
  tell(recipient: string, text: Text): void {
    this.#add({ ref: this.#ref++, text, recipient });
  }

  #add(saying: Saying): void {
    this.#unanswered.push(saying);
    if (this.#welcome) this.#send(saying);
  }

  /** Asks something, on each connection until it is done. */
  wish(
    request: Request,
    done: () => boolean,
    answered: (event: ServerEvent) => void = () => {},
  ): Promise<void> {
    const wish = { request, done, answered };
    this.#wishes.add(wish);
    if (this.#welcome) this.#ask(request, { wish });
    return this.until(done).then(() => void this.#wishes.delete(wish));
  }

  /** Waits until something holds, which its events bring about. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((go) => this.#waiting.add({ holds, go }));
  }

  /** Ends its connection, and goes on over another. */
  cut(): void {
    this.#client?.socket.destroy();
  }

  /** Ends its connection, for good. */
  stop(): void {
    this.#stopped = true;
    this.#client?.socket.destroy();
  }

  // ---- one connection

  /** Goes on over one connection, until it ends. */
  async live(port: number): Promise<void> {
    const client = await ChatProto2Client.connect(port, this.#options)
      .catch(() => undefined);
    if (client === undefined) return;
    if (this.#stopped) return await client.close();
    this.#client = client;
    this.#asked = [];
    this.#stated.clear();
    this.#enter();
    for (;;) {
      const event = await client.next().catch(() => undefined);
      if (event === undefined) break;
      this.#take(client, event);
      for (let more = client.take(); more; more = client.take()) {
        this.#take(client, more);
      }
      this.#confirm();
      this.#check();
    }
    if (client.error) this.faults.push(`${this.name}: ${client.error.message}`);
    this.#client = undefined;
    this.#welcome = false;
  }

  #check(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.holds()) continue;
      this.#waiting.delete(waiter);
      waiter.go();
    }
  }

  #ask(request: Request, asked: Asked): void {
    this.#asked.push(asked);
    this.#client?.ask(request);
  }

  #enter(): void {
    const { password } = this.#options;
    const username = this.name;
    const keep = true;
    if (this.#token !== undefined) {
      const { positions } = this.rooms;
      const ref = this.#unanswered[0]?.ref ?? this.#ref;
      this.resumed++;
      const token = this.#token;
      this.#ask({ type: "resume", token, positions, ref }, "enter");
    } else if (password === undefined) {
      this.#ask({ type: "login", username, keep }, "enter");
    } else if (this.#exists) {
      this.#ask({ type: "login", username, password, keep }, "enter");
    } else {
      this.#ask({ type: "register", username, password, keep }, "enter");
    }
  }

  #send(saying: Saying): void {
    const { ref, text, room, recipient = "" } = saying;
    const request: Request = room === undefined
      ? { type: "private_msg", recipient, text, ref }
      : { type: "room_msg", room, text, ref };
    this.#ask(request, { saying });
  }

  /** Says what it has received of each room. */
  #confirm(): void {
    if (!this.#welcome) return;
    for (const [room, { position = 0 }] of this.rooms.all) {
      if (position <= (this.#stated.get(room) ?? 0)) continue;
      this.#stated.set(room, position);
      const read = position;
      this.#client?.ask({ type: "receipt", room, received: position, read });
    }
  }

  // ---- what comes

  #take(client: ChatProto2Client, event: ServerEvent): void {
    const reply = client.codec.answers(event);
    switch (event.type) {
      case "rooms":
        return this.rooms.learn(event.rooms);
      case "position":
        return this.rooms.compare(event.room, event.sequence);
      case "room_msg":
      case "private_msg_delivery":
        if (!("repeated" in event)) this.#show(event.place, event);
        break;
    }
    if (reply) this.#answered(event);
  }

  #show(
    place: Place | undefined,
    { text, history = false }: { readonly text: Text; history?: boolean },
  ): void {
    if (place === undefined) return this.#blame("was shown something nowhere");
    this.rooms.show(place);
    const { room, sequence } = place;
    const seen = { room, sequence, text, history };
    this.seen.push(seen);
    this.#options.onSeen?.(seen);
  }

  #answered(event: ServerEvent): void {
    const asked = this.#asked.shift();
    if (asked === undefined) return this.#blame(`asked for no ${event.type}`);
    if (asked === "enter") this.#entered(event);
    else if ("wish" in asked) asked.wish.answered(event);
    else this.#settle(asked.saying, event);
  }

  #entered(event: ServerEvent): void {
    if (event.type === "login_ack") {
      this.#exists = true;
      this.#token ??= event.token;
      this.#welcome = true;
      for (const saying of this.#unanswered) this.#send(saying);
      for (const wish of this.#wishes) {
        if (!wish.done()) this.#ask(wish.request, { wish });
      }
      return;
    }
    // Its token was on its way when its first connection was cut.
    const taken = "code" in event && event.code === 409;
    if (!taken || this.#token !== undefined) {
      return this.#blame(`was refused: ${JSON.stringify(event)}`);
    }
    if (this.#options.password === undefined) this.name += "2";
    else this.#exists = true;
    if (event.type === "error_msg") this.#enter();
  }

  #settle(saying: Saying, event: ServerEvent): void {
    if (this.#unanswered.shift() !== saying) {
      this.#blame("answered out of turn");
    }
    const settled = outcomeOf(saying, event);
    if (settled === undefined) {
      return this.#blame(`has ${event.type} as an answer to a message`);
    }
    const { place, repeated } = settled;
    // Where that stands may be shown later, as a part of the past.
    if (repeated) this.saidAgain++;
    else if (event.type === "room_msg_ack") this.#show(place, saying);
    this.settled.push(settled);
    this.#options.onSettled?.(settled);
  }

  #blame(what: string): void {
    this.faults.push(`${this.name} ${what}`);
  }
}
