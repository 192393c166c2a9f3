/**
 * Where the bytes of a CP connection went, PDU by PDU and field by field
 * (docs/cp.md, "PDUs"), when both ends close each with CRLF, as ours do.
 *
 * The bytes of all entries MUST add up to those received up to the last CRLF.
 *
 * @module
 */

import { ByteWriter, parsePdu, type Pdu } from "../wire/mod.ts";
import { type LedgerEntry, LedgerSums } from "./frame_ledger.ts";

type Direction = LedgerEntry["direction"];

/** One PDU that has come or gone. */
export interface CountedPdu {
  /** The command or the code; `unknown` for anything else. */
  readonly name: string;
  /** With its CRLF. */
  readonly bytes: number;
}

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

/** Bytes. */
const CRLF = 2;
const DIGITS = 3;

/** The fields of a PDU without its CRLF, and their bytes. */
function fieldsOf({ name, data }: Pdu, bytes: number): Record<string, number> {
  if (name === undefined) return { contents: bytes };
  // The space is the words'.
  if (typeof name === "number") return { code: DIGITS, words: bytes - DIGITS };
  const command = bytes - data.length;
  if (name === "USER") return { command, name: data.length };
  if (name === "PASS") return { command, password: data.length };
  // The `:` is the name's.
  const of = data.indexOf(COLON) + 1;
  return { command, name: of, text: data.length - of };
}

/** Keeps account of both directions of one connection. */
export class PduLedger {
  readonly #sums = new LedgerSums();
  readonly #held: Readonly<Record<Direction, ByteWriter>> = {
    up: new ByteWriter(64),
    down: new ByteWriter(64),
  };

  /**
   * Takes the next bytes of one direction, above TLS, however they are cut;
   * answers the PDUs that have ended with them.
   */
  receive(direction: Direction, bytes: Uint8Array): readonly CountedPdu[] {
    const held = this.#held[direction];
    held.bytes(bytes);
    const all = held.take();
    const counted: CountedPdu[] = [];
    let start = 0;
    for (let end = ended(all, start); end > 0; end = ended(all, start)) {
      counted.push(this.#count(direction, all.subarray(start, end)));
      start = end;
    }
    held.bytes(all.subarray(start));
    return counted;
  }

  /** What there was so far. */
  get entries(): readonly LedgerEntry[] {
    return this.#sums.entries;
  }

  #count(direction: Direction, whole: Uint8Array): CountedPdu {
    const bytes = whole.length - CRLF;
    const pdu = parsePdu(whole.subarray(0, bytes));
    const name = `${pdu.name ?? "unknown"}`;
    const fields = { ...fieldsOf(pdu, bytes), CRLF };
    for (const [field, bytes] of Object.entries(fields)) {
      if (bytes === 0) continue;
      this.#sums.add({ direction, frame: name, field, count: 1, bytes });
    }
    return { name, bytes: whole.length };
  }
}

/** Where the first CRLF behind a place ends; 0 if there is none. */
function ended(bytes: Uint8Array, start: number): number {
  let at = bytes.indexOf(CR, start);
  while (at >= 0 && bytes[at + 1] !== LF) at = bytes.indexOf(CR, at + 1);
  return at < 0 ? 0 : at + CRLF;
}
