/**
 * Captures made of what was said, and what is read from them.
 *
 * @module
 */

import {
  pcapFileHeader,
  readCapture,
  type ReadingEvent,
  StreamWriter,
  writePcapRecord,
} from "../../lib/capture/mod.ts";
import { ByteWriter } from "../../lib/wire/mod.ts";
import type { Direction, TapEnd } from "../../lib/net/mod.ts";

/** One of the packets of a capture; time in µs since 1970. */
export interface MadePacket {
  readonly time: number;
  readonly packet: Uint8Array;
}

/** What happens on a connection: bytes, or the end of a direction. */
export type Said = readonly [Direction, Uint8Array | string | TapEnd];

/** The time of every capture's begin, ms since 1970: 2026-01-02 03:04:05 UTC. */
export const BEGIN = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * The packets of one connection, from 192.0.2.1:50001 to 192.0.2.2:5555, a
 * millisecond between any two things said. `fin` and `reset` are ends.
 */
export function packetsOf(said: readonly Said[], id = 1): MadePacket[] {
  const packets: MadePacket[] = [];
  const writer = new StreamWriter((time, packet) =>
    packets.push({ time, packet })
  );
  const connection = {
    id,
    client: { address: "192.0.2.1", port: 50_000 + id },
    server: { address: "192.0.2.2", port: 5_555 },
    time: BEGIN,
  };
  writer.open(connection);
  said.forEach(([direction, what], index) => {
    const time = BEGIN + 1 + index;
    if (what === "fin" || what === "reset") {
      return writer.close(connection, direction, time, what);
    }
    const bytes = typeof what === "string"
      ? new TextEncoder().encode(what)
      : what;
    writer.data(connection, direction, bytes, time);
  });
  return packets;
}

/** A pcap file that holds these packets. */
export function fileOf(packets: readonly MadePacket[]): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(pcapFileHeader());
  for (const { time, packet } of packets) writePcapRecord(writer, time, packet);
  return writer.take();
}

/** Everything that is read from a pcap file. */
export function readAll(file: Uint8Array): Promise<ReadingEvent[]> {
  return Array.fromAsync(readCapture([file]));
}
