/**
 * Frames of CP: its PDUs (docs/cp.md, "Framing").
 *
 * A capture does not show silence. So whoever does not end the first bytes that
 * come together with CRLF is taken for one who sends none: then what comes
 * together is one PDU.
 *
 * @module
 */

import {
  CP_LIMITS,
  type CpFraming,
  parsePdu,
  type Pdu,
  type PduFault,
  trimPdu,
} from "../wire/mod.ts";
import type { Direction } from "../net/mod.ts";
import {
  bareFrame,
  type Frame,
  type FrameReader,
  NO_MESSAGE,
} from "./frame.ts";

const WIRE = "cp";
const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What one connection's readers share. */
export interface CpSession {
  /** How the client ends its PDUs, once that has shown. */
  framing?: CpFraming;
}

/** One direction of a connection. */
export class CpFrames implements FrameReader {
  readonly #direction: Direction;
  readonly #session: CpSession;
  /** Bytes that came together, each; of who sends CRLF at most one. */
  #held: Uint8Array[] = [];
  /** A PDU was too long: up to its end nothing is understood. */
  #skipping = false;

  constructor(direction: Direction, session: CpSession) {
    this.#direction = direction;
    this.#session = session;
  }

  get #framing(): CpFraming {
    if (this.#direction === "down") return "crlf";
    return this.#session.framing ?? "crlf";
  }

  receive(bytes: Uint8Array): void {
    if (this.#direction === "up") {
      this.#session.framing ??= endOf(bytes) < 0 ? "silence" : "crlf";
    }
    const held = this.#held[0];
    if (this.#framing === "silence" || held === undefined) {
      this.#held.push(bytes);
      return;
    }
    const joined = new Uint8Array(held.length + bytes.length);
    joined.set(held);
    joined.set(bytes, held.length);
    this.#held = [joined];
  }

  next(): Frame | undefined {
    const held = this.#held[0];
    if (held === undefined || held.length === 0) return undefined;
    if (this.#framing === "silence") {
      this.#held.shift();
      return this.#frame(trimPdu(held), held.length);
    }
    const end = endOf(held);
    if (end < 0 && held.length <= CP_LIMITS.pduBytes + 1) return undefined;
    const bytes = end < 0 ? held.length : end + 2;
    const rest = held.subarray(bytes);
    this.#held = rest.length === 0 ? [] : [rest];
    if (this.#skipping) {
      this.#skipping = end < 0;
      return bareFrame(WIRE, NO_MESSAGE.undecoded, bytes);
    }
    this.#skipping = end < 0;
    return this.#frame(held.subarray(0, end < 0 ? bytes : end), bytes);
  }

  end(): Frame | undefined {
    const bytes = this.#held.reduce((sum, { length }) => sum + length, 0);
    this.#held = [];
    return bytes === 0
      ? undefined
      : bareFrame(WIRE, NO_MESSAGE.incomplete, bytes);
  }

  #frame(pdu: Uint8Array, bytes: number): Frame {
    if (pdu.length === 0) return bareFrame(WIRE, NO_MESSAGE.blank, bytes);
    const fault: PduFault | undefined = pdu.length > CP_LIMITS.pduBytes
      ? "too long"
      : undefined;
    const parsed = parsePdu(pdu, fault);
    const { name } = parsed;
    if (fault !== undefined || name === undefined) {
      const error = name === undefined
        ? "there is no such command or code"
        : `a PDU has at most ${CP_LIMITS.pduBytes} bytes`;
      return bareFrame(WIRE, NO_MESSAGE.malformed, bytes, error);
    }
    const fields = fieldsOf(parsed, this.#direction);
    return fields === undefined
      ? bareFrame(WIRE, NO_MESSAGE.malformed, bytes, "there is no : in it")
      : { ...bareFrame(WIRE, `${name}`, bytes), fields };
  }
}

/** What a PDU says; undefined when a `:` lacks. */
function fieldsOf(
  { name, data }: Pdu,
  direction: Direction,
): Readonly<Record<string, string>> | undefined {
  const text = decoder.decode(data);
  switch (name) {
    case "USER":
      return { username: text };
    case "PASS":
      return { password: "***" };
    case "TERM":
      return {};
    case "SMSG":
      return parted(data, "recipient");
    case "RMSG":
      return direction === "up" ? {} : parted(data, "sender");
    default:
      return text === "" ? {} : { text };
  }
}

function parted(
  data: Uint8Array,
  who: string,
): Readonly<Record<string, string>> | undefined {
  const colon = data.indexOf(COLON);
  if (colon < 0) return undefined;
  return {
    [who]: decoder.decode(data.subarray(0, colon)),
    text: decoder.decode(data.subarray(colon + 1)),
  };
}

/** Where the first CRLF is; below 0: there is none. */
function endOf(bytes: Uint8Array): number {
  let at = bytes.indexOf(CR);
  while (at >= 0 && bytes[at + 1] !== LF) at = bytes.indexOf(CR, at + 1);
  return at;
}
