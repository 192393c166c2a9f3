/**
 * How texts and names are made to fit into a PDU (docs/cp.md, "Texts").
 *
 * @module
 */

import { CP_LIMITS, LETTERS } from "./pdu.ts";
import type { CpFraming } from "./pdu_reader.ts";

const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

const encoder = new TextEncoder();

/** Bytes of the CRLF and of the `:`. */
const END = 2;
const COLON = 1;

/** Bytes of a text as UTF-8, which may be any text. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** The text with a space for each line break. */
export function oneLine(text: string): string {
  return text.replace(LINE_BREAK, " ");
}

/** The text with `;` for each `:`. */
export function withoutColon(text: string): string {
  return text.replaceAll(":", ";");
}

/** The text with `?` for what is not printable ASCII. */
export function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, "?");
}

/**
 * A text as a peer can read it. One that sends no CRLF is the original's
 * client, which reads ASCII, parts at each `:` and prints what is left.
 */
export function readable(text: string, framing: CpFraming | undefined): string {
  const line = oneLine(text);
  if (framing === "crlf") return line;
  return ascii(withoutColon(line));
}

/**
 * The text in pieces of at most so many bytes (four or more) of UTF-8, cut
 * between code points; an empty text is one empty piece.
 */
export function pieces(text: string, bytes: number): string[] {
  const room = new Uint8Array(bytes);
  const found: string[] = [];
  let rest = text;
  do {
    const { read } = encoder.encodeInto(rest, room);
    found.push(rest.slice(0, read));
    rest = rest.slice(read);
  } while (rest !== "");
  return found;
}

/** A sender's name as it appears: cut to 10 bytes between code points. */
export function shownName(
  name: string,
  framing: CpFraming | undefined,
): string {
  const [shown = ""] = pieces(
    withoutColon(readable(name, framing)),
    CP_LIMITS.nameBytes,
  );
  return shown;
}

/** Bytes that a message may have in a PDU of ours that bears this name. */
export function messageRoom(name: string): number {
  return CP_LIMITS.pduBytes - END - LETTERS - bytesOf(name) - COLON;
}
