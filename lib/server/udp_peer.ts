/**
 * A login from a UDP address, as the server knows its peers.
 *
 * @module
 */

import type { Session } from "../chat/mod.ts";
import {
  type EventEncoding,
  type ServerEvent,
  UDPCHAT_EVENTS,
  type Visit,
} from "../wire/mod.ts";
import type { Clock } from "./clock.ts";
import type { Peer } from "./peer.ts";

/** How a peer is made. */
export interface UdpPeerOptions {
  readonly visit: Visit;
  readonly label: string;
  readonly clock: Clock;
  /** Something is to be sent, or done, when the turn's work is done. */
  readonly queued: (peer: UdpPeer) => void;
  /** Does that. */
  readonly flush: () => void;
  /** The hub has closed it. */
  readonly closed: (peer: UdpPeer) => void;
}

/** Somebody who waits for pushes to be acknowledged. */
interface Waiter {
  readonly push: number;
  then(taken: boolean): void;
}

/** One session of the hub at a UDP address. */
export class UdpPeer implements Peer {
  /** Set before anything is asked. */
  session!: Session<Peer>;
  readonly label: string;
  readonly encoding: EventEncoding = UDPCHAT_EVENTS;
  readonly #options: UdpPeerOptions;
  #waiters: Waiter[] = [];
  #queued = false;

  constructor(options: UdpPeerOptions) {
    this.#options = options;
    this.label = options.label;
  }

  get visit(): Visit {
    return this.#options.visit;
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  #changed(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#options.queued(this);
  }

  write(bytes: Uint8Array): void {
    this.visit.write(bytes, this.#now);
    this.#changed();
  }

  /** Every push names its room. */
  select(): void {}

  send(event: ServerEvent): void {
    this.visit.send(event, this.#now);
    this.#changed();
  }

  reply(events: readonly ServerEvent[]): void {
    for (const event of events) this.visit.reply(event, this.#now);
    this.#changed();
  }

  flush(): void {
    this.#queued = false;
    this.#options.flush();
  }

  /** Whether all that was pushed is acknowledged, once that is known. */
  taken(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiters.push({ push: this.visit.pushes, then: resolve });
    this.settle();
    return promise;
  }

  /** Something may have been acknowledged, or never will be. */
  settle(): void {
    this.#waiters = this.#waiters.filter(({ push, then }) => {
      const taken = this.visit.taken(push);
      if (taken !== undefined) then(taken);
      return taken === undefined;
    });
  }

  /** Answers what was asked; nothing more is pushed. */
  close(): Promise<boolean> {
    this.visit.closed(this.#now);
    this.#changed();
    this.#options.closed(this);
    return Promise.resolve(true);
  }
}
