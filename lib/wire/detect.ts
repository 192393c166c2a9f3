/**
 * Which wire a connection speaks, told by its first bytes.
 *
 * @module
 */

import { VERSION_2 } from "./chatproto2/frame_stream.ts";

/** What the first bytes of a connection can be. */
export type Opening =
  /** A TLS record that holds a handshake (RFC 8446, 5.1). */
  | "tls"
  /** ChatProto 1.0, or a version that nobody has: its protocol number. */
  | "chatproto"
  /** ChatProto 2: the beginning of its preface. */
  | "chatproto2"
  /** A JSON object. */
  | "json"
  /** A command of the text protocol CP. */
  | "cp"
  /** An HTTP request line. */
  | "http"
  /** Nothing that is served. */
  | "unknown";

/** Bytes after which {@link detectWire} has always decided. */
export const OPENING_BYTES = 8;

/** Openings told by letters, compared without case. */
const WORDS: readonly (readonly [string, Opening])[] = [
  ...["USER", "PASS", "SMSG", "RMSG", "TERM"].map((word) =>
    [word, "cp"] as const
  ),
  ...[
    "GET ",
    "HEAD ",
    "POST ",
    "PUT ",
    "PATCH ",
    "DELETE ",
    "OPTIONS ",
    "CONNECT ",
    "TRACE ",
    "PRI * ",
  ]
    .map((word) => [word.slice(0, OPENING_BYTES), "http"] as const),
];

/**
 * Tells the wire from the bytes that have come so far, or answers undefined
 * when they could still become several.
 *
 * `silent`: nothing has followed them for `CP_LIMITS.silence`, as behind a PDU
 * without CRLF (docs/cp.md, "Framing"). Then the beginning of a command of CP is
 * CP, which says what is wrong with it.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { detectWire } from "./detect.ts";
 *
 * const opening = (text: string) => detectWire(new TextEncoder().encode(text));
 * assertEquals(opening("P"), undefined);
 * assertEquals(detectWire(new TextEncoder().encode("P"), true), "cp");
 * assertEquals(opening("PASS"), "cp");
 * assertEquals(opening('{"type":'), "json");
 * ```
 */
export function detectWire(
  bytes: Uint8Array,
  silent = false,
): Opening | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === undefined) return undefined;
  if (first === 0x7b) return "json";
  if (first === 0x16) {
    if (second === undefined) return undefined;
    return second === 0x03 ? "tls" : "unknown";
  }
  if (first === 0x43 && second === 0x50) {
    if (third !== VERSION_2) {
      return third === undefined ? undefined : "chatproto";
    }
    // A header of 1.0 with another version is answered in 1.0.
    if (fourth === undefined) return undefined;
    return fourth === 0 ? "chatproto2" : "chatproto";
  }
  if (first === 0x43 && second === undefined) return undefined;
  let open = false;
  for (const [word, opening] of WORDS) {
    const length = Math.min(word.length, bytes.length);
    let same = true;
    for (let index = 0; index < length && same; index++) {
      const byte = bytes[index] as number;
      const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
      same = upper === word.charCodeAt(index);
    }
    if (!same) continue;
    if (bytes.length >= word.length) return opening;
    if (silent && opening === "cp") return opening;
    open = true;
  }
  return open ? undefined : "unknown";
}
