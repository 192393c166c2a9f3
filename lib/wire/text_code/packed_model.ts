/**
 * Reads the model's packed form (docs/text_code.md, "Model"): contexts depth
 * first, every number as adaptive bits in the range coder. What writes it is
 * tools/text_model/pack.ts.
 *
 * @module
 */

import { SYMBOLS } from "./alphabet.ts";

/** The highest level: the likeliest choice of a context has it. */
export const TOP_LEVEL = 11;

/** Symbols in the longest context that there can be. */
export const DEEPEST = 15;

/** Bytes before the contexts: how many contexts, and how many symbols in them. */
export const HEADER = 8;

/** The adaptive bits: how they begin, how fast they learn, in 4096ths. */
export const BITS = { scale: 12, even: 2048, rate: 5, least: 32 } as const;

/** Slots that one number takes: 16 for its length, 32 for each length's digits. */
const NUMBER = 16 + 16 * 32;

/** The slot at which each kind of number begins. */
export const SLOTS = {
  count: (depth: number): number => NUMBER * Math.min(depth, 6),
  escape: (count: number): number => NUMBER * (7 + Math.min(count, 6)),
  level: (row: number): number => NUMBER * (14 + row),
  rank: (depth: number, row: number): number =>
    NUMBER * (34 + 20 * Math.min(depth, 3) + row),
  longer: (depth: number, count: number): number =>
    NUMBER * (114 + 3 * Math.min(depth, 6) + Math.min(count, 2)),
  older: (oldest: number): number => NUMBER * 135 + 256 * oldest,
  all: NUMBER * 135 + 256 * SYMBOLS,
} as const;

/** Which of its rows the `index`th of `count` listed symbols belongs to. */
export function rowOf(index: number, count: number): number {
  return 5 * Math.min(index, 3) + Math.min(count, 4);
}

/** The slot of a digit of a number, from the slot where the number begins. */
export function digitSlot(length: number, left: number, value: number): number {
  // the two leading digits know those before them, the others their place
  return 16 + 32 * length + (left >= length - 2 ? value : 4 + left);
}

/** What becomes of the contexts that are read, each before its longer ones. */
export interface ModelSink {
  /** How many contexts will come, and how many symbols in all of them. */
  begin(contexts: number, symbols: number): void;
  /** A context begins: the one before it, without its oldest symbol, or -1. */
  context(parent: number, oldest: number, escape: number): number;
  /** The next symbol of the context that began last. */
  symbol(symbol: number, level: number): void;
}

const LEAST_RANGE = 0x100_0000;
const SCALE_BITS = BITS.scale;
const SCALE = 1 << SCALE_BITS;
const RATE = BITS.rate;
const LEAST = BITS.least;

/** Reads one packed model. */
export class ModelReader {
  readonly #bytes: Uint8Array;
  readonly #sink: ModelSink;
  readonly #zeros = new Uint16Array(SLOTS.all).fill(BITS.even);
  readonly #listed = new Uint32Array(SYMBOLS);
  readonly #orders = Array.from(
    { length: DEEPEST + 2 },
    () => Uint8Array.from({ length: SYMBOLS }, (_, symbol) => symbol),
  );
  #stamp = 0;
  #read = HEADER;
  #code = 0;
  #range = 0xffff_ffff;

  constructor(bytes: Uint8Array, sink: ModelSink) {
    this.#bytes = bytes;
    this.#sink = sink;
    for (let i = 0; i < 4; i++) this.#code = this.#code * 256 + this.#next();
  }

  /** Reads all of it. */
  read(): void {
    const { buffer, byteOffset } = this.#bytes;
    const header = new DataView(buffer, byteOffset, HEADER);
    this.#sink.begin(header.getUint32(0), header.getUint32(4));
    this.#context(-1, 0, 0, this.#orders[0]!);
  }

  /** `order`: all symbols, the likeliest first, as the shorter context has them. */
  #context(
    parent: number,
    oldest: number,
    depth: number,
    order: Uint8Array,
  ): void {
    const count = this.#number(SLOTS.count(depth));
    const escape = count === 0
      ? 0
      : TOP_LEVEL - this.#number(SLOTS.escape(count));
    const context = this.#sink.context(parent, oldest, escape);
    const mine = this.#orders[depth + 1]!;
    if (count > 0) this.#symbols(depth, count, order, mine);
    const longer = this.#number(SLOTS.longer(depth, count));
    if (longer === 0 || depth >= DEEPEST) return;
    if (count > 0) this.#fill(count, order, mine);
    for (let i = 0; i < longer; i++) {
      const symbol = this.#byte(SLOTS.older(oldest));
      this.#context(context, symbol, depth + 1, count > 0 ? mine : order);
    }
  }

  /** Reads the listed symbols, and puts them at the front of `mine`. */
  #symbols(
    depth: number,
    count: number,
    order: Uint8Array,
    mine: Uint8Array,
  ): void {
    this.#stamp++;
    let level = TOP_LEVEL;
    for (let i = 0; i < count; i++) {
      const row = rowOf(i, count);
      level -= this.#number(SLOTS.level(row));
      let rank = this.#number(SLOTS.rank(depth, row));
      let at = 0;
      while (this.#listed[order[at]!] === this.#stamp || rank-- > 0) at++;
      const symbol = order[at]!;
      mine[i] = symbol;
      this.#listed[symbol] = this.#stamp;
      this.#sink.symbol(symbol, level);
    }
  }

  /** Puts behind the listed symbols all others, in the order they had. */
  #fill(count: number, order: Uint8Array, mine: Uint8Array): void {
    let next = count;
    for (let i = 0; i < SYMBOLS; i++) {
      const symbol = order[i]!;
      if (this.#listed[symbol] !== this.#stamp) mine[next++] = symbol;
    }
  }

  #number(slot: number): number {
    let length = 0;
    while (length < 15 && this.#bit(slot + length) === 1) length++;
    let value = 1;
    for (let left = length - 1; left >= 0; left--) {
      value = 2 * value + this.#bit(slot + digitSlot(length, left, value));
    }
    return value - 1;
  }

  #byte(slot: number): number {
    let value = 1;
    while (value < 256) value = 2 * value + this.#bit(slot + value);
    return value - 256;
  }

  #bit(slot: number): 0 | 1 {
    const zeros = this.#zeros[slot]!;
    const unit = this.#range >>> SCALE_BITS;
    const limit = Math.imul(unit, zeros) >>> 0;
    const bit = this.#code < limit ? 0 : 1;
    if (bit === 0) {
      this.#range = limit;
      const more = zeros + ((SCALE - zeros) >> RATE);
      this.#zeros[slot] = more > SCALE - LEAST ? SCALE - LEAST : more;
    } else {
      this.#code = (this.#code - limit) >>> 0;
      this.#range = Math.imul(unit, SCALE - zeros) >>> 0;
      const less = zeros - (zeros >> RATE);
      this.#zeros[slot] = less < LEAST ? LEAST : less;
    }
    while (this.#range < LEAST_RANGE) {
      this.#code = ((this.#code << 8) | this.#next()) >>> 0;
      this.#range = (this.#range << 8) >>> 0;
    }
    return bit;
  }

  #next(): number {
    return this.#read < this.#bytes.length ? this.#bytes[this.#read++]! : 0;
  }
}
