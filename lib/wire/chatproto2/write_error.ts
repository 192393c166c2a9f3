/**
 * Errors on ChatProto 2: a code and what was wrong, without the code's title
 * (docs/chatproto2.md, "Errors").
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import {
  ERROR_CODES,
  type ErrorCode,
  errorText,
  isErrorCode,
} from "../errors.ts";
import { writeString } from "./fields.ts";

/** Appends an error as its code, 0 for none, and its detail. */
export function writeError(
  writer: ByteWriter,
  code: ErrorCode | undefined,
  text: string,
): void {
  writer.varint(code ?? 0);
  const title = code === undefined ? "" : `${ERROR_CODES[code].title}: `;
  writeString(writer, text.startsWith(title) ? text.slice(title.length) : text);
}

/** What an event says of an error; an unknown code is absent. */
export function readError(
  code: number,
  detail: string,
): { readonly code?: ErrorCode; readonly text: string } {
  if (!isErrorCode(code)) return { text: detail };
  return { code, text: errorText(code, detail) };
}
