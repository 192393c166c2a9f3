/**
 * Captured datagrams of reliable UDP with JSON (docs/capture.md, "Reliable UDP").
 *
 * Any bytes are told as something: a message, a damaged one, or bytes of another
 * protocol.
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import {
  type Datagram,
  DATAGRAM_LIMITS,
  DatagramError,
  type DatagramHeader,
  decodeDatagram,
  decodeHeader,
  REQUEST_TYPES,
} from "../wire/mod.ts";
import { bareFrame, type FieldValue, type Frame, NO_MESSAGE } from "./frame.ts";
import { UdpChatExchange } from "./udpchat_exchange.ts";

/** The wire's name in reports. */
export const UDPCHAT_WIRE = "udpchat";

/** What servers say by themselves. */
export const PUSH_TYPES = ["CHT", "GRP_SUB", "MSG_RBA"] as const;

/** Every type that a body can have. */
export const UDPCHAT_TYPES: ReadonlySet<string> = new Set<string>([
  ...REQUEST_TYPES,
  ...PUSH_TYPES,
]);

/** What lets somebody in who reads it, wherever it stands in a body. */
const SECRETS: ReadonlySet<string> = new Set(["password", "token"]);

/**
 * The fields whose texts are shown, wherever they stand: a name that the wire
 * does not have may be that of a secret, damaged.
 */
const READABLE: ReadonlySet<string> = new Set([
  ...["type", "username", "group", "members", "text", "time_sent", "ref"],
  ...["error", "response", "Members", "Name", "Date_Created", "kind"],
  ...["Username", "Text", "Date_Sent", "by"],
]);

/** Fields that are ours; a body's own of the same name stands behind `body.` */
const OURS: ReadonlySet<string> = new Set(["SEQN", "to"]);

/** Whether bytes begin with a header as everybody writes it. */
export function hasHeader(bytes: Uint8Array): boolean {
  return bytes.length >= DATAGRAM_LIMITS.header &&
    [bytes[4], bytes[5], bytes[6]].every((flag) => flag === 0 || flag === 1);
}

/** A datagram, or why it is none. `length`: that on the network. */
export function readUdpChat(
  bytes: Uint8Array,
  length: number,
): Datagram | DatagramError | "cut" {
  if (bytes.length < length) return "cut";
  try {
    return decodeDatagram(bytes);
  } catch (error) {
    if (error instanceof DatagramError) return error;
    throw error;
  }
}

/** Whether bytes are so plainly of this wire that no port has to say so. */
export function looksLikeUdpChat(bytes: Uint8Array, length: number): boolean {
  if (!hasHeader(bytes) || bytes[DATAGRAM_LIMITS.header] !== 0x7b) return false;
  return !(readUdpChat(bytes, length) instanceof DatagramError);
}

/** A value of a body without what nobody should read. */
function shown(name: string, value: unknown): FieldValue {
  if (SECRETS.has(name) && value !== null) return "***";
  if (typeof value === "string" && !READABLE.has(name)) return "***";
  if (Array.isArray(value)) return value.map((each) => shown(name, each));
  if (typeof value !== "object" || value === null) return value as FieldValue;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, shown(key, each)]),
  );
}

/** The name of what a datagram is. */
function typeOf({ ack, syn, fin, body }: Datagram): string {
  if (ack) return "ACK";
  if (syn) return "SYN";
  if (fin) return "FIN";
  const { type } = body;
  return typeof type === "string" && UDPCHAT_TYPES.has(type)
    ? type
    : NO_MESSAGE.unknown;
}

/** The flags of a header that its type does not tell. */
function moreFlags({ ack, syn, fin }: DatagramHeader): string[] {
  const set = [ack && "ACK", syn && "SYN", fin && "FIN"]
    .filter((flag) => flag !== false);
  return set.slice(1);
}

