/**
 * What a tap sees of one variant, per connection: bytes, and the headers of
 * TLS records.
 *
 * @module
 */

import type { Direction, TapConnection, TapObserver } from "../net/mod.ts";
import { RecordReader } from "./tls_records.ts";

/** One connection, both directions. */
export interface ConnectionMeter {
  /** Bytes below TLS. */
  up: number;
  down: number;
  readonly records: Readonly<Record<Direction, RecordReader>>;
}

/** Counts below TLS. */
export class WireMeter implements TapObserver {
  readonly #connections = new Map<number, ConnectionMeter>();
  #total = 0;

  /** Bytes of all connections so far, both directions. */
  get total(): number {
    return this.#total;
  }

  /** The connection that came from a client's `port`, or undefined. */
  connection(port: number): ConnectionMeter | undefined {
    return this.#connections.get(port);
  }

  open({ client }: TapConnection): void {
    this.#connections.set(client.port, {
      up: 0,
      down: 0,
      records: { up: new RecordReader(), down: new RecordReader() },
    });
  }

  data(
    { client }: TapConnection,
    direction: Direction,
    bytes: Uint8Array,
  ): void {
    const meter = this.#connections.get(client.port);
    if (meter === undefined) return;
    meter[direction] += bytes.length;
    meter.records[direction].receive(bytes);
    this.#total += bytes.length;
  }
}
