/**
 * TCP segments and UDP datagrams in IP packets, as bytes and back (RFC 9293,
 * RFC 768).
 *
 * @module
 */

import type { Endpoint } from "../net/mod.ts";
import { ByteWriter } from "../wire/mod.ts";
import { addressText } from "./ip_address.ts";
import {
  encodeIp,
  internetChecksum,
  type IpPayload,
  IPV4_BYTES,
  type LeftOut,
  PACKET_MOST,
  parseIp,
  PROTOCOLS,
} from "./ip_packet.ts";

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

/** A UDP datagram with the addresses of the packet it is in. */
export interface UdpDatagram {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly payload: Uint8Array;
}

const TCP_BYTES = 20;
const UDP_BYTES = 8;

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
  const checksum = internetChecksum(bytes, pseudoSum + bytes.length);
  new DataView(bytes.buffer).setUint16(16, checksum);
  return bytes;
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
  const headerBytes = TCP_BYTES + (segment.options?.length ?? 0);
  checkSize("segment", segment.payload, headerBytes);
  const { source, destination } = segment;
  return encodeIp(
    { source, destination, protocol: PROTOCOLS.tcp, identification },
    (pseudoSum) => tcpBytes(segment, pseudoSum),
  );
}

/**
 * The same for a datagram.
 *
 * @throws {RangeError} as above.
 */
export function encodeUdpPacket(
  datagram: UdpDatagram,
  identification = 0,
): Uint8Array {
  checkSize("datagram", datagram.payload, UDP_BYTES);
  const { source, destination } = datagram;
  return encodeIp(
    { source, destination, protocol: PROTOCOLS.udp, identification },
    (pseudoSum) => udpBytes(datagram, pseudoSum),
  );
}

function checkSize(what: string, { length }: Uint8Array, header: number): void {
  const most = PACKET_MOST - IPV4_BYTES - header;
  if (length <= most) return;
  throw new RangeError(
    `A ${what} has at most ${most} bytes, this one has ${length}`,
  );
}

function udpBytes(
  { source, destination, payload }: UdpDatagram,
  pseudoSum: number,
): Uint8Array {
  const writer = new ByteWriter(UDP_BYTES + payload.length);
  writer.u16(source.port);
  writer.u16(destination.port);
  writer.u16(UDP_BYTES + payload.length);
  writer.u16(0);
  writer.bytes(payload);
  const bytes = writer.take();
  const checksum = internetChecksum(bytes, pseudoSum + bytes.length);
  // 0 would mean that there is none.
  new DataView(bytes.buffer).setUint16(6, checksum || 0xffff);
  return bytes;
}

/** A segment as it was found in a capture. */
export interface ParsedSegment extends TcpSegment {
  readonly transport: "tcp";
  /** Bytes of payload on the network; more than `payload` has when it was cut. */
  readonly length: number;
}

/** A datagram as it was found in a capture. */
export interface ParsedDatagram extends UdpDatagram {
  readonly transport: "udp";
  /** As of a segment. */
  readonly length: number;
}

/**
 * Reads an IP packet, or says why it is left out. Checksums are not verified:
 * a capture from a machine with checksum offload holds wrong ones. The payload
 * is a view of `packet`. `originalLength`: bytes that it had on the network.
 */
export function parsePacket(
  packet: Uint8Array,
  originalLength = packet.length,
): ParsedSegment | ParsedDatagram | LeftOut {
  const ip = parseIp(packet, originalLength);
  if (typeof ip === "string") return ip;
  if (ip.protocol === PROTOCOLS.tcp) return parseSegment(ip);
  if (ip.protocol === PROTOCOLS.udp) return parseUdp(ip);
  return "not TCP or UDP";
}

function parseSegment(ip: IpPayload): ParsedSegment | LeftOut {
  const { bytes, length } = ip;
  if (bytes.length < TCP_BYTES) return "cut or damaged";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = ((bytes[12] as number) >> 4) * 4;
  if (headerBytes < TCP_BYTES || headerBytes > length) return "cut or damaged";
  return {
    transport: "tcp",
    ...endpoints(ip, view),
    seqn: view.getUint32(4),
    ack: view.getUint32(8),
    flags: bytes[13] as number,
    window: view.getUint16(14),
    options: bytes.subarray(TCP_BYTES, headerBytes),
    payload: bytes.subarray(headerBytes),
    length: length - headerBytes,
  };
}

function parseUdp(ip: IpPayload): ParsedDatagram | LeftOut {
  const { bytes } = ip;
  if (bytes.length < UDP_BYTES) return "cut or damaged";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint16(4);
  if (length < UDP_BYTES || length > ip.length) return "cut or damaged";
  return {
    transport: "udp",
    ...endpoints(ip, view),
    payload: bytes.subarray(UDP_BYTES, length),
    length: length - UDP_BYTES,
  };
}

/** Both begin with their ports. */
function endpoints(
  { source, destination }: IpPayload,
  view: DataView,
): Pick<UdpDatagram, "source" | "destination"> {
  return {
    source: { address: addressText(source), port: view.getUint16(0) },
    destination: { address: addressText(destination), port: view.getUint16(2) },
  };
}
