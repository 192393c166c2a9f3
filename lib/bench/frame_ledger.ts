/**
 * Where the bytes of a ChatProto 2 connection went, frame by frame and field by
 * field (docs/chatproto2.md; the fields are those of `lib/wire`'s table).
 *
 * The bytes of all entries MUST add up to those received, to the byte.
 *
 * @module
 */

import {
  CLIENT_FRAMES,
  EXTENDED,
  EXTENDED_KINDS,
  type FrameField,
  type FrameRow,
  PREFACE_BYTES,
  SERVER_FRAMES,
} from "../wire/mod.ts";

/** One field of one kind of frame, in one direction. */
export interface LedgerEntry {
  readonly direction: "up" | "down";
  /** The frame's name, of a reply with what it answers: `REPLY to JOIN`. */
  readonly frame: string;
  /** The field's name; `length` and `kind` are what every frame has. */
  readonly field: string;
  /** How many there were. */
  readonly count: number;
  readonly bytes: number;
}

/** Adds up what belongs to the same field. */
export class LedgerSums {
  readonly #entries = new Map<string, LedgerEntry>();

  add(entry: LedgerEntry): void {
    const { direction, frame, field } = entry;
    const key = [direction, frame, field].join("\n");
    const known = this.#entries.get(key);
    const count = entry.count + (known?.count ?? 0);
    const bytes = entry.bytes + (known?.bytes ?? 0);
    this.#entries.set(key, { ...entry, count, bytes });
  }

  get entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }
}

type Direction = LedgerEntry["direction"];

/** Cuts one direction and tells what each part is. */
class Side {
  readonly #rows: readonly FrameRow[];
  readonly #add: (frame: string, field: string, bytes: number) => void;
  readonly #name: (row: FrameRow) => string;
  #left: Uint8Array = new Uint8Array(0);
  #begun = false;

  constructor(
    rows: readonly FrameRow[],
    name: (row: FrameRow) => string,
    add: (frame: string, field: string, bytes: number) => void,
  ) {
    this.#rows = rows;
    this.#name = name;
    this.#add = add;
  }

  receive(bytes: Uint8Array): void {
    let left = new Uint8Array(this.#left.length + bytes.length);
    left.set(this.#left);
    left.set(bytes, this.#left.length);
    for (;;) {
      const taken = this.#take(left);
      if (taken === 0) break;
      left = left.subarray(taken);
    }
    this.#left = left;
  }

  /** Takes the preface or one frame; answers its length, 0 if it is not whole. */
  #take(bytes: Uint8Array): number {
    if (!this.#begun) {
      if (bytes.length < PREFACE_BYTES) return 0;
      this.#begun = true;
      this.#add("preface", "preface", PREFACE_BYTES);
      return PREFACE_BYTES;
    }
    const at = varintBytes(bytes, 0);
    if (at === 0) return 0;
    const end = at + varint(bytes, 0);
    if (bytes.length < end) return 0;
    this.#frame(bytes.subarray(0, end), at);
    return end;
  }

  #frame(frame: Uint8Array, at: number): void {
    if (frame.length === at) return this.#add("keepalive", "length", at);
    const first = frame[at] as number;
    const extended = first >> 4 === EXTENDED;
    const kind = extended
      ? EXTENDED_KINDS + (frame[at + 1] as number)
      : first >> 4;
    const row = this.#rows.find((each) => each.kind === kind);
    const name = row === undefined ? `kind ${kind}` : this.#name(row);
    const header = extended ? 2 : 1;
    this.#add(name, "length", at);
    this.#add(name, "kind", header);
    const end = fieldsOf(frame, at + header, first & 15, row?.fields ?? [], (
      field,
      bytes,
    ) => this.#add(name, field, bytes));
    if (end < frame.length) this.#add(name, "contents", frame.length - end);
  }
}

/** Tells each field's bytes; answers where the last one ends. */
function fieldsOf(
  frame: Uint8Array,
  start: number,
  flags: number,
  fields: readonly FrameField[],
  add: (field: string, bytes: number) => void,
): number {
  let at = start;
  for (const { name, as, flag } of fields) {
    if (flag !== undefined && (flags & flag) === 0) continue;
    if (at >= frame.length) break;
    let end = frame.length;
    if (as === "number") end = at + varintBytes(frame, at);
    if (as === "string") {
      end = at + varintBytes(frame, at) + varint(frame, at);
    }
    add(name, end - at);
    at = end;
  }
  return at;
}

/** Length of the varint at a place; 0 when it is not whole. */
function varintBytes(bytes: Uint8Array, at: number): number {
  for (let end = at; end < bytes.length; end++) {
    if ((bytes[end] as number) < 0x80) return end - at + 1;
  }
  return 0;
}

function varint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let end = at, factor = 1;; end++, factor *= 0x80) {
    const byte = bytes[end] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}

/** Keeps account of both directions of one connection. */
export class FrameLedger {
  readonly #sums = new LedgerSums();
  /** Names of the requests that have no reply. */
  readonly #asked: string[] = [];
  readonly #sides: Readonly<Record<Direction, Side>>;

  constructor() {
    const add = (direction: Direction) =>
    (
      frame: string,
      field: string,
      bytes: number,
    ) => this.#sums.add({ direction, frame, field, count: 1, bytes });
    this.#sides = {
      up: new Side(CLIENT_FRAMES, (row) => this.#request(row), add("up")),
      down: new Side(SERVER_FRAMES, (row) => this.#event(row), add("down")),
    };
  }

  /** Takes the next bytes of one direction, above TLS, however they are cut. */
  receive(direction: Direction, bytes: Uint8Array): void {
    this.#sides[direction].receive(bytes);
  }

  /** What there was so far. */
  get entries(): readonly LedgerEntry[] {
    return this.#sums.entries;
  }

  #request(row: FrameRow): string {
    if (isNumbered(row)) this.#asked.push(row.name);
    return row.name;
  }

  #event(row: FrameRow): string {
    if (!isNumbered(row)) return row.name;
    const asked = this.#asked.shift() ?? "nothing";
    return row.name === "REPLY" ? `REPLY to ${asked}` : row.name;
  }
}

function isNumbered({ fields }: FrameRow): boolean {
  return fields[0]?.name === "n";
}

/** The entries of several connections as one. */
export function mergeEntries(
  entries: readonly LedgerEntry[],
): readonly LedgerEntry[] {
  const sums = new LedgerSums();
  for (const entry of entries) sums.add(entry);
  return sums.entries;
}
