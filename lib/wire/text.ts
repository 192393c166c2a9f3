/**
 * UTF-8, and what a message's text may be (docs/chatproto.md, "Limits").
 *
 * @module
 */

import { refusal } from "./errors.ts";
import { WIRE_LIMITS } from "./limits.ts";
import type { Text } from "./requests.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes a third of the time; what is no UTF-8 is U+FFFD then. */
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to this many bytes of ASCII a loop beats the call into a decoder. */
const SHORT = 16;

function isAscii(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if ((bytes[index] as number) > 0x7f) return false;
  }
  return true;
}

/**
 * Bytes as UTF-8 text; `what` names the field in the error.
 *
 * @throws {RemoteProtocolError} 400, not fatal, when it is not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  if (bytes.length <= SHORT && isAscii(bytes)) {
    return String.fromCharCode.apply(null, bytes as unknown as number[]);
  }
  const text = lenient.decode(bytes);
  if (!text.includes("\ufffd")) return text;
  // It may stand there as itself.
  try {
    return decoder.decode(bytes);
  } catch {
    throw refusal(400, `the ${what} is not valid UTF-8`);
  }
}

function isLow(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The length of a text in bytes: of UTF-8, or of ciphertext. */
export function textBytes(text: Text): number {
  if (typeof text !== "string") return text.length;
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // A surrogate pair is two units and four bytes; one alone goes as U+FFFD.
    if (unit >= 0xd800 && unit <= 0xdbff && isLow(text, index + 1)) index++;
  }
  return bytes;
}

/**
 * Checks that a text is one that may be sent, in `most` bytes: of those that go
 * out as they are, what one message carries.
 *
 * @throws {RemoteProtocolError} 400 when it is empty or has half a surrogate
 * pair (which UTF-8 can't carry), 413 when over the limit; not fatal.
 */
export function checkText(
  text: Text,
  most: number = WIRE_LIMITS.textBytes,
): void {
  // A text of n units has at least n bytes: the quick look bounds the count.
  const bytes = text.length > most ? text.length : textBytes(text);
  if (bytes === 0) {
    throw refusal(400, "the text is empty");
  }
  if (bytes > most) {
    throw refusal(413, `a text has at most ${most} bytes, this one has more`);
  }
  if (typeof text === "string" && !text.isWellFormed()) {
    throw refusal(400, "the text has half a surrogate pair");
  }
}
