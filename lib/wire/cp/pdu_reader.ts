/**
 * Cuts one direction of a CP connection into PDUs (docs/cp.md, "Framing").
 *
 * The first PDU settles how a peer ends its PDUs: by CRLF, or, when it is
 * followed by 40 ms of silence, by being one read each.
 *
 * | framing | a PDU ends | stray CR and LF | bytes behind a too long one |
 * | --- | --- | --- | --- |
 * | unsettled | by CRLF, or 40 ms after its last byte | skipped | belong to it |
 * | crlf | by CRLF | skipped between PDUs | belong to it, up to CRLF |
 * | silence | with the read | cut off at both ends | are another read |
 *
 * The reader MUST hold no more than one PDU and a CR, whatever comes.
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import { CP_LIMITS, LETTERS, parsePdu, type Pdu } from "./pdu.ts";

/** How a peer ends its PDUs. */
export type CpFraming = "crlf" | "silence";

const CR = 0x0d;
const LF = 0x0a;

/**
 * A command behind the words of a code, which nothing else parts from them:
 * nobody answers a 201, so who sends no CRLF may send the next command into
 * the same read. In capitals, with no space before it, and whole.
 */
const NEXT_COMMAND = /(?<! )(?:SMSG[^:]{1,10}:|(?:RMSG|TERM)$)/;

function isEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF;
}

/** The bytes of a PDU without CR and LF at either end. */
export function trimPdu(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.length;
  while (start < end && isEnd(bytes[start])) start++;
  while (end > start && isEnd(bytes[end - 1])) end--;
  return bytes.subarray(start, end);
}

/** Reads the PDUs of one peer; `now` is in ms, and never goes back. */
export class PduReader {
  readonly #held = new ByteWriter(64);
  #framing: CpFraming | undefined;
  /** A CR came last, which is the PDU's unless LF follows. */
  #cr = false;
  /** What comes belongs to a PDU that has been given up. */
  #skipping = false;
  #begun: number | undefined;
  #silentAt: number | undefined;

  /** `framing`: what is known of the peer's before it has said anything. */
  constructor(framing?: CpFraming) {
    this.#framing = framing;
  }

  /** How the peer ends its PDUs, once that is settled. */
  get framing(): CpFraming | undefined {
    return this.#framing;
  }

  /** Bytes held that are not yet a PDU. */
  get pending(): number {
    return this.#held.length + (this.#cr && !this.#skipping ? 1 : 0);
  }

  /** When {@link tick} is due, ms; undefined when nothing is waited for. */
  get wakeAt(): number | undefined {
    const unended = this.#begun === undefined
      ? Infinity
      : this.#begun + CP_LIMITS.patience;
    const at = Math.min(this.#silentAt ?? Infinity, unended);
    return at === Infinity ? undefined : at;
  }

  /** Takes one read; yields what has ended, as it is asked for. */
  *receive(bytes: Uint8Array, now: number): Generator<Pdu, void> {
    yield* this.tick(now);
    if (this.#framing === "silence") {
      yield* this.#read(bytes);
      return;
    }
    for (const byte of bytes) {
      const pdu = this.#take(byte, now);
      if (pdu !== undefined) yield pdu;
    }
    if (this.#framing === undefined && (this.pending > 0 || this.#skipping)) {
      this.#silentAt = now + CP_LIMITS.silence;
    }
  }

  /** Yields what time has ended by `now`. */
  *tick(now: number): Generator<Pdu, void> {
    const at = this.wakeAt;
    if (at === undefined || now < at) return;
    if (at !== this.#silentAt) {
      yield this.#giveUp("unended");
      yield* this.tick(now);
      return;
    }
    this.#settle("silence");
    const skipped = this.#skipping;
    this.#skipping = this.#cr = false;
    const bytes = this.#end();
    if (!skipped) yield* this.#read(bytes);
  }

  #settle(framing: CpFraming): void {
    this.#framing = framing;
    this.#silentAt = undefined;
  }

  /** The bytes held, which are held no more. */
  #end(): Uint8Array {
    this.#begun = undefined;
    return this.#held.take();
  }

  /** Up to where the PDU ends, what comes is skipped. */
  #giveUp(fault: "too long" | "unended"): Pdu {
    this.#skipping = true;
    return parsePdu(this.#end().subarray(0, LETTERS), fault);
  }

  #take(byte: number, now: number): Pdu | undefined {
    const cr = this.#cr;
    this.#cr = byte === CR;
    if (cr && byte === LF) {
      this.#settle("crlf");
      if (!this.#skipping) return parsePdu(this.#end());
      this.#skipping = false;
      return undefined;
    }
    if (this.#skipping) return undefined;
    if (this.#held.length === 0 && isEnd(byte)) {
      this.#cr = false;
      return undefined;
    }
    // A CR is written when it is known that no LF follows it.
    const more = (cr ? 1 : 0) + (this.#cr ? 0 : 1);
    if (this.#held.length + more > CP_LIMITS.pduBytes) {
      return this.#giveUp("too long");
    }
    this.#begun ??= now;
    if (cr) this.#held.u8(CR);
    if (!this.#cr) this.#held.u8(byte);
    return undefined;
  }

  /** A read of a peer that sends no CRLF: one PDU, or a code and a command. */
  *#read(read: Uint8Array): Generator<Pdu, void> {
    const bytes = trimPdu(read);
    if (bytes.length === 0) return;
    if (bytes.length > CP_LIMITS.pduBytes) {
      yield parsePdu(bytes.subarray(0, LETTERS), "too long");
      return;
    }
    const first = parsePdu(bytes);
    if (typeof first.name !== "number") {
      yield first;
      return;
    }
    const next = String.fromCharCode(...bytes).search(NEXT_COMMAND);
    yield next < 0 ? first : parsePdu(trimPdu(bytes.subarray(0, next)));
    if (next >= 0) yield parsePdu(bytes.subarray(next));
  }
}
