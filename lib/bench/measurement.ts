/**
 * What playing a conversation over one variant came to.
 *
 * @module
 */

import type { DatagramCounts } from "./datagram_meter.ts";
import type { Tally } from "./deliveries.ts";
import type { LedgerEntry } from "./frame_ledger.ts";
import type { Variant } from "./variants.ts";

/**
 * What went over the wire as one type of message: the event's or the request's
 * name; `frames` for what makes no event.
 */
export interface TypeTraffic {
  /** `up`: client to server. */
  readonly direction: "up" | "down";
  readonly type: string;
  /** Messages of the type. */
  readonly count: number;
  /** Their bytes, above TLS. */
  readonly bytes: number;
}

/** The figures of one variant; all bytes are payload of TCP or UDP, below TLS. */
export interface Measurement {
  readonly variant: Variant;
  /** Bytes from clients to server, everything included. */
  readonly up: number;
  /** Bytes from server to clients, everything included. */
  readonly down: number;
  /** Of both: handshake messages and session tickets. 0 without TLS. */
  readonly handshake: number;
  /** Of both: closing alerts. 0 without TLS. */
  readonly closing: number;
  /** Of both: what the codecs wrote. */
  readonly application: number;
  /** Records of application data, both ways. 0 without TLS. */
  readonly records: number;
  readonly tally: Tally;
  /** Bytes of both directions so far, after each step. */
  readonly curve: readonly number[];
  readonly types: readonly TypeTraffic[];
  /** Where the application's bytes went, on the wires that have a ledger. */
  readonly frames?: readonly LedgerEntry[];
  /** Present on UDP. */
  readonly datagrams?: DatagramCounts;
  /** How long it took to play, s. */
  readonly seconds: number;
}

/** Bytes on the wire, both directions. */
export function total({ up, down }: Measurement): number {
  return up + down;
}

/** What TLS put around the application data, bytes. */
export function recordOverhead(measurement: Measurement): number {
  const { handshake, closing, application } = measurement;
  return total(measurement) - handshake - closing - application;
}
