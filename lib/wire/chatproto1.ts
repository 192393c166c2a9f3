/**
 * ChatProto 1.0, the binary wire (docs/chatproto.md, "Binary").
 *
 * A frame is a 9-byte header in network byte order and a body:
 *
 * | offset | size | field |
 * | --- | --- | --- |
 * | 0 | 2 | protocol number, 0x4350 |
 * | 2 | 1 | version, 0x01 |
 * | 3 | 1 | type |
 * | 4 | 1 | flags |
 * | 5 | 4 | body length in bytes, at most 65,536 |
 *
 * The body is the type's fields in order, each a u16 length and that many
 * bytes. The decoder MUST refuse a header before it holds any body byte of it,
 * and MUST go on behind a frame whose body is bad.
 *
 * @module
 */

import { basicEvent } from "./basic_event.ts";
import { ByteWriter } from "./bytes.ts";
import type { ClientCodec, EventEncoding, ServerCodec } from "./codec.ts";
import { isErrorCode, LocalProtocolError } from "./errors.ts";
import type { ServerEvent } from "./events.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  type Direction,
  type Field,
  isWholeNumber,
  type MessageRow,
  messageRow,
  MESSAGES,
  type MessageType,
} from "./model.ts";
import type { Request } from "./requests.ts";
import { malformed, StreamReader } from "./stream_reader.ts";
import { decodeUtf8 } from "./text.ts";

/** "CP", the first two bytes of every ChatProto frame. */
export const PROTOCOL_NUMBER = 0x4350;

/** The version byte of ChatProto 1.0. */
export const VERSION = 0x01;

/** Bytes of a header. */
export const HEADER_BYTES = 9;

/** The bits of the flags byte; others are ignored. */
export const FLAGS = { history: 0x01, encrypted: 0x02 } as const;

interface TypeRow {
  readonly type: MessageType;
  readonly row: MessageRow;
}

const BY_CODE: readonly (TypeRow | undefined)[] = (() => {
  const rows: TypeRow[] = [];
  for (const type of Object.keys(MESSAGES) as MessageType[]) {
    rows[MESSAGES[type].code] = { type, row: MESSAGES[type] };
  }
  return rows;
})();

/** The row of a type byte, or undefined when no type has it. */
export function typeOfCode(code: number): TypeRow | undefined {
  return BY_CODE[code];
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

function readValue(field: Field, bytes: Uint8Array, encrypted: boolean) {
  // Not `slice`, which on a socket's Buffer would share the memory.
  if (field.kind === "text" && encrypted) return new Uint8Array(bytes);
  const text = decodeUtf8(bytes, field.name);
  if (field.kind !== "integer" && field.kind !== "code") return text;
  const number = Number(text);
  if (!/^\d{1,16}$/.test(text) || !isWholeNumber(number)) {
    throw malformed(`the ${field.name} is a decimal number below 2^53`);
  }
  return field.kind === "code" && !isErrorCode(number) ? undefined : number;
}

/** The fields of a frame's body by name. */
function readBody(
  type: MessageType,
  fields: readonly Field[],
  flags: number,
  frame: Uint8Array,
): Record<string, unknown> {
  const message: Record<string, unknown> = { type };
  const encrypted = (flags & FLAGS.encrypted) !== 0;
  let at = HEADER_BYTES;
  const take = (name: string): Uint8Array => {
    const start = at + 2;
    const end = start +
      ((frame[at] as number) << 8 | (frame[at + 1] as number));
    if (end > frame.length) {
      throw malformed(`the ${type} ends within its field ${name}`);
    }
    at = end;
    return frame.subarray(start, end);
  };
  for (const field of fields) {
    if (field.kind === "list") {
      const items: string[] = [];
      while (at < frame.length) {
        items.push(decodeUtf8(take(field.name), field.name));
      }
      message[field.name] = items;
    } else if (at < frame.length) {
      const value = readValue(field, take(field.name), encrypted);
      if (value !== undefined) message[field.name] = value;
    } else if (!field.optional) {
      throw malformed(`the ${type} lacks its field ${field.name}`);
    }
    if (field.kind === "text" && (flags & FLAGS.history) !== 0) {
      message["history"] = true;
    }
  }
  return message;
}

/** Reads frames of one direction. */
class BinaryDecoder extends StreamReader {
  read(): Record<string, unknown> | undefined {
    const queue = this.queue;
    const held = queue.length;
    if (held >= 1 && queue.at(0) !== PROTOCOL_NUMBER >> 8) this.#notChatProto();
    if (held >= 2 && queue.u16(0) !== PROTOCOL_NUMBER) this.#notChatProto();
    if (held >= 3 && queue.at(2) !== VERSION) {
      this.fatal(
        400,
        `this is ChatProto version ${hex(VERSION, 2)}, the frame says ${
          hex(queue.at(2), 2)
        }`,
      );
    }
    if (held < HEADER_BYTES) return undefined;
    const length = queue.u32(5);
    if (length > WIRE_LIMITS.bodyBytes) {
      this.fatal(
        413,
        `a body has at most ${WIRE_LIMITS.bodyBytes} bytes, the header says ${length}`,
      );
    }
    if (held < HEADER_BYTES + length) return undefined;
    const frame = queue.shift(HEADER_BYTES + length);
    const code = frame[3] as number;
    const flags = frame[4] as number;
    const found = typeOfCode(code);
    const fields = found?.row[this.direction];
    if (found === undefined || fields === undefined) {
      throw malformed(`no ${this.direction} has the type ${hex(code, 2)}`);
    }
    return readBody(
      found.type,
      fields,
      // Only what a server replays is history.
      this.direction === "event" ? flags : flags & ~FLAGS.history,
      frame,
    );
  }

  #notChatProto(): never {
    this.fatal(
      400,
      `a frame begins with the protocol number ${hex(PROTOCOL_NUMBER, 4)}`,
    );
  }
}

