/**
 * Counts what goes through a tap.
 *
 * @module
 */

import type {
  Direction,
  TapConnection,
  TapObserver,
} from "../../lib/net/tap.ts";

/** Bytes of TCP payload, each way. */
export interface ByteCount {
  /** From the client to the server. */
  readonly up: number;
  /** From the server to the client. */
  readonly down: number;
}

/** Sums the payload bytes of each connection through a tap. */
export class ByteMeter implements TapObserver {
  readonly #counts = new Map<number, { up: number; down: number }>();

  /** @inheritdoc */
  open({ id }: TapConnection): void {
    this.#counts.set(id, { up: 0, down: 0 });
  }

  /** @inheritdoc */
  data({ id }: TapConnection, direction: Direction, bytes: Uint8Array): void {
    const count = this.#counts.get(id);
    if (count !== undefined) count[direction] += bytes.length;
  }

  /** What went through a connection so far, by its id. */
  connection(id: number): ByteCount {
    return { up: 0, down: 0, ...this.#counts.get(id) };
  }

  /** The ids of the connections seen, in the order of their opening. */
  get connections(): readonly number[] {
    return [...this.#counts.keys()];
  }

  /** What went through all connections so far. */
  get total(): ByteCount {
    const total = { up: 0, down: 0 };
    for (const { up, down } of this.#counts.values()) {
      total.up += up;
      total.down += down;
    }
    return total;
  }
}
