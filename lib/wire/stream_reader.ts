/**
 * What every decoder of a byte stream has in common.
 *
 * @module
 */

import { ByteQueue } from "./bytes.ts";
import { type ErrorCode, refusal, RemoteProtocolError } from "./errors.ts";
import type { Direction } from "./model.ts";

/** A mistake behind which reading goes on: 400. */
export function malformed(detail: string): RemoteProtocolError {
  return refusal(400, detail);
}

/** Collects one direction of one connection until its framing is lost. */
export class StreamReader {
  /** What has come and is not read. */
  protected readonly queue = new ByteQueue();
  /** Whose messages these are. */
  protected readonly direction: Direction;
  #dead = false;

  constructor(direction: Direction) {
    this.direction = direction;
  }

  /** Bytes held that are not yet a whole message. */
  get pending(): number {
    return this.queue.length;
  }

  /** Takes the next bytes of the stream; keeps them, so don't reuse them. */
  receive(bytes: Uint8Array): void {
    if (!this.#dead) this.queue.push(bytes);
  }

  /** Nothing behind this can be understood: lets go of it all, and says so. */
  protected fatal(code: ErrorCode, detail: string): never {
    this.die(new RemoteProtocolError(code, detail, { fatal: true }));
  }

  /** The same, with an error of its own kind. */
  protected die(error: RemoteProtocolError): never {
    this.end();
    throw error;
  }

  /** Nothing more is read. */
  protected end(): void {
    this.#dead = true;
    this.queue.clear();
  }
}
