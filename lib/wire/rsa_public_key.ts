/**
 * The one form in which public keys travel: RSA as SubjectPublicKeyInfo in DER
 * (RFC 5280, 4.1; RFC 8017, A.1.1), with the public exponent 65,537.
 *
 * Such a key has one encoding and no other: all of it but the modulus is known
 * beforehand. So it is compared, not parsed.
 *
 * @module
 */

import { refusal, type RemoteProtocolError } from "./errors.ts";

/** Bits of a key's modulus; a multiple of eight. */
export const PUBLIC_KEY_BITS = { least: 2_048, most: 4_096 } as const;

/** SEQUENCE { rsaEncryption 1.2.840.113549.1.1.1, NULL }. */
// deno-fmt-ignore
const ALGORITHM = [
  0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
  0x01, 0x05, 0x00,
];

/** INTEGER 65,537. */
const EXPONENT = [0x02, 0x03, 0x01, 0x00, 0x01];

/** Tag and length of what has `bytes` bytes: 256 or more, less than 65,536. */
function head(tag: number, bytes: number): number[] {
  return [tag, 0x82, bytes >> 8, bytes & 0xff];
}

/** What is in front of a modulus of so many bytes. */
function prefix(modulus: number): number[] {
  // A modulus begins with a set bit, and an INTEGER would be negative by that.
  const integer = [...head(0x02, modulus + 1), 0x00];
  const pair = integer.length + modulus + EXPONENT.length;
  const key = head(0x30, pair);
  const bits = [...head(0x03, 1 + key.length + pair), 0x00];
  const all = ALGORITHM.length + bits.length + key.length + pair;
  return [...head(0x30, all), ...ALGORITHM, ...bits, ...key, ...integer];
}

/** Bytes of a key beside its modulus. */
const AROUND = prefix(256).length + EXPONENT.length;

/** Bytes of the longest key. */
export const PUBLIC_KEY_BYTES = PUBLIC_KEY_BITS.most / 8 + AROUND;

function refused(detail: string): RemoteProtocolError {
  return refusal(400, detail);
}

/**
 * Checks a public key; answers the bits of its modulus.
 *
 * @throws {RemoteProtocolError} 413 when it is too long, 400 when it is
 * anything else but RSA of 2,048 to 4,096 bits in its DER form; not fatal.
 */
export function checkPublicKey(der: Uint8Array): number {
  const { least, most } = PUBLIC_KEY_BITS;
  if (der.length > PUBLIC_KEY_BYTES) {
    throw refusal(
      413,
      `a public key has at most ${PUBLIC_KEY_BYTES} bytes (${most} bits), this one has ${der.length}`,
    );
  }
  const modulus = der.length - AROUND;
  if (modulus < least / 8) {
    throw refused(
      `a public key is RSA of at least ${least} bits with the exponent 65,537, ` +
        `this one has ${der.length} bytes`,
    );
  }
  const before = prefix(modulus);
  const odd = ((der[before.length + modulus - 1] as number) & 1) === 1;
  const full = (der[before.length] as number) >= 0x80;
  const around = before.every((byte, index) => der[index] === byte) &&
    EXPONENT.every((byte, index) =>
      der[before.length + modulus + index] === byte
    );
  if (!around || !odd || !full) {
    throw refused(
      "a public key is RSA with the exponent 65,537, a SubjectPublicKeyInfo in DER",
    );
  }
  return modulus * 8;
}
