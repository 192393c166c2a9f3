/**
 * SHA-256 fingerprints of certificates, written as `openssl x509 -fingerprint`
 * writes them: `AA:BB:…`, 32 bytes.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";

/**
 * The fingerprint of a certificate: PEM (the first one of a chain) or DER.
 *
 * @throws {Error} when it is no certificate.
 */
export function fingerprintOf(certificate: string | Uint8Array): string {
  return new X509Certificate(certificate).fingerprint256;
}

/** Writes 32 bytes as `AA:BB:…`. */
export function formatFingerprint(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) => byte.toString(16).padStart(2, "0").toUpperCase(),
  ).join(":");
}

/**
 * Reads a fingerprint in any case, with or without colons, with or without
 * `SHA256:` in front; undefined if it is none.
 */
export function fingerprintBytes(text: string): Uint8Array | undefined {
  const digits = text.trim().replace(/^sha-?256[:=]\s*/i, "");
  if (!/^[0-9a-f]{64}$|^[0-9a-f]{2}(:[0-9a-f]{2}){31}$/i.test(digits)) {
    return undefined;
  }
  const pairs = digits.replaceAll(":", "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}
