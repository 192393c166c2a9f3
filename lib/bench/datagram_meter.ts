/**
 * Which of the datagrams that pass a tap are sent again.
 *
 * A request is one that was there already, by its SEQN. SYN and FIN share two of
 * those: there it counts until the ACK. An ACK is one to what is acknowledged.
 *
 * @module
 */

import type { Direction, TapConnection, TapObserver } from "../net/mod.ts";
import { DATAGRAM_LIMITS, decodeHeader } from "../wire/mod.ts";

/** Datagrams, and what of them was sent again. */
export interface DatagramCounts {
  /** Both directions. */
  datagrams: number;
  /** Of those, sent again. */
  repeats: number;
  /** Bytes of those. */
  repeatedBytes: number;
}

/** Counts datagrams. */
export class DatagramMeter implements TapObserver {
  readonly counts: DatagramCounts = {
    datagrams: 0,
    repeats: 0,
    repeatedBytes: 0,
  };
  /** By connection, sender and SEQN: whether it is acknowledged. */
  readonly #said = new Map<string, boolean>();

  data({ id }: TapConnection, direction: Direction, bytes: Uint8Array): void {
    this.counts.datagrams++;
    if (bytes.length < DATAGRAM_LIMITS.header) return;
    const { seqn, ack, syn, fin } = decodeHeader(bytes);
    const sender = (direction === "up") === ack ? "down" : "up";
    const key = `${id} ${sender} ${seqn}`;
    const acknowledged = this.#said.get(key);
    const isKnown = acknowledged !== undefined;
    const repeated = ack
      ? acknowledged === true
      : isKnown && !(acknowledged && (syn || fin));
    this.#said.set(key, ack || repeated && (acknowledged ?? false));
    if (!repeated) return;
    this.counts.repeats++;
    this.counts.repeatedBytes += bytes.length;
  }
}
