/**
 * One datagram of the reliable UDP wire: seven bytes of header, `!i???` in the
 * words of Python's `struct`, and a JSON object in UTF-8 or nothing.
 *
 * | offset | size | field |
 * | --- | --- | --- |
 * | 0 | 4 | SEQN, signed, big-endian |
 * | 4 | 1 | ACK: 0 or 1; read, anything but 0 is 1 |
 * | 5 | 1 | SYN, likewise |
 * | 6 | 1 | FIN, likewise |
 * | 7 | – | the body |
 *
 * No body, `null` and `{}` are the same. What Python writes is read (`", "`,
 * `": "`, `\uXXXX`), except for its NaN and Infinity, which are not JSON.
 *
 * The decoder MUST look at a datagram's size and at how deep its brackets are
 * nested before it parses, and any bytes MUST give a datagram or a
 * {@link DatagramError}.
 *
 * @module
 */

import { LocalProtocolError, RemoteProtocolError } from "../errors.ts";
import { decodeUtf8 } from "../text.ts";

/** The sizes of this wire, bytes of a whole datagram. */
export const DATAGRAM_LIMITS = {
  /** Before the body. */
  header: 7,
  /** What UDP over IPv4 can carry: the most that is read. */
  accepted: 65_507,
  /** The most that we send: under 60,000. */
  sent: 59_999,
} as const;

/** How deep brackets may be nested; no message of this wire needs more than 5. */
export const DEEPEST = 32;

/** What stands before the body. */
export interface DatagramHeader {
  /** From -2^31 to 2^31 - 1. */
  readonly seqn: number;
  readonly ack: boolean;
  readonly syn: boolean;
  readonly fin: boolean;
}

/** What a datagram says: a JSON object. Nothing in it has been looked at. */
export type DatagramBody = Readonly<Record<string, unknown>>;

/** A whole one. */
export interface Datagram extends DatagramHeader {
  readonly body: DatagramBody;
}

/** A datagram that can't be read: 400, and the next one may be good. */
export class DatagramError extends RemoteProtocolError {
  /**
   * What an answer has to bear, or undefined where none is due: to bytes that
   * hold no header, and to an ACK.
   */
  readonly seqn: number | undefined;

  constructor(detail: string, seqn?: number) {
    super(400, detail, { fatal: false });
    this.seqn = seqn;
  }
}

/**
 * The header of a datagram.
 *
 * @throws {DatagramError} when the bytes are too few.
 */
export function decodeHeader(bytes: Uint8Array): DatagramHeader {
  if (bytes.length < DATAGRAM_LIMITS.header) {
    throw new DatagramError(
      `a datagram has at least ${DATAGRAM_LIMITS.header} bytes, this one has ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    seqn: view.getInt32(0),
    ack: bytes[4] !== 0,
    syn: bytes[5] !== 0,
    fin: bytes[6] !== 0,
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether brackets outside of strings are nested deeper than they may. */
function tooDeep(json: Uint8Array): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted) {
      if (byte === BACKSLASH) at++;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > DEEPEST) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

/** Why a body can't be read. */
function parseBody(json: Uint8Array): DatagramBody | string {
  if (tooDeep(json)) return `the body is nested deeper than ${DEEPEST}`;
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(json, "body"));
  } catch (error) {
    return error instanceof RemoteProtocolError
      ? error.detail
      : "the body is not JSON";
  }
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    return "the body is not a JSON object";
  }
  return value as DatagramBody;
}

/**
 * The body of a datagram whose `header` was read.
 *
 * @throws {DatagramError} when the datagram is over the limit, or the body is
 * no JSON object.
 */
export function decodeBody(
  header: DatagramHeader,
  bytes: Uint8Array,
): DatagramBody {
  const due = header.ack ? undefined : header.seqn;
  if (bytes.length > DATAGRAM_LIMITS.accepted) {
    throw new DatagramError(
      `a datagram has at most ${DATAGRAM_LIMITS.accepted} bytes, this one has ${bytes.length}`,
      due,
    );
  }
  if (bytes.length === DATAGRAM_LIMITS.header) return {};
  const body = parseBody(bytes.subarray(DATAGRAM_LIMITS.header));
  if (typeof body === "string") throw new DatagramError(body, due);
  return body;
}

/**
 * A whole datagram.
 *
 * @throws {DatagramError} when it can't be read.
 */
export function decodeDatagram(bytes: Uint8Array): Datagram {
  const header = decodeHeader(bytes);
  return { ...header, body: decodeBody(header, bytes) };
}

const encoder = new TextEncoder();

/** `{}`, encoded. */
export const EMPTY_BODY: Uint8Array = encoder.encode("{}");

/**
 * A body's JSON in UTF-8, to be sent to one or to many.
 *
 * @throws {LocalProtocolError} when it is no JSON object or too long to send.
 */
export function encodeBody(body: DatagramBody): Uint8Array<ArrayBuffer> {
  let json: string | undefined;
  try {
    json = JSON.stringify(body) as string | undefined;
  } catch (cause) {
    throw new LocalProtocolError("A body that is no JSON can't be sent", {
      cause,
    });
  }
  if (json?.startsWith("{") !== true) {
    throw new LocalProtocolError("A body is a JSON object");
  }
  const bytes = encoder.encode(json);
  checkBodySize(bytes);
  return bytes;
}

/**
 * Checks that an encoded body may be sent.
 *
 * @throws {LocalProtocolError} when it is too long.
 */
export function checkBodySize(body: Uint8Array): void {
  const length = DATAGRAM_LIMITS.header + body.length;
  if (length > DATAGRAM_LIMITS.sent) {
    throw new LocalProtocolError(
      `A datagram of ${length} bytes can't be sent, ${DATAGRAM_LIMITS.sent} is the most`,
    );
  }
}

/** A datagram of a header and an encoded body, which is copied. */
export function joinDatagram(
  { seqn, ack, syn, fin }: DatagramHeader,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(DATAGRAM_LIMITS.header + body.length);
  new DataView(bytes.buffer).setInt32(0, seqn);
  bytes[4] = Number(ack);
  bytes[5] = Number(syn);
  bytes[6] = Number(fin);
  bytes.set(body, DATAGRAM_LIMITS.header);
  return bytes;
}

/**
 * A whole datagram as bytes.
 *
 * @throws {LocalProtocolError} when the body can't be sent.
 */
export function encodeDatagram(datagram: Datagram): Uint8Array<ArrayBuffer> {
  return joinDatagram(datagram, encodeBody(datagram.body));
}
