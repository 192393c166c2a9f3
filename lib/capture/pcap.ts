/**
 * The pcap file format (draft-ietf-opsawg-pcap): a file header of 24 bytes,
 * then records, each a header of 16 bytes and a packet. Numbers stand in the
 * byte order of the machine that wrote it, told by the magic number; ours are
 * big-endian, in microseconds.
 *
 * @module
 */

import { UserError } from "../net/failure.ts";
import { ByteQueue, ByteWriter } from "../wire/mod.ts";
import { LINK_TYPES } from "./link.ts";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** No record is longer, in bytes, whatever a file says: libpcap's own bound. */
export const MAX_PACKET_BYTES = 262_144;

/** A packet as a capture file holds it. */
export interface CapturedPacket {
  /** Microseconds since 1970. */
  readonly time: number;
  /** What the packet begins with: a value of {@link LINK_TYPES}, or another. */
  readonly linkType: number;
  /** What was kept of it. */
  readonly bytes: Uint8Array;
  /** Bytes that it had on the network; more when it was cut. */
  readonly originalLength: number;
}

/** The file header that every file of ours begins with: packets are raw IP. */
export function pcapFileHeader(): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(FILE_HEADER_BYTES);
  writer.u32(MAGIC_MICROSECONDS);
  writer.u16(2);
  writer.u16(4);
  writer.u32(0);
  writer.u32(0);
  writer.u32(MAX_PACKET_BYTES);
  writer.u32(LINK_TYPES.raw);
  return writer.take();
}

/** Appends one record; `time` is in microseconds since 1970. */
export function writePcapRecord(
  writer: ByteWriter,
  time: number,
  packet: Uint8Array,
): void {
  writer.u32(Math.floor(time / 1_000_000));
  writer.u32(time % 1_000_000);
  writer.u32(packet.length);
  writer.u32(packet.length);
  writer.bytes(packet);
}

/** Beginnings of files that are no pcap files, and what to do with them. */
const OTHER_FORMATS: readonly {
  readonly magic: readonly number[];
  readonly name: string;
  readonly advice: string;
}[] = [
  {
    magic: [0x0a, 0x0d, 0x0d, 0x0a],
    name: "a pcapng file",
    advice: "Convert it with Wireshark's editcap: editcap -F pcap IN OUT",
  },
  {
    magic: [0x1f, 0x8b],
    name: "compressed with gzip",
    advice: "Unpack it with gunzip first",
  },
  {
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    name: "compressed with Zstandard",
    advice: "Unpack it with unzstd first",
  },
];

interface FileHeader {
  readonly littleEndian: boolean;
  /** Units of a record's fraction of a second in a microsecond. */
  readonly perMicrosecond: 1 | 1_000;
  readonly linkType: number;
}

function parseFileHeader(bytes: Uint8Array): FileHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const littleEndian of [false, true]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) continue;
    return {
      littleEndian,
      perMicrosecond: magic === MAGIC_NANOSECONDS ? 1_000 : 1,
      // The bits above say how long frame check sequences are.
      linkType: view.getUint32(20, littleEndian) & 0xffff,
    };
  }
  throw new UserError(
    "file_unreadable",
    `This is no pcap file: it begins with ${bytes.subarray(0, 4).toHex()}`,
    { advice: "Give a file written by chatp capture -w or tcpdump -w" },
  );
}

/** Reads a pcap file, however its bytes are cut. */
export class PcapReader {
  readonly #queue = new ByteQueue();
  #header: FileHeader | undefined;
  /** Bytes of the file that were read as whole packets. */
  #offset = 0;
  #damage: string | undefined;

  /** Takes the next bytes of the file; keeps them, so don't reuse them. */
  receive(bytes: Uint8Array): void {
    if (this.#damage === undefined) this.#queue.push(bytes);
  }

  /**
   * The next whole packet, or undefined when more bytes are needed. Its bytes
   * stay right only until the next `receive`.
   *
   * @throws {UserError} when this is no pcap file.
   */
  next(): CapturedPacket | undefined {
    this.#header ??= this.#fileHeader();
    if (this.#header === undefined || this.#damage !== undefined) {
      return undefined;
    }
    const { littleEndian, perMicrosecond, linkType } = this.#header;
    const queue = this.#queue;
    if (queue.length < RECORD_HEADER_BYTES) return undefined;
    const u32 = (index: number) =>
      littleEndian ? swap(queue.u32(index)) : queue.u32(index);
    const length = u32(8);
    if (length > MAX_PACKET_BYTES) {
      this.#damage =
        `The file is damaged at byte ${this.#offset}: a packet of ${length} bytes can't be`;
      queue.clear();
      return undefined;
    }
    if (queue.length < RECORD_HEADER_BYTES + length) return undefined;
    const time = u32(0) * 1_000_000 + Math.floor(u32(4) / perMicrosecond);
    const originalLength = Math.max(u32(12), length);
    const record = queue.shift(RECORD_HEADER_BYTES + length);
    this.#offset += record.length;
    return {
      time,
      linkType,
      bytes: record.subarray(RECORD_HEADER_BYTES),
      originalLength,
    };
  }

  /**
   * To be called behind the last bytes: what is wrong with the file's end, as
   * one line, or undefined when it ends behind a packet.
   *
   * @throws {UserError} when it was too short for a pcap file.
   */
  end(): string | undefined {
    if (this.#damage !== undefined) return this.#damage;
    if (this.#header === undefined) {
      throw new UserError(
        "file_unreadable",
        this.#queue.length === 0
          ? "The file is empty"
          : `A pcap file has at least ${FILE_HEADER_BYTES} bytes, this one has ${this.#queue.length}`,
        { advice: "Give a file written by chatp capture -w or tcpdump -w" },
      );
    }
    if (this.#queue.length === 0) return undefined;
    return `The file ends within a packet: its last ${this.#queue.length} bytes were not read`;
  }

  #fileHeader(): FileHeader | undefined {
    const queue = this.#queue;
    for (const { magic, name, advice } of OTHER_FORMATS) {
      if (
        queue.length >= magic.length &&
        magic.every((byte, index) => queue.at(index) === byte)
      ) {
        throw new UserError(
          "file_unreadable",
          `This file can't be read: it is ${name}`,
          { advice },
        );
      }
    }
    if (queue.length < FILE_HEADER_BYTES) return undefined;
    this.#offset = FILE_HEADER_BYTES;
    return parseFileHeader(queue.shift(FILE_HEADER_BYTES));
  }
}

function swap(value: number): number {
  return ((value & 0xff) << 24 | (value & 0xff00) << 8 |
    (value >>> 8 & 0xff00) | value >>> 24) >>> 0;
}
