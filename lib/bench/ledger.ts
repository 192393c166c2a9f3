/**
 * The ledger of a wire that has frames: where all of its bytes went, kind by
 * kind and field by field, next to what it could not go below.
 *
 * The parts MUST add up to the bytes on the wire.
 *
 * @module
 */

import { count, share } from "./figures.ts";
import { type Compressed, floorWords } from "./floor.ts";
import type { LedgerEntry } from "./frame_ledger.ts";
import { type Measurement, recordOverhead, total } from "./measurement.ts";
import { RECORD_BYTES } from "./tls_records.ts";

/** One kind of frame, or one of the things that TLS adds. */
export interface LedgerPart {
  /** `up`: client to server; absent for both. */
  readonly direction?: "up" | "down";
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
  /** Bytes of each of its fields. */
  readonly fields: Readonly<Record<string, number>>;
}

/** Where the bytes of one wire went. */
export interface Ledger {
  readonly wire: string;
  readonly total: number;
  /** The greatest first, then what TLS adds. */
  readonly parts: readonly LedgerPart[];
  /** Bytes of the texts as they travel; absent where they go as they are. */
  readonly texts?: number;
}

/** The ledgers of all wires that have one. */
export function ledgersOf(measurements: readonly Measurement[]): Ledger[] {
  const ledgers: Ledger[] = [];
  for (const measurement of measurements) {
    const ledger = ledgerOf(measurement);
    if (ledger !== undefined) ledgers.push(withoutRepeating(ledger, ledgers));
  }
  return ledgers;
}

/** What an earlier ledger says frame by frame is one part in the later one. */
function withoutRepeating(ledger: Ledger, earlier: readonly Ledger[]): Ledger {
  const isFrame = ({ direction }: LedgerPart) => direction !== undefined;
  const frames = ledger.parts.filter(isFrame);
  const same = earlier.find(({ parts }) =>
    JSON.stringify(parts.filter(isFrame)) === JSON.stringify(frames)
  );
  if (same === undefined) return ledger;
  const sum = (name: "count" | "bytes") =>
    frames.reduce((all, part) => all + part[name], 0);
  const all = {
    name: `frames, as over ${same.wire}`,
    count: sum("count"),
    bytes: sum("bytes"),
    fields: {},
  };
  return {
    ...ledger,
    parts: [all, ...ledger.parts.filter((part) => !isFrame(part))],
  };
}

/** The ledger of a measurement; undefined for a wire without one. */
export function ledgerOf(measurement: Measurement): Ledger | undefined {
  const { variant, frames } = measurement;
  if (frames === undefined) return undefined;
  const texts = frames.filter(({ field }) => field === "text");
  return {
    wire: variant.wire,
    total: total(measurement),
    parts: [...framesOf(frames), ...tlsOf(measurement)],
    ...variant.kind === "stream" && {
      texts: texts.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
}

function framesOf(entries: readonly LedgerEntry[]): LedgerPart[] {
  const parts = new Map<string, LedgerPart>();
  for (const { direction, frame, field, count, bytes } of entries) {
    const key = `${direction} ${frame}`;
    const known = parts.get(key);
    parts.set(key, {
      direction,
      name: frame,
      // Each has one length byte or more, and the most of anything.
      count: Math.max(known?.count ?? 0, count),
      bytes: (known?.bytes ?? 0) + bytes,
      fields: { ...known?.fields, [field]: bytes },
    });
  }
  return [...parts.values()].sort((one, other) => other.bytes - one.bytes);
}

function tlsOf(measurement: Measurement): LedgerPart[] {
  const { handshake, closing, records } = measurement;
  const overhead = recordOverhead(measurement);
  const parts = [
    {
      name: `TLS records, ${RECORD_BYTES} bytes each`,
      count: records,
      bytes: overhead,
    },
    { name: "TLS handshakes", count: 0, bytes: handshake },
    { name: "TLS closing alerts", count: 0, bytes: closing },
  ];
  return parts.filter(({ bytes }) => bytes > 0)
    .map((part) => ({ ...part, fields: {} }));
}

/** What stands over a ledger. */
export function ledgerTitle({ wire, total }: Ledger): string {
  return `The ledger of ${wire}: where its ${count(total)} bytes went`;
}

/** The titles of a ledger's columns, and its lines. */
export function ledgerLines({ parts, total }: Ledger): string[][] {
  return [
    ["part", "count", "bytes", "share", "of these"],
    ...parts.map((part) => [
      partName(part),
      part.count > 0 ? count(part.count) : "–",
      count(part.bytes),
      share(part.bytes / total * 100),
      fieldsText(part),
    ]),
  ];
}

/** What the texts come to, in a sentence; empty where they go as they are. */
export function floorText(
  { wire, texts, parts }: Ledger,
  floors: readonly Compressed[],
): string {
  if (texts === undefined) return "";
  const records = parts.find(({ name }) => name.startsWith("TLS records"));
  return `${wire}: the texts are ${count(texts)} bytes; they would be ${
    floorWords(floors)
  }.` + (records === undefined
    ? ""
    : ` ${count(records.count)} records at ${RECORD_BYTES} bytes each are ${
      count(records.bytes)
    }, whatever is in them.`);
}

/** What a part is called, with its direction. */
export function partName({ direction, name }: LedgerPart): string {
  if (direction === undefined) return name;
  return `${name} ${direction === "up" ? "to" : "from"} the server`;
}

/** Its fields and their bytes, the greatest first. */
export function fieldsText({ fields }: LedgerPart): string {
  return Object.entries(fields).sort(([, one], [, other]) => other - one)
    .map(([field, bytes]) => `${field} ${count(bytes)}`).join(", ");
}
