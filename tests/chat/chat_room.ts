/**
 * A hub with a made-up clock and a log that is durable when the test says so.
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  Hub,
  type Limits,
  type Message,
  type Recall,
  type Session,
} from "../../lib/chat/mod.ts";
import type { Request, ServerEvent } from "../../lib/wire/mod.ts";

/** What a test's session is told. */
export class Peer {
  readonly told: ServerEvent[] = [];
  closed = false;

  /** Takes what it was told since the last call. */
  take(): ServerEvent[] {
    return this.told.splice(0);
  }
}

/** A hub whose effects are carried out in memory. */
export class ChatRoom {
  readonly hub: Hub<Peer>;
  /** The clock, ms. */
  now = 1_000;
  /** Batches handed to the log and not yet durable: their sizes. */
  readonly appended: number[] = [];
  /** What the log remembers of each stream, by the stream's name. */
  readonly past: Record<string, readonly Message[]> = {};
  /** Rooms that the hub wants to know the past of, if it is held back. */
  readonly recalls: Recall<Peer>[] = [];
  /** Whether the log answers only when the test says so. */
  holdRecalls = false;
  #id = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.hub = new Hub({
      limits: { ...DEFAULT_LIMITS, ...limits },
      epoch: 7,
    });
  }

  /** Answers the oldest recall. */
  recall(): void {
    const recall = this.recalls.shift();
    if (recall === undefined) return;
    const past = this.past[recall.stream] ?? [];
    this.hub.remember(recall.room, past.slice(-recall.limit), this.now);
    this.work();
  }

  connect(): Session<Peer> {
    return this.hub.connect(new Peer(), { now: this.now });
  }

  /** Connects and logs in; what that told everybody is forgotten. */
  login(username: string): Session<Peer> {
    const session = this.connect();
    this.ask(session, { type: "login", username });
    return session;
  }

  /** One request and all that it brings about, but for what the log delays. */
  ask(session: Session<Peer>, request: Request): void {
    this.hub.receive(session, request, this.now);
    this.work();
  }

  say(session: Session<Peer>, text: string): void {
    this.ask(session, { type: "room_msg", text });
  }

  /** Carries the hub's effects out. */
  work(): void {
    for (const effect of this.hub.drain()) {
      switch (effect.type) {
        case "append":
          this.appended.push(effect.drafts.length);
          break;
        case "recall":
          this.recalls.push(effect);
          break;
        case "send":
          effect.session.peer.told.push(effect.event);
          break;
        case "publish":
          for (const member of effect.members) {
            for (const { event, author, receipt } of effect.messages) {
              if (member !== author) member.peer.told.push(event);
              else if (receipt !== undefined) member.peer.told.push(receipt);
            }
          }
          break;
        case "close":
          effect.session.peer.closed = true;
          break;
      }
    }
    while (!this.holdRecalls && this.recalls.length > 0) this.recall();
  }

  /** The log's oldest batch becomes durable. */
  durable(): void {
    const size = this.appended.shift() ?? 0;
    const stored = Array.from({ length: size }, () => {
      const id = ++this.#id;
      return { id, sequence: id };
    });
    this.hub.stored(stored, this.now);
    this.work();
  }
}
