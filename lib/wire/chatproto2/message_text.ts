/**
 * The text of a message on ChatProto 2 (docs/chatproto2.md, "Texts"): as it is,
 * in the text code where that is shorter, or ciphertext.
 *
 * @module
 */

import { type ByteWriter, copyOf } from "../bytes.ts";
import { WIRE_LIMITS } from "../limits.ts";
import type { Text } from "../requests.ts";
import { malformed } from "../stream_reader.ts";
import { decodeUtf8 } from "../text.ts";
import { compressText, expandText } from "../text_code/text_code.ts";
import { FRAME_FLAGS } from "./kinds.ts";

/** Makes texts shorter, each by itself. */
export interface TextCode {
  /** The text in fewer bytes, or undefined when there are no fewer. */
  compress(text: string): Uint8Array | undefined;
  /**
   * The text again.
   *
   * @throws {RemoteProtocolError} not fatal, when these bytes are none, or when
   * it has more than `most` bytes of UTF-8; before memory is taken for them.
   */
  expand(bytes: Uint8Array, most: number): string;
}

/** The one that both ends offer (docs/text_code.md). */
export const TEXT_CODE: TextCode = {
  compress: compressText,
  expand: expandText,
};

const { coded: CODED, encrypted: ENCRYPTED } = FRAME_FLAGS;

/**
 * A text by its bytes and its flags.
 *
 * @throws {RemoteProtocolError} 400 or 413, not fatal.
 */
export function readText(
  bytes: Uint8Array,
  flags: number,
  code: TextCode | undefined,
): Text {
  if ((flags & ENCRYPTED) !== 0) {
    if ((flags & CODED) !== 0) throw malformed("ciphertext is never coded");
    return copyOf(bytes);
  }
  if ((flags & CODED) === 0) return decodeUtf8(bytes, "text");
  if (code === undefined) {
    throw malformed("the text is coded, which was not agreed upon");
  }
  return code.expand(bytes, WIRE_LIMITS.textBytes);
}

/** How a text is written: its flags, and its bytes, or itself as UTF-8. */
export interface CodedText {
  readonly flags: number;
  readonly bytes: Uint8Array | string;
}

/** The shortest form that a text has. */
export function codeText(text: Text, code: TextCode | undefined): CodedText {
  if (typeof text !== "string") return { flags: ENCRYPTED, bytes: text };
  const bytes = code?.compress(text);
  if (bytes === undefined) return { flags: 0, bytes: text };
  return { flags: CODED, bytes };
}

/** Appends it, to the end of a frame. */
export function writeText(writer: ByteWriter, { bytes }: CodedText): void {
  if (typeof bytes === "string") writer.utf8(bytes);
  else writer.bytes(bytes);
}
