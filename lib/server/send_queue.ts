/**
 * What a peer has been written and not read yet: the queue of its socket.
 *
 * That MUST stay bounded, however slowly the peer reads. How far it has come is
 * known from what the socket has taken: whoever waits for that is told.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** How long it takes to look again at a socket that takes nothing, ms. */
const LONGEST_PAUSE = 1_000;

/** Somebody who waits for a write to be taken. */
interface Waiter {
  /** Bytes up to the end of what it waits for. */
  readonly given: number;
  then(taken: boolean): void;
}

/** How a queue is made. */
export interface SendQueueOptions {
  readonly socket: Duplex;
  readonly tls: boolean;
  /** How much may wait, bytes. */
  readonly limit: number;
}

/** The queue of one socket. */
export class SendQueue {
  readonly #socket: Duplex;
  readonly #tls: boolean;
  readonly #limit: number;
  /** Bytes for the socket, and as many of them as it is known to have taken. */
  #given = 0;
  #taken = 0;
  /** In TLS, has the latter looked at; made for the first write. */
  #told: (() => void) | undefined;
  /** Who waits for what, in order. */
  readonly #waiters: Waiter[] = [];
  /** When the socket is looked at for them. */
  #looking: ReturnType<typeof setTimeout> | undefined;
  /** Something was to be written to a socket that takes nothing more. */
  #cut = false;
  /** More waited than may, a turn after that was written. */
  #behind = false;
  #watching = false;

  constructor({ socket, tls, limit }: SendQueueOptions) {
    this.#socket = socket;
    this.#tls = tls;
    this.#limit = limit;
  }

  /** Bytes that wait in the socket. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /** Bytes that wait no more: it took them, unless it failed. */
  get taken(): number {
    return this.#given - this.#socket.writableLength;
  }

  /** So much waits that nothing more is asked for. */
  get muchWaits(): boolean {
    return this.#socket.writableLength > this.#limit / 4;
  }

  /** More waits than may. */
  get #over(): boolean {
    return this.#socket.writableLength > this.#limit;
  }

  /**
   * Writes bytes, which may be shared. To be told of each write costs every
   * delivery an event of its own, and plaintext is mostly taken at once: that is
   * looked at.
   */
  write(bytes: Uint8Array): void {
    this.#given += bytes.length;
    // It will never be taken.
    if (!this.#socket.writable) {
      this.#cut = true;
      return;
    }
    this.#behind &&= this.#over;
    if (this.#tls) {
      this.#socket.write(bytes, this.#told ??= () => this.#look());
    } else {
      this.#socket.write(bytes);
      this.#look();
    }
  }

  /**
   * Whether more waits than may, and did when the socket had had a turn: what
   * was written at once says nothing yet about who reads it.
   */
  fallsBehind(): boolean {
    if (this.#cut || !this.#over) return false;
    if (!this.#behind) this.#watch();
    return this.#behind;
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    setImmediate(() => {
      this.#watching = false;
      this.#behind = this.#over;
    });
  }

  /**
   * Calls `then` when the socket has taken all that it was given, and so many
   * bytes that it is still to be; or with false when it is closed before that.
   */
  onceTaken(still: number, then: (taken: boolean) => void): void {
    const given = this.#given + still;
    this.#look();
    if (given <= this.#taken) then(true);
    else if (this.#socket.closed) then(false);
    else {
      this.#waiters.push({ given, then });
      this.#lookSoon();
    }
  }

  /** The socket is closed: what it has not taken it never will. */
  closed(): void {
    this.#look();
    clearTimeout(this.#looking);
    for (const { then } of this.#waiters.splice(0)) then(false);
  }

  /** Notes what the socket has taken, and tells those who wait for it. */
  #look(): void {
    const socket = this.#socket;
    // One that failed holds nothing either.
    if (this.#cut || !(socket.writable || socket.writableFinished)) return;
    this.#taken = this.taken;
    while ((this.#waiters[0]?.given ?? Infinity) <= this.#taken) {
      this.#waiters.shift()?.then(true);
    }
  }

  /**
   * Looks again and again, as long as somebody waits: also in TLS, where the last
   * write of a socket that ends is told of before it counts as finished.
   */
  #lookSoon(pause = 0): void {
    if (this.#waiters.length === 0) return;
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      const before = this.#taken;
      this.#look();
      const longer = Math.min(pause * 2 + 1, LONGEST_PAUSE);
      this.#lookSoon(this.#taken > before ? 0 : longer);
    }, pause);
  }
}
