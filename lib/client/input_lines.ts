/**
 * Piped input, line by line.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { TextLineStream } from "@std/streams/text-line-stream";

/** Reads lines of {@link inputLines}. */
export type LineReader = ReadableStreamDefaultReader<string | undefined>;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Why a line that is no UTF-8 can't be sent, and what would be right. */
export const NO_TEXT = {
  kind: "mistake",
  text: "The line has bytes that are not UTF-8",
  hint: "Convert the input, as with iconv -f ISO-8859-1 -t UTF-8",
} as const;

/** What some editors put in front of a text: no part of its first line. */
const BYTE_ORDER_MARK = /^\ufeff/u;

/** The lines of bytes, without their ends; undefined for one that is no UTF-8. */
export function inputLines(
  input: ReadableStream<Uint8Array>,
): ReadableStream<string | undefined> {
  let isFirst = true;
  // Lines are cut before they are decoded: one that can't be read takes no
  // other one with it. Latin-1 has a character for each byte.
  return input
    .pipeThrough(
      new TransformStream<Uint8Array, string>({
        transform: (bytes, out) =>
          out.enqueue(Buffer.from(bytes).toString("latin1")),
      }),
    )
    .pipeThrough(new TextLineStream())
    .pipeThrough(
      new TransformStream<string, string | undefined>({
        transform(line, out) {
          const text = decoded(Buffer.from(line, "latin1"));
          out.enqueue(isFirst ? text?.replace(BYTE_ORDER_MARK, "") : text);
          isFirst = false;
        },
      }),
    );
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
