/**
 * One connection over which one is in the chat: what goes out over it, and
 * when. What comes in is for `connections.ts` and `talk.ts`.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Link } from "./link.ts";
import { Liveness } from "./liveness.ts";
import type { Secrets } from "./secrets.ts";
import type { Talk } from "./talk.ts";

/** The rest after a 429: the server refills its measure in it, ms. */
export const REST = 1_000;

/** How long what came may stay without a receipt, ms. */
const RECEIPT_PAUSE = 1_000;

/** What a conversation is made of. */
export interface ConversationParts {
  readonly link: Link;
  readonly talk: Talk;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** The other end says nothing any more. */
  readonly dead: () => void;
}

/** A connection that is logged in. */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #liveness: Liveness;
  #cancelRest: (() => void) | undefined;
  #cancelReceipts: (() => void) | undefined;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    const { link, talk, clock, dead } = parts;
    const { many, asksEvery } = link.abilities;
    this.#liveness = new Liveness({
      clock,
      keepalive: many || asksEvery !== undefined
        ? () => link.keepalive()
        : undefined,
      every: asksEvery,
      waiting: () => talk.outbox.waiting,
      dead,
    });
  }

  /** Something came. */
  heard(): void {
    this.#liveness.heard();
  }

  /** Nobody listens, or somebody does again. */
  pause(paused: boolean): void {
    this.#liveness.pause(paused);
  }

  /** Ends it: nothing goes out any more. */
  stop(): void {
    this.#cancelRest?.();
    this.#cancelReceipts?.();
    this.#liveness.stop();
  }

  /** Sends what can be sent. */
  pump(): void {
    const { link, talk, secrets } = this.#parts;
    let sent = false;
    talk.pump(({ entry, request }) => {
      secrets.learn(entry.request);
      link.send(request);
      this.#liveness.sent();
      sent = true;
    });
    // They travel best together with something else.
    if (sent) this.sendReceipts();
    this.#rest();
    this.#liveness.watch();
  }

  #rest(): void {
    const { clock, talk: { outbox } } = this.#parts;
    if (!outbox.mustRest || this.#cancelRest !== undefined) return;
    this.#cancelRest = clock.after(REST, () => {
      this.#cancelRest = undefined;
      outbox.rested();
      this.pump();
    });
  }

  /** Something came, or was seen: the server hears of it soon. */
  oweReceipts(): void {
    const { link, clock, talk: { book } } = this.#parts;
    if (!link.abilities.many || this.#cancelReceipts !== undefined) return;
    if (!book.owesReceipts) return;
    this.#cancelReceipts = clock.after(
      RECEIPT_PAUSE,
      () => this.sendReceipts(),
    );
  }

  /** Tells the server now what came and was seen. */
  sendReceipts(): void {
    const { link, talk: { book } } = this.#parts;
    this.#cancelReceipts?.();
    this.#cancelReceipts = undefined;
    if (!link.abilities.many) return;
    for (const receipt of book.takeReceipts()) {
      link.send(receipt);
      this.#liveness.sent();
    }
  }
}
