/**
 * What is found in a capture.
 *
 * @module
 */

import type { Endpoint } from "../net/mod.ts";
import type { StreamFinding } from "./conversation.ts";
import type { LeftOut } from "./ip_packet.ts";

/** Something found in a capture. Times are in microseconds since 1970. */
export type Finding =
  | {
    readonly event: "open";
    readonly time: number;
    /** The connection's number in this capture, from 1. */
    readonly connection: number;
    /** Two addresses that exchange datagrams; else a TCP connection. */
    readonly transport?: "udp";
    readonly client: Endpoint;
    readonly server: Endpoint;
  }
  | (StreamFinding & { readonly connection: number })
  | {
    readonly event: "close";
    readonly time: number;
    readonly connection: number;
    /** `unfinished`: it was still open when the capture ended. */
    readonly how: "fin" | "reset" | "unfinished";
  };

/** What was seen of packets, besides the findings. */
export interface PacketCounts {
  packets: number;
  connections: number;
  /** TCP payload that came more than once, in bytes. */
  repeatedBytes: number;
  /** UDP datagrams that nobody has acknowledged. */
  unacknowledged: number;
  /** Packets without anything in them that is read, by cause. */
  readonly leftOut: Map<LeftOut | `link type ${number}`, number>;
}
