/**
 * Counts the frames of ChatProto 1.0 without reading them: a client that costs
 * next to nothing, so that it is the server that is measured.
 *
 * @module
 */

import { Buffer } from "node:buffer";

const HEADER_BYTES = 9;

/** Finds each frame's type, however the bytes are cut. */
export class FrameCounter {
  /** Bytes of the last frame's body that are still to come. */
  #skip = 0;
  #header: Buffer = Buffer.alloc(0);

  /** Calls `found` with the type byte of each header in these bytes. */
  count(bytes: Buffer, found: (type: number) => void): void {
    let at = 0;
    if (this.#header.length > 0) {
      bytes = Buffer.concat([this.#header, bytes]);
      this.#header = Buffer.alloc(0);
    }
    for (;;) {
      const step = Math.min(this.#skip, bytes.length - at);
      at += step;
      this.#skip -= step;
      if (this.#skip > 0) return;
      if (bytes.length - at < HEADER_BYTES) break;
      found(bytes[at + 3] as number);
      this.#skip = bytes.readUInt32BE(at + 5);
      at += HEADER_BYTES;
    }
    this.#header = bytes.subarray(at);
  }
}
