/**
 * Tells what a tap observed with other addresses and at other times, so that
 * captures of a conversation which was played quickly, on ports that happened
 * to be free, can be compared.
 *
 * @module
 */

import type { Endpoint, TapConnection, TapObserver } from "../net/mod.ts";

/** Where and when it shall have been. */
export interface Retelling {
  readonly server: Endpoint;
  /** The client of a connection, by the connection's id from 1. */
  readonly client: (id: number) => Endpoint;
  /** Now, in ms since 1970; must not go back. */
  readonly now: () => number;
}

/** Passes observations on to `observer`, retold. */
export function retell(
  observer: TapObserver,
  { server, client, now }: Retelling,
): TapObserver {
  const retold = ({ id, time }: TapConnection) => ({
    id,
    client: client(id),
    server,
    time,
  });
  return {
    open: (connection) =>
      observer.open?.({ ...retold(connection), time: now() }),
    data: (connection, direction, bytes) =>
      observer.data?.(retold(connection), direction, bytes, now()),
    close: (connection, direction, _time, how) =>
      observer.close?.(retold(connection), direction, now(), how),
  };
}

/** A clock that is set from time to time, and runs on in between. */
export class SetClock {
  #time: number;
  #since: number;

  /** `time`: ms since 1970. */
  constructor(time: number) {
    this.#time = time;
    this.#since = performance.now();
  }

  /** Sets it, but never back. */
  set(time: number): void {
    this.#time = Math.max(time, this.now());
    this.#since = performance.now();
  }

  /** What it shows, ms since 1970, with fractions. */
  now(): number {
    return this.#time + performance.now() - this.#since;
  }
}
