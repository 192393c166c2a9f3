/** Stand-in for `@std/crypto`: `timingSafeEqual` over `node:crypto`, AES-GCM. */
import { timingSafeEqual as compare } from "node:crypto";

export * from "./aes_gcm.ts";

function bytesOf(value: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

/**
 * Whether two buffers hold the same bytes, in a time that does not depend on
 * where they differ.
 *
 * @throws {TypeError} if their lengths differ
 */
export function timingSafeEqual(
  a: ArrayBufferView | ArrayBufferLike,
  b: ArrayBufferView | ArrayBufferLike,
): boolean {
  if (a.byteLength !== b.byteLength) {
    throw new TypeError(
      `Cannot compare buffers of different byte lengths (${a.byteLength} vs ${b.byteLength})`,
    );
  }
  return compare(bytesOf(a), bytesOf(b));
}
