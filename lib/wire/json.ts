/**
 * JSON lines, v1 and v2 (docs/chatproto.md, "JSON").
 *
 * One object a line, UTF-8, ended by a line feed. `type` is the name of the
 * message's row, the fields bear the row's names, flags are `"history":true`
 * and `"encrypted":true` (the text is base64 then). A v2 client says
 * `"v":2` in its login and is told `code` and `hint` with every error.
 *
 * The decoder MUST NOT hold more than 65,536 bytes of a line, and MUST go on
 * behind a line that is bad.
 *
 * @module
 */

import { basicEvent } from "./basic_event.ts";
import { ByteWriter } from "./bytes.ts";
import type { ClientCodec, EventEncoding, ServerCodec } from "./codec.ts";
import {
  isErrorCode,
  LocalProtocolError,
  RemoteProtocolError,
} from "./errors.ts";
import type { ServerEvent } from "./events.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  type Direction,
  type Field,
  isWholeNumber,
  messageRow,
} from "./model.ts";
import type { Request } from "./requests.ts";
import { malformed, StreamReader } from "./stream_reader.ts";
import { decodeUtf8, textBytes } from "./text.ts";

/** The versions of the JSON wire. */
export type JsonVersion = 1 | 2;

const LINE_FEED = 0x0a;

type Values = Record<string, unknown>;

function wellFormed(value: unknown, name: string): string {
  if (typeof value !== "string") {
    throw malformed(`the field ${name} is a string`);
  }
  if (!value.isWellFormed()) {
    throw malformed(`the field ${name} is not valid UTF-8`);
  }
  return value;
}

function ciphertext(value: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(value);
  } catch {
    throw malformed("the text of an encrypted message is base64");
  }
}

function readValue(field: Field, values: Values): unknown {
  const value = values[field.name];
  switch (field.kind) {
    case "string":
      return wellFormed(value, field.name);
    case "text": {
      const text = wellFormed(value, field.name);
      return values["encrypted"] === true ? ciphertext(text) : text;
    }
    case "integer":
    case "code":
      if (!isWholeNumber(value)) {
        throw malformed(`the field ${field.name} is a whole number`);
      }
      return field.kind === "code" && !isErrorCode(value) ? undefined : value;
    case "list":
      if (!Array.isArray(value)) {
        throw malformed(`the field ${field.name} is an array of strings`);
      }
      return value.map((item) => wellFormed(item, field.name));
  }
}

/** What only v2 carries, in errors and rejections. */
const V2_FIELDS: readonly Field[] = [
  { name: "code", kind: "code", optional: true },
  { name: "hint", kind: "string", optional: true },
];

const ERRORS: ReadonlySet<string> = new Set(["error_msg", "login_reject"]);

/** The fields of a type on this wire: those of the table, but for errors. */
function fieldsOf(
  type: string,
  direction: Direction,
): readonly Field[] | undefined {
  const fields: readonly Field[] | undefined = messageRow(type)?.[direction];
  if (!ERRORS.has(type) || fields === undefined) return fields;
  return [...fields.filter(({ name }) => name !== "code"), ...V2_FIELDS];
}

function parseLine(line: Uint8Array): Values {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(line, "line"));
  } catch (error) {
    if (error instanceof RemoteProtocolError) throw error;
    throw malformed("the line is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed("the line is not a JSON object");
  }
  return value as Values;
}

function readMessage(values: Values, direction: Direction): Values {
  const type = values["type"];
  const fields = typeof type === "string"
    ? fieldsOf(type, direction)
    : undefined;
  if (fields === undefined) {
    throw malformed(`no ${direction} has the type ${quoted(type)}`);
  }
  const message: Values = { type };
  for (const field of fields) {
    if (values[field.name] === undefined) {
      if (field.optional) continue;
      throw malformed(`the ${type} lacks its field ${field.name}`);
    }
    const value = readValue(field, values);
    if (value !== undefined) message[field.name] = value;
    // Only what a server replays is history.
    if (
      field.kind === "text" && direction === "event" &&
      values["history"] === true
    ) {
      message["history"] = true;
    }
  }
  return message;
}

