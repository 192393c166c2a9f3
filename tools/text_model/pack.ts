/**
 * Writes a tree of contexts in the packed form that
 * lib/wire/text_code/packed_model.ts reads (docs/text_code.md, "Model").
 *
 * @module
 */

import { SYMBOLS } from "../../lib/wire/text_code/alphabet.ts";
import {
  BITS,
  digitSlot,
  HEADER,
  rowOf,
  SLOTS,
  TOP_LEVEL,
} from "../../lib/wire/text_code/packed_model.ts";
import { RangeEncoder } from "../../lib/wire/text_code/range_coder.ts";
import { type ContextNode, sizeOf } from "./tree.ts";

const SCALE = 1 << BITS.scale;

class Packer {
  readonly #encoder = new RangeEncoder(1 << 16);
  readonly #zeros = new Uint16Array(SLOTS.all).fill(BITS.even);

  finish(): Uint8Array {
    return this.#encoder.finish();
  }

  /** `order`: all symbols, the likeliest first, as the shorter context has them. */
  context(
    node: ContextNode,
    oldest: number,
    depth: number,
    order: readonly number[],
  ): void {
    const count = node.symbols.length;
    this.#number(SLOTS.count(depth), count);
    if (count > 0) {
      this.#number(SLOTS.escape(count), TOP_LEVEL - node.escape);
      this.#symbols(node, depth, order);
    }
    this.#number(SLOTS.longer(depth, count), node.longer.length);
    if (node.longer.length === 0) return;
    const listed = new Set(node.symbols);
    const rest = order.filter((symbol) => !listed.has(symbol));
    const mine = [...node.symbols, ...rest];
    node.longer.forEach((child, i) => {
      const symbol = node.older[i]!;
      this.#byte(SLOTS.older(oldest), symbol);
      this.context(child, symbol, depth + 1, mine);
    });
  }

  #symbols(node: ContextNode, depth: number, order: readonly number[]): void {
    const left = [...order];
    let level = TOP_LEVEL;
    node.symbols.forEach((symbol, i) => {
      const row = rowOf(i, node.symbols.length);
      this.#number(SLOTS.level(row), level - node.levels[i]!);
      level = node.levels[i]!;
      const rank = left.indexOf(symbol);
      this.#number(SLOTS.rank(depth, row), rank);
      left.splice(rank, 1);
    });
  }

  #number(slot: number, number: number): void {
    const length = 31 - Math.clz32(number + 1);
    for (let i = 0; i < length; i++) this.#bit(slot + i, 1);
    if (length < 15) this.#bit(slot + length, 0);
    let value = 1;
    for (let left = length - 1; left >= 0; left--) {
      const bit = ((number + 1) >> left) & 1;
      this.#bit(slot + digitSlot(length, left, value), bit);
      value = 2 * value + bit;
    }
  }

  #byte(slot: number, byte: number): void {
    let value = 1;
    for (let left = 7; left >= 0; left--) {
      const bit = (byte >> left) & 1;
      this.#bit(slot + value, bit);
      value = 2 * value + bit;
    }
  }

  #bit(slot: number, bit: number): void {
    const zeros = this.#zeros[slot]!;
    if (bit === 0) this.#encoder.encode(0, zeros, SCALE);
    else this.#encoder.encode(zeros, SCALE - zeros, SCALE);
    const changed = bit === 0
      ? zeros + ((SCALE - zeros) >> BITS.rate)
      : zeros - (zeros >> BITS.rate);
    this.#zeros[slot] = Math.min(
      SCALE - BITS.least,
      Math.max(BITS.least, changed),
    );
  }
}

/** The tree under `root`, packed. */
export function pack(root: ContextNode): Uint8Array {
  const packer = new Packer();
  const order = Array.from({ length: SYMBOLS }, (_, symbol) => symbol);
  packer.context(root, 0, 0, order);
  const coded = packer.finish();
  const packed = new Uint8Array(HEADER + coded.length);
  const { contexts, symbols } = sizeOf(root);
  const header = new DataView(packed.buffer);
  header.setUint32(0, contexts);
  header.setUint32(4, symbols);
  packed.set(coded, HEADER);
  return packed;
}
