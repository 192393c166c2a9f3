/**
 * TCP segments in IP packets, as bytes and back (RFC 791, RFC 8200, RFC 9293).
 *
 * @module
 */

import type { Endpoint } from "../net/mod.ts";
import { ByteWriter } from "../wire/mod.ts";
import { addressBytes, addressText, mapped } from "./ip_address.ts";

/** The control bits of a TCP header that matter here. */
export const TCP_FLAGS = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
} as const;

/** A TCP segment with the addresses of the packet it is in. */
export interface TcpSegment {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Sequence number of the first byte, modulo 2³². */
  readonly seqn: number;
  /** The next byte that the sender waits for, modulo 2³². */
  readonly ack: number;
  /** Bits of {@link TCP_FLAGS}. */
  readonly flags: number;
  /** The window field, not scaled. */
  readonly window: number;
  /** Options, padded to a multiple of 4 bytes. */
  readonly options?: Uint8Array;
  readonly payload: Uint8Array;
}

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const TCP_BYTES = 20;
const PROTOCOL_TCP = 6;
const HOPS = 64;
const DONT_FRAGMENT = 0x4000;

/** The one's complement sum of 16-bit words, folded (RFC 1071). */
function onesSum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += (bytes[index] as number) << 8 | (bytes[index + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

/**
 * The Internet checksum (RFC 1071): 0 over bytes that hold their own right
 * checksum. `start`: the sum of a pseudo header.
 */
export function internetChecksum(bytes: Uint8Array, start = 0): number {
  return ~onesSum(bytes, start) & 0xffff;
}

function tcpBytes(segment: TcpSegment, pseudoSum: number): Uint8Array {
  const { options = new Uint8Array(0), payload } = segment;
  const headerBytes = TCP_BYTES + options.length;
  const writer = new ByteWriter(headerBytes + payload.length);
  writer.u16(segment.source.port);
  writer.u16(segment.destination.port);
  writer.u32(segment.seqn >>> 0);
  writer.u32(segment.ack >>> 0);
  writer.u8((headerBytes / 4) << 4);
  writer.u8(segment.flags);
  writer.u16(segment.window);
  writer.u32(0);
  writer.bytes(options);
  writer.bytes(payload);
  const bytes = writer.take();
  const checksum = internetChecksum(
    bytes,
    pseudoSum + PROTOCOL_TCP + bytes.length,
  );
  new DataView(bytes.buffer).setUint16(16, checksum);
  return bytes;
}

function ipv4Bytes(
  source: Uint8Array,
  destination: Uint8Array,
  identification: number,
  tcp: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(IPV4_BYTES + tcp.length);
  writer.u16(0x4500);
  writer.u16(IPV4_BYTES + tcp.length);
  writer.u16(identification & 0xffff);
  writer.u16(DONT_FRAGMENT);
  writer.u8(HOPS);
  writer.u8(PROTOCOL_TCP);
  writer.u16(0);
  writer.bytes(source);
  writer.bytes(destination);
  writer.bytes(tcp);
  const bytes = writer.take();
  const checksum = internetChecksum(bytes.subarray(0, IPV4_BYTES));
  new DataView(bytes.buffer).setUint16(10, checksum);
  return bytes;
}

function ipv6Bytes(
  source: Uint8Array,
  destination: Uint8Array,
  tcp: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(IPV6_BYTES + tcp.length);
  writer.u32(0x60000000);
  writer.u16(tcp.length);
  writer.u8(PROTOCOL_TCP);
  writer.u8(HOPS);
  writer.bytes(source);
  writer.bytes(destination);
  writer.bytes(tcp);
  return writer.take();
}

/**
 * A segment as a whole IP packet with right checksums. IPv4 unless one of the
 * addresses is IPv6; then an IPv4 one beside it is mapped. `identification`
 * numbers IPv4 packets.
 *
 * @throws {RangeError} when an address is none, or the packet would be longer
 * than 65,535 bytes.
 */
export function encodePacket(
  segment: TcpSegment,
  identification = 0,
): Uint8Array {
  const [source, destination] = [segment.source, segment.destination].map(
    ({ address }) => {
      const bytes = addressBytes(address);
      if (bytes !== undefined) return bytes;
      throw new RangeError(`An IP address was expected, found "${address}"`);
    },
  ) as [Uint8Array, Uint8Array];
  const most = 0xffff - IPV4_BYTES - TCP_BYTES -
    (segment.options?.length ?? 0);
  if (segment.payload.length > most) {
    throw new RangeError(
      `A segment has at most ${most} bytes, this one has ${segment.payload.length}`,
    );
  }
  const tcp = tcpBytes(segment, onesSum(destination, onesSum(source)));
  return source.length === 4 && destination.length === 4
    ? ipv4Bytes(source, destination, identification, tcp)
    : ipv6Bytes(mapped(source), mapped(destination), tcp);
}

/** A segment as it was found in a capture. */
export interface ParsedSegment extends TcpSegment {
  /** Bytes of payload on the network; more than `payload` has when it was cut. */
  readonly length: number;
}

/** Why a packet is left out: not TCP, a fragment, or not whole. */
export type LeftOut = "not IP" | "not TCP" | "IP fragments" | "cut or damaged";

interface IpPayload {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** What was kept of the payload. */
  readonly bytes: Uint8Array;
  /** Bytes of payload on the network. */
  readonly length: number;
}

function parseIpv4(
  packet: Uint8Array,
  originalLength: number,
): IpPayload | LeftOut {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (packet.length < IPV4_BYTES) return "cut or damaged";
  const headerBytes = ((packet[0] as number) & 0x0f) * 4;
  // Segmentation offload leaves 0 where a packet's length did not fit.
  const total = view.getUint16(2) || originalLength;
  if (headerBytes < IPV4_BYTES || total < headerBytes) return "cut or damaged";
  if ((view.getUint16(6) & 0x3fff) !== 0) return "IP fragments";
  if (packet[9] !== PROTOCOL_TCP) return "not TCP";
  return {
    source: packet.subarray(12, 16),
    destination: packet.subarray(16, 20),
    bytes: packet.subarray(headerBytes, total),
    length: total - headerBytes,
  };
}

/** IPv6 extension headers that only have to be stepped over (RFC 8200, 4). */
const STEPPED_OVER: ReadonlySet<number> = new Set([0, 43, 60]);
const FRAGMENT_HEADER = 44;

function parseIpv6(
  packet: Uint8Array,
  originalLength: number,
): IpPayload | LeftOut {
  if (packet.length < IPV6_BYTES) return "cut or damaged";
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const total = (view.getUint16(4) || originalLength - IPV6_BYTES) + IPV6_BYTES;
  let next = packet[6] as number;
  let at = IPV6_BYTES;
  while (STEPPED_OVER.has(next)) {
    if (at + 8 > packet.length) return "cut or damaged";
    next = packet[at] as number;
    at += 8 * (1 + (packet[at + 1] as number));
  }
  if (next === FRAGMENT_HEADER) return "IP fragments";
  if (next !== PROTOCOL_TCP) return "not TCP";
  if (at > total) return "cut or damaged";
  return {
    source: packet.subarray(8, 24),
    destination: packet.subarray(24, 40),
    bytes: packet.subarray(at, total),
    length: total - at,
  };
}

/**
 * Reads an IP packet, or says why it is left out. Checksums are not verified:
 * a capture from a machine with checksum offload holds wrong ones. The payload
 * is a view of `packet`. `originalLength`: bytes that it had on the network.
 */
export function parsePacket(
  packet: Uint8Array,
  originalLength = packet.length,
): ParsedSegment | LeftOut {
  const version = packet.length === 0 ? 0 : (packet[0] as number) >> 4;
  if (version !== 4 && version !== 6) return "not IP";
  const ip = version === 4
    ? parseIpv4(packet, originalLength)
    : parseIpv6(packet, originalLength);
  if (typeof ip === "string") return ip;
  const { bytes, length } = ip;
  if (bytes.length < TCP_BYTES) return "cut or damaged";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = ((bytes[12] as number) >> 4) * 4;
  if (headerBytes < TCP_BYTES || headerBytes > length) return "cut or damaged";
  return {
    source: { address: addressText(ip.source), port: view.getUint16(0) },
    destination: {
      address: addressText(ip.destination),
      port: view.getUint16(2),
    },
    seqn: view.getUint32(4),
    ack: view.getUint32(8),
    flags: bytes[13] as number,
    window: view.getUint16(14),
    options: bytes.subarray(TCP_BYTES, headerBytes),
    payload: bytes.subarray(headerBytes),
    length: length - headerBytes,
  };
}