/** Something a peer said, short enough for an error text. */
function quoted(value: unknown): string {
  if (typeof value !== "string") return "(none)";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40).toWellFormed()}…` : text;
}

/** Reads lines of one direction. */
class LineDecoder extends StreamReader {
  /** Bytes at the front already known to hold no line feed. */
  #searched = 0;

  #line(): Uint8Array | undefined {
    const end = this.queue.indexOf(LINE_FEED, this.#searched);
    if ((end < 0 ? this.queue.length : end) > WIRE_LIMITS.bodyBytes) {
      this.fatal(
        413,
        `a line has at most ${WIRE_LIMITS.bodyBytes} bytes, this one has more`,
      );
    }
    if (end < 0) {
      this.#searched = this.queue.length;
      return undefined;
    }
    this.#searched = 0;
    return this.queue.shift(end + 1).subarray(0, end);
  }

  /** The next object and what it says, or undefined; blank lines are nothing. */
  read(look?: (values: Values) => void): Values | undefined {
    for (;;) {
      const line = this.#line();
      if (line === undefined) return undefined;
      if (line.length === 0 || (line.length === 1 && line[0] === 0x0d)) {
        continue;
      }
      const values = parseLine(line);
      look?.(values);
      return readMessage(values, this.direction);
    }
  }
}

/** As many of `items` as fit, as JSON with its commas, into `room` bytes. */
function fitting(items: readonly string[], room: number): readonly string[] {
  const well = [];
  let used = -1;
  for (const item of items) {
    const next = item.toWellFormed();
    used += textBytes(JSON.stringify(next)) + 1;
    if (used > room) break;
    well.push(next);
  }
  return well;
}

/** What stands for a value in a `line` that has all fields before it. */
function jsonValue(field: Field, value: unknown, line: Values): unknown {
  switch (field.kind) {
    case "string":
      return (value as string).toWellFormed();
    case "text":
      return value instanceof Uint8Array
        ? value.toBase64()
        : (value as string).toWellFormed();
    case "list": {
      const empty = JSON.stringify({ ...line, [field.name]: [] });
      const room = WIRE_LIMITS.bodyBytes - textBytes(empty);
      return fitting(value as readonly string[], room);
    }
    case "integer":
    case "code":
      if (isWholeNumber(value)) return value;
      throw new LocalProtocolError(`The ${field.name} ${value} can't be sent`);
  }
}

/** Appends one line, of either direction, or nothing when it throws. */
function writeMessage(
  writer: ByteWriter,
  direction: Direction,
  version: JsonVersion,
  message: Request | ServerEvent,
): void {
  const type = message.type;
  const fields = fieldsOf(type, direction);
  if (fields === undefined) {
    const basic = direction === "event" && basicEvent(message as ServerEvent);
    if (basic === "nothing") return;
    if (basic) return writeMessage(writer, direction, version, basic);
    throw new LocalProtocolError(`No ${direction} has the type ${type}`);
  }
  const values = message as unknown as Values;
  const line: Values = { type };
  for (const field of fields) {
    if (version === 1 && V2_FIELDS.includes(field)) continue;
    const value = values[field.name];
    if (value !== undefined) line[field.name] = jsonValue(field, value, line);
    else if (!field.optional) {
      throw new LocalProtocolError(`A ${type} has a ${field.name}`);
    }
  }
  if (values["history"] === true) line["history"] = true;
  if (values["text"] instanceof Uint8Array) line["encrypted"] = true;
  if (type === "login" && version === 2) line["v"] = 2;
  const start = writer.length;
  const length = writer.utf8(JSON.stringify(line));
  if (length > WIRE_LIMITS.bodyBytes) {
    writer.truncate(start);
    throw new LocalProtocolError(`A line of ${length} bytes can't be sent`);
  }
  writer.u8(LINE_FEED);
}

/** How events look in either version of the JSON wire. */
export const JSON_EVENTS: Readonly<Record<JsonVersion, EventEncoding>> = {
  1: {
    name: "json1",
    write: (writer, event) => writeMessage(writer, "event", 1, event),
  },
  2: {
    name: "json2",
    write: (writer, event) => writeMessage(writer, "event", 2, event),
  },
};

/** A server's end of a JSON connection; v1 until a login says otherwise. */
export class JsonServerCodec extends LineDecoder implements ServerCodec {
  #version: JsonVersion = 1;

  constructor() {
    super("request");
  }

  get encoding(): EventEncoding {
    return JSON_EVENTS[this.#version];
  }

  next(): Request | undefined {
    return this.read((values) => {
      if (values["type"] !== "login") return;
      const version = values["v"];
      if (typeof version === "number") this.#version = version >= 2 ? 2 : 1;
    }) as Request | undefined;
  }
}

/** A client's end of a JSON connection. */
export class JsonClientCodec extends LineDecoder implements ClientCodec {
  readonly name: string;
  readonly #version: JsonVersion;

  constructor(version: JsonVersion) {
    super("event");
    this.#version = version;
    this.name = JSON_EVENTS[version].name;
  }

  next(): ServerEvent | undefined {
    return this.read() as ServerEvent | undefined;
  }

  encode(request: Request): Uint8Array {
    const writer = new ByteWriter();
    writeMessage(writer, "request", this.#version, request);
    return writer.take();
  }
}