function writeField(
  writer: ByteWriter,
  field: Field,
  value: unknown,
  limit: number,
): void {
  if (field.kind === "list") {
    for (const item of value as readonly string[]) {
      const start = writer.length;
      writeField(writer, { name: field.name, kind: "string" }, item, limit);
      if (writer.length > limit) return writer.truncate(start);
    }
    return;
  }
  const numeric = field.kind === "integer" || field.kind === "code";
  if (numeric && !isWholeNumber(value)) {
    throw new LocalProtocolError(`The ${field.name} ${value} can't be sent`);
  }
  const at = writer.length;
  writer.u16(0);
  if (value instanceof Uint8Array) writer.bytes(value);
  else writer.utf8(String(value));
  const length = writer.length - at - 2;
  if (length > 0xffff) {
    throw new LocalProtocolError(
      `A field has at most 65,535 bytes, ${field.name} has ${length}`,
    );
  }
  writer.setU16(at, length);
}

/** Appends one frame, of either direction, or nothing when it throws. */
function writeMessage(
  writer: ByteWriter,
  direction: Direction,
  message: Request | ServerEvent,
): void {
  const start = writer.length;
  try {
    writeFrame(writer, direction, message);
  } catch (error) {
    writer.truncate(start);
    throw error;
  }
}

function writeFrame(
  writer: ByteWriter,
  direction: Direction,
  message: Request | ServerEvent,
): void {
  const row = messageRow(message.type);
  const fields = row?.[direction];
  if (row === undefined || fields === undefined) {
    const basic = direction === "event" && basicEvent(message as ServerEvent);
    if (basic === "nothing") return;
    if (basic) return writeFrame(writer, direction, basic);
    throw new LocalProtocolError(
      `No ${direction} has the type ${message.type}`,
    );
  }
  const values = message as unknown as Record<string, unknown>;
  const start = writer.length;
  writer.u16(PROTOCOL_NUMBER);
  writer.u8(VERSION);
  writer.u8(row.code);
  writer.u8(
    (values["history"] === true ? FLAGS.history : 0) |
      (values["text"] instanceof Uint8Array ? FLAGS.encrypted : 0),
  );
  writer.u32(0);
  const limit = start + HEADER_BYTES + WIRE_LIMITS.bodyBytes;
  for (const field of fields) {
    const value = values[field.name];
    if (value !== undefined) writeField(writer, field, value, limit);
    else if (!field.optional) {
      throw new LocalProtocolError(`A ${message.type} has a ${field.name}`);
    }
  }
  const body = writer.length - start - HEADER_BYTES;
  if (body > WIRE_LIMITS.bodyBytes) {
    throw new LocalProtocolError(`A body of ${body} bytes can't be sent`);
  }
  writer.setU32(start + 5, body);
}

/** How events look in ChatProto 1.0. */
export const CHATPROTO1_EVENTS: EventEncoding = {
  name: "chatp1",
  write: (writer, event) => writeMessage(writer, "event", event),
};

/** A server's end of a ChatProto 1.0 connection. */
export class ChatProto1ServerCodec extends BinaryDecoder
  implements ServerCodec {
  readonly encoding = CHATPROTO1_EVENTS;

  constructor() {
    super("request");
  }

  next(): Request | undefined {
    return this.read() as Request | undefined;
  }
}

/** A client's end of a ChatProto 1.0 connection. */
export class ChatProto1ClientCodec extends BinaryDecoder
  implements ClientCodec {
  readonly name = "chatp1";

  constructor() {
    super("event");
  }

  next(): ServerEvent | undefined {
    return this.read() as ServerEvent | undefined;
  }

  encode(request: Request): Uint8Array {
    const writer = new ByteWriter();
    writeMessage(writer, "request", request);
    return writer.take();
  }
}
