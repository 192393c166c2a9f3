/**
 * IP packets around what they carry, as bytes and back (RFC 791, RFC 8200).
 *
 * @module
 */

import { ByteWriter } from "../wire/mod.ts";
import type { Endpoint } from "../net/mod.ts";
import { addressBytes, mapped } from "./ip_address.ts";

/** What an IP packet carries, by the number in its header. */
export const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** Bytes of an IPv4 header without options; IPv6's is longer. */
export const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const HOPS = 64;
const DONT_FRAGMENT = 0x4000;

/** The most bytes that the header of a packet can say it has. */
export const PACKET_MOST = 0xffff;

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

function ipv4Bytes(
  source: Uint8Array,
  destination: Uint8Array,
  identification: number,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(IPV4_BYTES + payload.length);
  writer.u16(0x4500);
  writer.u16(IPV4_BYTES + payload.length);
  writer.u16(identification & 0xffff);
  writer.u16(DONT_FRAGMENT);
  writer.u8(HOPS);
  writer.u8(protocol);
  writer.u16(0);
  writer.bytes(source);
  writer.bytes(destination);
  writer.bytes(payload);
  const bytes = writer.take();
  const checksum = internetChecksum(bytes.subarray(0, IPV4_BYTES));
  new DataView(bytes.buffer).setUint16(10, checksum);
  return bytes;
}

function ipv6Bytes(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(IPV6_BYTES + payload.length);
  writer.u32(0x60000000);
  writer.u16(payload.length);
  writer.u8(protocol);
  writer.u8(HOPS);
  writer.bytes(source);
  writer.bytes(destination);
  writer.bytes(payload);
  return writer.take();
}

/** Where a packet goes, and which it is. */
export interface IpHeader {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly protocol: number;
  /** Numbers IPv4 packets. */
  readonly identification: number;
}

/**
 * A whole IP packet around what `payload` makes, which is told the sum of the
 * pseudo header but for the payload's length. IPv4 unless one of the addresses
 * is IPv6; then an IPv4 one beside it is mapped.
 *
 * @throws {RangeError} when an address is none.
 */
export function encodeIp(
  { source, destination, protocol, identification }: IpHeader,
  payload: (pseudoSum: number) => Uint8Array,
): Uint8Array {
  const [from, to] = [source, destination].map(({ address }) => {
    const bytes = addressBytes(address);
    if (bytes !== undefined) return bytes;
    throw new RangeError(`An IP address was expected, found "${address}"`);
  }) as [Uint8Array, Uint8Array];
  const carried = payload(onesSum(to, onesSum(from)) + protocol);
  return from.length === 4 && to.length === 4
    ? ipv4Bytes(from, to, identification, protocol, carried)
    : ipv6Bytes(mapped(from), mapped(to), protocol, carried);
}

/** Why a packet is left out. */
export type LeftOut =
  | "not IP"
  | "not TCP or UDP"
  | "other UDP"
  | "IP fragments"
  | "cut or damaged";

/** What an IP packet carries. */
export interface IpPayload {
  /** 4 or 16 bytes. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
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
  return {
    source: packet.subarray(12, 16),
    destination: packet.subarray(16, 20),
    protocol: packet[9] as number,
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
  if (at > total) return "cut or damaged";
  return {
    source: packet.subarray(8, 24),
    destination: packet.subarray(24, 40),
    protocol: next,
    bytes: packet.subarray(at, total),
    length: total - at,
  };
}

/**
 * Reads an IP packet, or says why it is left out. The payload is a view of
 * `packet`. `originalLength`: bytes that it had on the network.
 */
export function parseIp(
  packet: Uint8Array,
  originalLength = packet.length,
): IpPayload | LeftOut {
  const version = packet.length === 0 ? 0 : (packet[0] as number) >> 4;
  if (version !== 4 && version !== 6) return "not IP";
  return version === 4
    ? parseIpv4(packet, originalLength)
    : parseIpv6(packet, originalLength);
}
