/**
 * Growing byte buffers: one to write messages into, one that collects the
 * pieces of a stream until they are whole.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Below this many characters a loop beats the call into the encoder. */
const SHORT = 48;

/** A copy, also of a socket's Buffer, whose `slice` would share the memory. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Whether two have the same bytes; not for what the time must not tell. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, index) => byte === other[index]);
}

/** How many bytes a whole number takes as a varint. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (; value > 0x7f; value = Math.floor(value / 0x80)) bytes++;
  return bytes;
}

/** Writes a varint at `at`; answers where it ends. */
function writeVarint(buffer: Uint8Array, at: number, value: number): number {
  // Bits are quick, and have 32.
  while (value > 0x7fff_ffff) {
    buffer[at++] = value % 0x80 | 0x80;
    value = Math.floor(value / 0x80);
  }
  while (value > 0x7f) {
    buffer[at++] = value & 0x7f | 0x80;
    value >>>= 7;
  }
  buffer[at++] = value;
  return at;
}

/** Writes numbers (network byte order) and UTF-8 into a buffer that grows. */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** `capacity`: bytes to begin with. */
  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** One byte. */
  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** Two bytes, big-endian. */
  u16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#length, value);
    this.#length += 2;
  }

  /** Four bytes, big-endian. */
  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  /** A whole number up to 2^53 − 1 as LEB128: seven bits a byte, low first. */
  varint(value: number): void {
    this.#reserve(8);
    this.#length = writeVarint(this.#buffer, this.#length, value);
  }

  /**
   * Turns the byte at `offset` into the length of what is behind it, as a
   * varint; moves that on if the length takes more than one byte.
   */
  setLength(offset: number): void {
    const start = offset + 1;
    const length = this.#length - start;
    if (length > 0x7f) {
      const more = varintBytes(length) - 1;
      this.#reserve(more);
      this.#buffer.copyWithin(start + more, start, this.#length);
      this.#length += more;
    }
    writeVarint(this.#buffer, offset, length);
  }

  /** Overwrites two bytes at an earlier `offset`. */
  setU16(offset: number, value: number): void {
    this.#view.setUint16(offset, value);
  }

  /** Overwrites four bytes at an earlier `offset`. */
  setU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value);
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** Text as UTF-8; answers its length in bytes. */
  utf8(text: string): number {
    this.#reserve(text.length * 3);
    const start = this.#length;
    if (text.length <= SHORT) {
      const buffer = this.#buffer;
      let at = start;
      let index = 0;
      for (; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit > 0x7f) break;
        buffer[at++] = unit;
      }
      if (index === text.length) {
        this.#length = at;
        return at - start;
      }
    }
    const { written } = encoder.encodeInto(text, this.#buffer.subarray(start));
    this.#length += written;
    return written;
  }

  /** Forgets what was written behind `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A copy of what was written, exactly as long; the writer starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

const NOTHING = new Uint8Array(0);

/**
 * The unread bytes of a stream. Pieces that arrive whole are never copied;
 * what is left of one is, into a buffer that doubles, so that a peer which
 * sends byte by byte costs no more than one which does not.
 */
export class ByteQueue {
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;

  /** Bytes not yet consumed. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends the next piece of the stream, which is kept and not to be reused. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    const held = this.length;
    if (held === 0) {
      this.#bytes = piece;
      this.#start = 0;
      this.#end = piece.length;
      return;
    }
    // A piece that is not ours to write into is full: it has no room behind.
    if (this.#end + piece.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(held + piece.length, held * 2));
      grown.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = grown;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(piece, this.#end);
    this.#end += piece.length;
  }

  /** The byte at `index` from the front; index must be below `length`. */
  at(index: number): number {
    return this.#bytes[this.#start + index] as number;
  }

  /** Two bytes, big-endian, at `index` from the front. */
  u16(index: number): number {
    return this.at(index) * 0x100 + this.at(index + 1);
  }

  /** Four bytes, big-endian, at `index` from the front. */
  u32(index: number): number {
    return this.u16(index) * 0x10000 + this.u16(index + 2);
  }

  /** Where `byte` first stands at or behind `from`, or -1. */
  indexOf(byte: number, from: number): number {
    const found = this.#bytes.subarray(0, this.#end)
      .indexOf(byte, this.#start + from);
    return found < 0 ? -1 : found - this.#start;
  }

  /**
   * Consumes `count` bytes. The answer is a view that stays right only until
   * the next `push`: copy what is to be kept.
   */
  shift(count: number): Uint8Array {
    const start = this.#start;
    this.#start += count;
    const front = this.#bytes.subarray(start, this.#start);
    // An idle connection must not keep what it has read.
    if (this.#start === this.#end) this.clear();
    return front;
  }

  /** Throws everything away. */
  clear(): void {
    this.#bytes = NOTHING;
    this.#start = this.#end = 0;
  }
}
