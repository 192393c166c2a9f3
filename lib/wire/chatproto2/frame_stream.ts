/**
 * Cuts one direction of a ChatProto 2 connection into frames, the preface first
 * (docs/chatproto2.md, "Preface", "Numbers, strings, frames").
 *
 * The reader MUST refuse a frame that is too long before it holds any byte of
 * it, and MUST hold no more than one that is not whole.
 *
 * @module
 */

import { RemoteProtocolError } from "../errors.ts";
import { WIRE_LIMITS } from "../limits.ts";
import { StreamReader } from "../stream_reader.ts";
import { FieldReader } from "./fields.ts";
import { EXTENDED, EXTENDED_KINDS } from "./kinds.ts";

/** Bytes of a preface. */
export const PREFACE_BYTES = 9;

/** The version byte of ChatProto 2. */
export const VERSION_2 = 0x02;

/** The bits of a preface's feature byte. */
export const FEATURES = {
  /** Texts may be in the text code (docs/text_code.md). */
  textCode: 0x01,
} as const;

/** The kind of a frame that is empty. */
export const KEEPALIVE = 0;

const PROTOCOL = [0x43, 0x50] as const;

/** A preface with these feature bits. */
export function preface(features: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...PROTOCOL, VERSION_2, 0, features, 0, 0, 0, 0]);
}

/**
 * The peer speaks ChatProto, but another version of it: a client that gets this
 * may try that one on a new connection.
 */
export class OtherVersionError extends RemoteProtocolError {
  /** What it speaks: 1 is ChatProto 1.0. */
  readonly version: number;

  constructor(version: number) {
    super(400, `this is ChatProto 2, the other end speaks ${version}`, {
      fatal: true,
      hint: "Use the version that the other end speaks: ?v=1 is ChatProto 1.0",
    });
    this.version = version;
  }
}

/** Reads a preface, then frames. */
export class FrameStream extends StreamReader {
  /** The feature bits of the peer's preface, once it is here. */
  protected peerFeatures: number | undefined;
  /** The kind of the frame that was read last; extended ones from 16. */
  protected kind = KEEPALIVE;
  /** Its flags. */
  protected flags = 0;
  /** Its length. */
  protected frameBytes = 0;
  /** Its fields, until the next is read. */
  protected readonly fields = new FieldReader();

  /** Whether the flag is set in this frame. */
  protected has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /**
   * Reads the preface, unless it was read; false when more bytes are needed.
   *
   * @throws {RemoteProtocolError} 400, fatal.
   */
  protected readPreface(): boolean {
    if (this.peerFeatures !== undefined) return true;
    const queue = this.queue;
    const held = queue.length;
    for (const [index, byte] of PROTOCOL.entries()) {
      if (held > index && queue.at(index) !== byte) {
        this.fatal(400, "a connection begins with the bytes 43 50 02");
      }
    }
    if (held > 2 && queue.at(2) !== VERSION_2) {
      this.die(new OtherVersionError(queue.at(2)));
    }
    if (held < PREFACE_BYTES) return false;
    if (queue.at(3) !== 0 || queue.u32(5) !== 0) {
      this.fatal(400, "a preface has the type 0 and no body");
    }
    this.peerFeatures = queue.at(4);
    queue.shift(PREFACE_BYTES);
    return true;
  }

  /**
   * Reads the next frame; false when more bytes are needed.
   *
   * @throws {RemoteProtocolError} 400 or 413, fatal.
   */
  protected readFrame(): boolean {
    // There may be no other for days, and a frame can be long.
    this.fields.end();
    const queue = this.queue;
    const held = queue.length;
    let length = 0;
    let at = 0;
    for (let factor = 1;; factor *= 0x80) {
      if (at === held) return false;
      const byte = queue.at(at++);
      length += (byte & 0x7f) * factor;
      if (length > WIRE_LIMITS.bodyBytes) this.#tooLong(length);
      if (byte <= 0x7f) break;
      if (at === 8) this.fatal(400, "a frame's length has at most 8 bytes");
    }
    if (held < at + length) return false;
    const frame = queue.shift(at + length);
    this.frameBytes = length;
    if (length === 0) {
      this.kind = KEEPALIVE;
      return true;
    }
    const first = frame[at++] as number;
    this.flags = first & 0x0f;
    this.kind = first >> 4;
    if (this.kind === EXTENDED) {
      if (length === 1) this.fatal(400, "the frame ends before its kind");
      this.kind = EXTENDED_KINDS + (frame[at++] as number);
    } else if (this.kind === KEEPALIVE) this.kind = UNKNOWN;
    this.fields.begin(frame, at);
    return true;
  }

  #tooLong(length: number): never {
    this.fatal(
      413,
      `a frame has at most ${WIRE_LIMITS.bodyBytes} bytes, this one ${length} or more`,
    );
  }
}

/** A kind that no frame has. */
const UNKNOWN = -1;