function bodyFields(datagram: Datagram, type: string): Fields {
  return Object.entries(datagram.body)
    .filter(([name, value]) => name !== "type" || value !== type)
    .map(([name, value]) => [
      OURS.has(name) ? `body.${name}` : name,
      shown(name, value),
    ]);
}

/** Fields in their order. */
type Fields = readonly (readonly [string, FieldValue])[];

/** What a datagram is, by itself. */
interface Told {
  readonly type: string;
  readonly header?: DatagramHeader;
  readonly body?: Fields;
  readonly error?: string;
}

/** What two addresses say to each other. */
export class UdpChatConversation {
  /** What each of them said. */
  readonly #exchanges: Readonly<Record<Direction, UdpChatExchange>> = {
    up: new UdpChatExchange(),
    down: new UdpChatExchange(),
  };
  /** Whether something of this wire was heard. */
  #spoken = false;
  #left = false;

  /** Whether a FIN came, and nothing but ACKs since. */
  get left(): boolean {
    return this.#left;
  }

  /** Datagrams that nobody has acknowledged. */
  get unacknowledged(): number {
    const { up, down } = this.#exchanges;
    return up.unacknowledged + down.unacknowledged;
  }

  /** Takes a datagram apart. `length`: that on the network; `time` in µs. */
  receive(
    direction: Direction,
    bytes: Uint8Array,
    length: number,
    time: number,
  ): Frame {
    const read = readUdpChat(bytes, length);
    const { type, header, body = [], error } = this.#tell(bytes, read);
    if (header === undefined) {
      return error === undefined
        ? bareFrame("unknown", NO_MESSAGE.bytes, length)
        : bareFrame(UDPCHAT_WIRE, type, length, error);
    }
    this.#spoken ||= error === undefined;
    const { fields, ...place } = this.#place(direction, header, type, time);
    return {
      ...bareFrame(UDPCHAT_WIRE, type, length, error),
      ...place,
      fields: Object.fromEntries([...fields, ...body]),
    };
  }

  /** What bytes are: those without a header and an error are somebody else's. */
  #tell(bytes: Uint8Array, read: ReturnType<typeof readUdpChat>): Told {
    const isPlain = hasHeader(bytes);
    if (read === "cut") {
      const type = NO_MESSAGE.incomplete;
      return isPlain ? { type, header: decodeHeader(bytes) } : { type };
    }
    if (!(read instanceof DatagramError)) {
      const type = typeOf(read);
      // Any seven bytes are a header without a body.
      if (!isPlain && bytes.length === DATAGRAM_LIMITS.header) return { type };
      return { type, header: read, body: bodyFields(read, type) };
    }
    const type = NO_MESSAGE.malformed;
    const error = read.message;
    if (isPlain) return { type, header: decodeHeader(bytes), error };
    const isShort = bytes.length < DATAGRAM_LIMITS.header;
    return isShort && this.#spoken ? { type, error } : { type };
  }

  /** Where a datagram stands among the others. */
  #place(
    direction: Direction,
    { seqn, ack, syn, fin }: DatagramHeader,
    type: string,
    time: number,
  ): Pick<Frame, "flags" | "roundTrip"> & { readonly fields: Fields } {
    const flags = moreFlags({ seqn, ack, syn, fin });
    const fields: [string, FieldValue][] = [["SEQN", seqn]];
    if (!ack) {
      const repeated = this.#exchanges[direction]
        .said(seqn, type, syn || fin, time);
      if (repeated) flags.push("repeated");
      else this.#left = fin;
      return { fields, flags };
    }
    const other = direction === "up" ? "down" : "up";
    const { to, repeated, roundTrip } = this.#exchanges[other]
      .acknowledge(seqn, time);
    if (to === undefined) flags.push("unmatched");
    else fields.push(["to", to]);
    if (repeated) flags.push("repeated");
    if (roundTrip === undefined) return { fields, flags };
    return { fields, flags, roundTrip: roundTrip / 1_000 };
  }
}
