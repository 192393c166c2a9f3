/**
 * Tells apart what a TLS 1.3 connection carried, from its records' headers
 * alone (RFC 8446, section 5), without decrypting anything.
 *
 * Encrypted handshake messages and session tickets look like application data
 * from outside (type 23). But a chat's application data comes behind all of
 * them, and how many bytes of it there were is known at the socket: so the
 * records at the end whose contents add up to exactly that are application
 * data, and what stands before them is the handshake, tickets included. A
 * closing alert has two bytes of content and comes last.
 *
 * @module
 */

import {
  TLS_1_3_SEAL_BYTES,
  TLS_CONTENT,
  TLS_HEADER_BYTES,
  type TlsHeader,
  tlsHeader,
} from "../wire/mod.ts";

/** What a record of application data costs beside its content, bytes. */
export const RECORD_BYTES = TLS_HEADER_BYTES + TLS_1_3_SEAL_BYTES;

const APPLICATION_DATA = TLS_CONTENT.application_data;
const ALERT_CONTENT_BYTES = 2;

/** What one direction of a connection carried. */
export interface RecordSplit {
  /** Handshake messages, change-cipher-spec and session tickets, bytes. */
  readonly handshake: number;
  /** Records of application data. */
  readonly records: number;
  /** Closing alerts, bytes. */
  readonly closing: number;
  /** False when the records don't add up as TLS 1.3's do. */
  readonly exact: boolean;
}

/** Collects the record headers of one direction, however it is cut. */
export class RecordReader {
  readonly #records: TlsHeader[] = [];
  readonly #header: number[] = [];
  #skip = 0;

  /** Takes the next bytes of the stream. */
  receive(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === bytes.length) return;
      this.#header.push(bytes[at++] as number);
      if (this.#header.length === TLS_HEADER_BYTES) this.#begin();
    }
  }

  #begin(): void {
    const header = tlsHeader(this.#header.splice(0));
    this.#records.push(header);
    this.#skip = header.length;
  }

  /** `application`: bytes of application data that this direction carried. */
  split(application: number): RecordSplit {
    const last = this.#records.at(-1);
    if (last === undefined || !isAlert(last)) {
      return this.#count(application, 0);
    }
    // Two bytes can be a message too: whichever adds up.
    const ended = this.#count(application, 1);
    return ended.exact ? ended : this.#count(application, 0);
  }

  /** The last `alerts` records are closing alerts. */
  #count(application: number, alerts: number): RecordSplit {
    const end = this.#records.length - alerts;
    let first = end;
    let left = application;
    while (left > 0 && first > 0) {
      const record = this.#records[first - 1] as TlsHeader;
      if (record.type !== APPLICATION_DATA || content(record) > left) break;
      left -= content(record);
      first--;
    }
    const exact = left === 0 && this.#skip === 0;
    return {
      handshake: bytesOf(this.#records.slice(0, first)),
      records: end - first,
      closing: bytesOf(this.#records.slice(end)),
      exact,
    };
  }
}

/** Bytes inside a sealed record. */
function content({ length }: TlsHeader): number {
  return length - TLS_1_3_SEAL_BYTES;
}

function isAlert(record: TlsHeader): boolean {
  return record.type === APPLICATION_DATA &&
    content(record) === ALERT_CONTENT_BYTES;
}

function bytesOf(records: readonly TlsHeader[]): number {
  return records.reduce(
    (sum, { length }) => sum + TLS_HEADER_BYTES + length,
    0,
  );
}
