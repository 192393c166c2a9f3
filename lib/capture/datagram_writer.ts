/**
 * Turns the datagrams that a tap passed on into packets. Each is one packet of
 * its own, however long, as on loopback; times rise from packet to packet.
 *
 * @module
 */

import type { Direction, TapConnection } from "../net/mod.ts";
import { encodeUdpPacket } from "./packets.ts";
import type { PacketSink } from "./stream_writer.ts";

/** Makes packets of the datagrams of one tap. */
export class DatagramWriter {
  readonly #sink: PacketSink;
  #time = 0;
  #packets = 0;

  /** Every packet goes to `sink`, in the order of its time. */
  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** A datagram of one direction; `time` is in ms since 1970. */
  datagram(
    { client, server }: TapConnection,
    direction: Direction,
    payload: Uint8Array,
    time: number,
  ): void {
    const [source, destination] = direction === "up"
      ? [client, server]
      : [server, client];
    const packet = encodeUdpPacket(
      { source, destination, payload },
      this.#packets++,
    );
    this.#time = Math.max(this.#time + 1, Math.round(time * 1_000));
    this.#sink(this.#time, packet);
  }
}
