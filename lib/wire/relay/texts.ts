/**
 * Texts as blocks of ciphertext (docs/relay.md, "On the line"). Pure: the
 * cryptography comes in as an argument.
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import { EXIT } from "./words.ts";

/** What the receiver's public key does. */
export interface BlockEncryption {
  /** Bytes that one block can carry. */
  readonly capacity: number;
  /** At most `capacity` bytes as one block of the key's size. */
  encrypt(plaintext: Uint8Array): Uint8Array;
}

/** Whether a byte of UTF-8 is not the first of its code point. */
function continues(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Where the code point before `end` begins. */
function codePointBefore(bytes: Uint8Array, end: number): number {
  let start = end - 1;
  while (start > 0 && continues(bytes[start])) start--;
  return start;
}

/**
 * Cuts a text into pieces of UTF-8 of at most `most` bytes (12 or more), between
 * code points. No piece of a longer text is {@link EXIT}: a receiver would take
 * it for the end.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutText } from "./texts.ts";
 *
 * const pieces = cutText("twelve byte€s", 12);
 * assertEquals(pieces.map((each) => new TextDecoder().decode(each)), [
 *   "twelve byte",
 *   "€s",
 * ]);
 * ```
 */
export function cutText(text: string, most: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const cuts = [0];
  for (let at = 0; bytes.length - at > most; cuts.push(at)) {
    at += most;
    if (continues(bytes[at])) at = codePointBefore(bytes, at);
  }
  const last = cuts.length - 1;
  if (last > 0 && text.endsWith(EXIT)) {
    const at = cuts[last] as number;
    if (bytes.length - at === EXIT.length) {
      cuts[last] = codePointBefore(bytes, at);
    }
  }
  return cuts.map((start, index) => bytes.subarray(start, cuts[index + 1]));
}

/** A text as the blocks that carry it, one behind the other. */
export function encryptText(text: string, key: BlockEncryption): Uint8Array {
  const writer = new ByteWriter();
  for (const piece of cutText(text, key.capacity)) {
    writer.bytes(key.encrypt(piece));
  }
  return writer.take();
}
