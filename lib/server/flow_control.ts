/**
 * When a client is read from. It may send however much it likes: what it asks
 * is taken up only while it reads, and the log answers.
 *
 * | it is not read from while | until |
 * | --- | --- |
 * | too much that it asked is unanswered | that is answered, and the turn's work is done |
 * | much that it was told is unread | its socket has taken that |
 * | it rests, as the hub has it for flooding | it has rested |
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { type Limits, restOf } from "../chat/mod.ts";
import type { Request } from "../wire/mod.ts";
import type { Clock } from "./clock.ts";
import type { Peer } from "./peer.ts";
import type { SendQueue } from "./send_queue.ts";

/**
 * Whether the reply to a request may be long, as with what follows it at once:
 * one of these is answered at a time.
 */
const IS_LONG: Readonly<Record<Request["type"], boolean>> = {
  login: true,
  resume: true,
  register: true,
  change_password: false,
  room_msg: false,
  private_msg: false,
  join_room: true,
  leave_room: true,
  make_group: true,
  invite: false,
  set_topic: false,
  set_away: false,
  list_users: true,
  list_rooms: true,
  list_own_rooms: true,
  list_people: true,
  list_waiting: true,
  list_members: true,
  history: true,
  search: true,
  names: true,
  publish_key: false,
  find_key: false,
  receipt: false,
  logout: false,
};

/** Whose client it is. */
export interface Controlled extends Pick<Peer, "session"> {
  /** Why it was not read from may be over: `reopen` tells. */
  readOn(): void;
  /** Too much is unanswered: `reopen` when this turn's work is done. */
  stalled(): void;
  /** Calls `then` with whether the socket took everything that is queued now. */
  onceTaken(then: (taken: boolean) => void): void;
}

/** What the flow depends on. */
export interface FlowControlParts {
  readonly socket: Duplex;
  readonly queue: SendQueue;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** The flow from one client. */
export class FlowControl {
  readonly #client: Controlled;
  readonly #socket: Duplex;
  readonly #queue: SendQueue;
  readonly #limits: Limits;
  readonly #clock: Clock;
  /** Requests read in this turn: their replies are not even queued. */
  #asked = 0;
  /** One that was read has a long reply, which is not queued yet. */
  #long = false;
  #paused = false;
  /** Calls off the end of a rest that a flood brought. */
  #endRest: (() => void) | undefined;
  /** It is told when the socket has taken what it held. */
  #hearsTaken = false;

  constructor(client: Controlled, parts: FlowControlParts) {
    this.#client = client;
    this.#socket = parts.socket;
    this.#queue = parts.queue;
    this.#limits = parts.limits;
    this.#clock = parts.clock;
  }

  /** It is not read from. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Something was taken up that is to be answered; none: it is no request. */
  asked(request?: Request): void {
    this.#asked++;
    if (request !== undefined) this.#long ||= IS_LONG[request.type];
  }

  /** What was taken up is answered, or else in the session's backlog. */
  settle(): void {
    this.#asked = 0;
    if (this.#long && this.#client.session.backlog === 0) this.#long = false;
  }

  /** Whether something may be taken up; if not, it is not read from. */
  isOpen(): boolean {
    if (!this.#busy && !this.#queue.muchWaits) return !this.#rests();
    this.pause();
    return false;
  }

  /** So much is unanswered that nothing more is taken up. */
  get #busy(): boolean {
    const unanswered = Math.max(this.#asked, this.#client.session.backlog);
    return this.#long || unanswered >= this.#limits.backlog;
  }

  /** Reads nothing for a while from whoever floods, if it is to be so. */
  #rests(): boolean {
    const { session } = this.#client;
    if (session.flood === undefined) return false;
    const now = this.#clock.now();
    const rest = restOf(session, now);
    if (rest === 0) return false;
    this.#paused = true;
    this.#socket.pause();
    this.#endRest ??= this.#clock.at(now + rest, () => {
      this.#endRest = undefined;
      this.#client.readOn();
    });
    return true;
  }

  /** Reads nothing until the log has answered, or the peer has read. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    // With much unread it is the socket that says when to go on.
    if (!this.#queue.muchWaits) return this.#client.stalled();
    if (this.#hearsTaken) return;
    this.#hearsTaken = true;
    const then = (taken: boolean) => {
      this.#hearsTaken = false;
      if (taken) this.#client.readOn();
    };
    // Of less than its own high-water mark the socket says nothing by itself.
    if (!this.#socket.writableNeedDrain) this.#client.onceTaken(then);
    else this.#socket.once("drain", () => then(true));
  }

  /** Reads again, if it does not and may; answers whether it has begun to. */
  reopen(): boolean {
    if (!this.#paused || !this.isOpen()) return false;
    this.#paused = false;
    this.#socket.resume();
    return true;
  }

  /** The socket is closed. */
  closed(): void {
    this.#endRest?.();
  }
}
