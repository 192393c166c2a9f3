/**
 * One session of the hub, as the address has it that it belongs to: what it was
 * asked and did not reply to, in order.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { ServerEvent } from "../events.ts";
import type { Pages } from "./history_pages.ts";
import type { Asked } from "./server_requests.ts";

/** A datagram that is to be answered. */
export interface Due {
  readonly seqn: number;
  /** How long it was. */
  readonly bytes: number;
}

/** A request that has no reply. */
export interface Open extends Due {
  /** Undefined for a mistake. */
  readonly asked: Asked | undefined;
  /** What there is of its answer. */
  readonly pages?: Pages;
}

/** What an address does with what its session is told. */
export interface Host {
  replied(visit: Visit, event: ServerEvent, now: number): void;
  told(visit: Visit, event: ServerEvent, now: number): void;
  batch(visit: Visit, bytes: Uint8Array, now: number): void;
  closed(visit: Visit, now: number): void;
  taken(visit: Visit, push: number): boolean | undefined;
  readonly pushes: number;
}

/** A session of the hub, at the address that it belongs to. */
export class Visit {
  /** Requests that have no reply, the oldest first. */
  readonly open: Open[] = [];
  /** Why it was ended, if it was told so. */
  why: { readonly code: ErrorCode; readonly text: string } | undefined;
  /** Whose it is, once it is somebody's. */
  username: string | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The reply to its oldest request that has none. */
  reply(event: ServerEvent, now: number): void {
    this.#host.replied(this, event, now);
  }

  /** An event that answers nothing. */
  send(event: ServerEvent, now: number): void {
    this.#host.told(this, event, now);
  }

  /** A batch of `UDPCHAT_EVENTS`, which is kept and MUST NOT be changed. */
  write(batch: Uint8Array, now: number): void {
    this.#host.batch(this, batch, now);
  }

  /** The hub has closed it. */
  closed(now: number): void {
    this.#host.closed(this, now);
  }

  /** The number of the push that was made last. */
  get pushes(): number {
    return this.#host.pushes;
  }

  /**
   * Whether everything up to a push is acknowledged; false when it never will
   * be, undefined as long as that is not known.
   */
  taken(push: number): boolean | undefined {
    return this.#host.taken(this, push);
  }
}
