/**
 * Numbers and strings within a frame of ChatProto 2, and the frame around them
 * (docs/chatproto2.md, "Numbers, strings, frames").
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import { LocalProtocolError } from "../errors.ts";
import { WIRE_LIMITS } from "../limits.ts";
import { isWholeNumber } from "../model.ts";
import { malformed } from "../stream_reader.ts";
import { decodeUtf8 } from "../text.ts";
import { EXTENDED, EXTENDED_KINDS } from "./kinds.ts";

const NOTHING = new Uint8Array(0);

/** Reads the fields of one frame after another. */
export class FieldReader {
  #bytes: Uint8Array = NOTHING;
  #at = 0;

  /** Begins at `at` of a frame's bytes. */
  begin(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Lets go of the frame. */
  end(): void {
    this.begin(NOTHING, 0);
  }

  /** Whether anything is left. */
  get more(): boolean {
    return this.#at < this.#bytes.length;
  }

  /**
   * A varint; `what` names it in the error.
   *
   * @throws {RemoteProtocolError} 400, not fatal.
   */
  number(what: string): number {
    const bytes = this.#bytes;
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 8; count++) {
      const byte = bytes[this.#at++];
      if (byte === undefined) {
        throw malformed(`the frame ends within its field ${what}`);
      }
      value += (byte & 0x7f) * factor;
      if (byte <= 0x7f) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
      factor *= 0x80;
    }
    throw malformed(`the ${what} is a number below 2^53 in at most 8 bytes`);
  }

  /**
   * That many bytes as a varint says, as a view.
   *
   * @throws {RemoteProtocolError} 400, not fatal.
   */
  bytes(what: string): Uint8Array {
    const length = this.number(what);
    if (length > this.#bytes.length - this.#at) {
      throw malformed(`the frame ends within its field ${what}`);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /**
   * A string.
   *
   * @throws {RemoteProtocolError} 400, not fatal.
   */
  string(what: string): string {
    return decodeUtf8(this.bytes(what), what);
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }

  /** Items up to the end of the frame. */
  list<Item>(item: (fields: this) => Item): Item[] {
    const items: Item[] = [];
    while (this.more) items.push(item(this));
    return items;
  }
}

/**
 * Appends a number.
 *
 * @throws {LocalProtocolError} when it is none that the wire carries.
 */
export function writeNumber(
  writer: ByteWriter,
  value: number,
  what: string,
): void {
  if (!isWholeNumber(value)) {
    throw new LocalProtocolError(`The ${what} ${value} can't be sent`);
  }
  writer.varint(value);
}

/** Appends a string. */
export function writeString(writer: ByteWriter, text: string): void {
  const start = writer.length;
  writer.u8(0);
  writer.utf8(text);
  writer.setLength(start);
}

/** Appends bytes behind their length. */
export function writeBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/**
 * Begins a frame; answers what {@link endFrame} has to be told.
 *
 * Kind and flags are in one byte, or an extended kind in the one behind it.
 */
export function beginFrame(
  writer: ByteWriter,
  kind: number,
  flags: number,
): number {
  const start = writer.length;
  writer.u8(0);
  if (kind < EXTENDED_KINDS) writer.u8(kind << 4 | flags);
  else {
    writer.u8(EXTENDED << 4 | flags);
    writer.u8(kind - EXTENDED_KINDS);
  }
  return start;
}

/** Bytes that the frame begun at `start` has so far. */
export function frameBytes(writer: ByteWriter, start: number): number {
  return writer.length - start - 1;
}

/**
 * Ends a frame.
 *
 * @throws {LocalProtocolError} when it is too long; it is written no less.
 */
export function endFrame(writer: ByteWriter, start: number): void {
  const bytes = frameBytes(writer, start);
  if (bytes > WIRE_LIMITS.bodyBytes) {
    throw new LocalProtocolError(`A frame of ${bytes} bytes can't be sent`);
  }
  writer.setLength(start);
}
