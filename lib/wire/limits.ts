/**
 * The sizes that every wire keeps to (docs/chatproto.md, "Limits").
 *
 * @module
 */

/** Sizes that are part of the protocols and therefore not configurable. */
export const WIRE_LIMITS = {
  /** Code points in a user name, after NFC. */
  usernameCodePoints: 20,
  /** Code points in a room name, after NFC. */
  roomCodePoints: 32,
  /** Bytes of UTF-8 (or of ciphertext) in a message's text. */
  textBytes: 8_192,
  /** Bytes in a frame's body, or in a JSON line without its line feed. */
  bodyBytes: 65_536,
} as const;
