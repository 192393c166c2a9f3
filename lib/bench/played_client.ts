/**
 * One person of a benched conversation, as a play sees it: whatever the wire.
 *
 * @module
 */

import type { LedgerEntry } from "./frame_ledger.ts";
import type { BenchEvent } from "./stated.ts";
import type { Step } from "./workload.ts";

/** What a client tells. */
export interface ClientEvents {
  /** The time on the conversation's clock, ms. */
  now(): number;
  /** An event came. */
  event(event: BenchEvent): void;
  /** So much was sent or received as one type of message, above TLS. */
  count(direction: "up" | "down", type: string, bytes: number): void;
  /** It says up to where it has a room, by what it calls that. */
  receipt(room: string, sequence: number): void;
  /** Something came that is no event. */
  garbage(): void;
  /** The connection is gone. */
  gone(): void;
}

/** Where a client connects to. */
export interface ClientAddress {
  readonly host: string;
  readonly port: number;
  /** The only certificate to trust, SHA-256; absent: any. */
  readonly fingerprint?: string | undefined;
}

/** A client. Times are those of the conversation's clock, ms. */
export interface PlayedClient {
  /** Our end's port, by which a tap knows the connection. */
  readonly port: number;
  /** Bytes of requests written, above TLS. */
  readonly sent: number;
  /** Bytes of events received, above TLS. */
  readonly received: number;
  /** Whether the connection is gone. */
  readonly gone: boolean;
  /** Whether nothing that it said waits for its acknowledgement. */
  readonly idle: boolean;
  /** When it has something to send by itself. */
  readonly deadline: number;
  /**
   * When it has to send a keepalive, if nothing else is sent until then; or to
   * ask for what waits, whatever is sent.
   */
  readonly keepaliveDue: number;
  /** Where its bytes went, kind by kind, on the wires that have a ledger. */
  readonly ledger: { readonly entries: readonly LedgerEntry[] } | undefined;
  /**
   * Gets ready for an action: what it states with it is told by now. Answers
   * what does it, when goodbye is said in at most so many ms.
   */
  prepare(action: Step["action"]): (timeout: number) => Promise<void>;
  /** Sends what it would send by itself; answers how many requests those are. */
  sendDue(): number;
  /** Shows that it is there, or asks for what waits. */
  keepalive(): void;
  /** Time has passed: repeats what is due. */
  wake(): void;
  /** Lets go of everything at once. */
  destroy(): Promise<void>;
}
