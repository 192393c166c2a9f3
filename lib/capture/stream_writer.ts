/**
 * Turns what a tap observed into the packets of TCP connections.
 *
 * A tap sees streams and no packets, so headers are made up as a network
 * without loss would have made them. It MUST hold that
 *
 * - every connection has its handshake, every segment its acknowledgement right
 *   behind it, every end its FIN or RST;
 * - the payloads of a direction are the bytes observed, each exactly once and in
 *   order, so that their sum is what the tap counted;
 * - no segment is longer than the MSS that its handshake offers, and the window
 *   is never full;
 * - times rise from packet to packet.
 *
 * @module
 */

import {
  type Direction,
  type Endpoint,
  isLoopback,
  type TapConnection,
  type TapEnd,
} from "../net/mod.ts";
import { encodePacket, TCP_FLAGS } from "./packets.ts";

/** Takes a packet: a whole IP packet, and its time in µs since 1970. */
export type PacketSink = (time: number, packet: Uint8Array) => void;

/** Bytes of payload in a segment, as Linux offers them on each. */
const MSS = {
  ethernet: { ipv4: 1_460, ipv6: 1_440 },
  loopback: { ipv4: 65_495, ipv6: 65_475 },
} as const;

/** The window field of a SYN, which is never scaled, in bytes. */
const SYN_WINDOW = 65_535;

/** The binary logarithm of the unit that all other windows have. */
const WINDOW_SCALE = 7;

/** 64 KiB in units of 2⁷ bytes. */
const WINDOW = 512;

/** Options of a SYN: MSS, no-operation, window scale (RFC 9293, RFC 7323). */
function synOptions(mss: number): Uint8Array {
  return Uint8Array.of(2, 4, mss >> 8, mss & 0xff, 1, 3, 3, WINDOW_SCALE);
}

/** Different for every connection, so that a port used again is no repetition. */
function initialSeqn(id: number, direction: Direction): number {
  return Math.imul(2 * id + (direction === "up" ? 0 : 1), 0x9e3779b1) >>> 0;
}

interface Half {
  readonly endpoint: Endpoint;
  /** Sequence number of its next byte. */
  seqn: number;
  ended: boolean;
}

interface Halves {
  readonly up: Half;
  readonly down: Half;
  readonly mss: number;
}

/** Makes packets of the connections of one tap. */
export class StreamWriter {
  readonly #sink: PacketSink;
  readonly #connections = new Map<number, Halves>();
  #time = 0;
  #packets = 0;

  /** Every packet goes to `sink`, in the order of its time. */
  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** A connection: SYN, SYN-ACK, ACK. */
  open({ id, client, server, time }: TapConnection): void {
    const addresses = [client.address, server.address];
    const mss = MSS[addresses.every(isLoopback) ? "loopback" : "ethernet"];
    const isIpv6 = addresses.some((address) => address.includes(":"));
    const halves: Halves = {
      up: {
        endpoint: client,
        seqn: initialSeqn(id, "up"),
        ended: false,
      },
      down: {
        endpoint: server,
        seqn: initialSeqn(id, "down"),
        ended: false,
      },
      mss: isIpv6 ? mss.ipv6 : mss.ipv4,
    };
    this.#connections.set(id, halves);
    this.#put(halves, "up", TCP_FLAGS.syn, time);
    this.#put(halves, "down", TCP_FLAGS.syn | TCP_FLAGS.ack, time);
    this.#put(halves, "up", TCP_FLAGS.ack, time);
  }

  /** A piece of a stream: its segments, each acknowledged. */
  data(
    { id }: TapConnection,
    direction: Direction,
    bytes: Uint8Array,
    time: number,
  ): void {
    const halves = this.#connections.get(id);
    if (halves === undefined) return;
    for (let at = 0; at < bytes.length; at += halves.mss) {
      const payload = bytes.subarray(at, at + halves.mss);
      const last = at + halves.mss >= bytes.length;
      const flags = TCP_FLAGS.ack | (last ? TCP_FLAGS.psh : 0);
      this.#put(halves, direction, flags, time, payload);
      this.#put(halves, opposite(direction), TCP_FLAGS.ack, time);
    }
  }

  /** The end of a direction: FIN and its acknowledgement, or RST. */
  close(
    { id }: TapConnection,
    direction: Direction,
    time: number,
    how: TapEnd,
  ): void {
    const halves = this.#connections.get(id);
    if (halves === undefined) return;
    if (how === "reset") {
      this.#put(halves, direction, TCP_FLAGS.rst | TCP_FLAGS.ack, time);
      this.#connections.delete(id);
      return;
    }
    this.#put(halves, direction, TCP_FLAGS.fin | TCP_FLAGS.ack, time);
    this.#put(halves, opposite(direction), TCP_FLAGS.ack, time);
    halves[direction].ended = true;
    if (halves[opposite(direction)].ended) this.#connections.delete(id);
  }

  /** Makes a packet; `time` is in ms since 1970. */
  #put(
    halves: Halves,
    direction: Direction,
    flags: number,
    time: number,
    payload: Uint8Array = new Uint8Array(0),
  ): void {
    const from = halves[direction];
    const to = halves[opposite(direction)];
    const syn = (flags & TCP_FLAGS.syn) !== 0;
    const packet = encodePacket({
      source: from.endpoint,
      destination: to.endpoint,
      seqn: from.seqn,
      ack: (flags & TCP_FLAGS.ack) === 0 ? 0 : to.seqn,
      flags,
      window: syn ? SYN_WINDOW : WINDOW,
      ...syn && { options: synOptions(halves.mss) },
      payload,
    }, this.#packets++);
    // A SYN and a FIN take a sequence number each.
    const control = (flags & (TCP_FLAGS.syn | TCP_FLAGS.fin)) === 0 ? 0 : 1;
    from.seqn = (from.seqn + payload.length + control) >>> 0;
    this.#time = Math.max(this.#time + 1, Math.round(time * 1_000));
    this.#sink(this.#time, packet);
  }
}

function opposite(direction: Direction): Direction {
  return direction === "up" ? "down" : "up";
}
