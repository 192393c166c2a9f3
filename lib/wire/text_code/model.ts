/**
 * The model of the text code, unpacked for use: flat arrays of contexts, what
 * may follow each, and a table that finds them.
 *
 * @module
 */

import { PACKED_MODEL } from "./model_data.ts";
import { ModelReader, type ModelSink } from "./packed_model.ts";

/** The number of the context that is always there, that of no symbol at all. */
export const ROOT = 0;

const HASH = 0x9e37_79b1;
const SYMBOL_BITS = 8;

/** Contexts by number. For everybody but the one that reads it, read only. */
export class TextModel implements ModelSink {
  /** Where the symbols that follow a context begin in {@link symbols}. */
  first: Uint32Array = new Uint32Array(0);
  /** The symbols that follow, context by context, the likeliest first. */
  symbols: Uint8Array = new Uint8Array(0);
  /** Their frequencies, at the same places. */
  sizes: Uint16Array = new Uint16Array(0);
  /** The frequency of all other symbols together; 0 where none is listed. */
  escapes: Uint16Array = new Uint16Array(0);
  /** The sum of a context's frequencies, with that of all other symbols. */
  totals: Uint32Array = new Uint32Array(0);
  /** The next shorter context that lists any symbol. */
  shorter: Uint32Array = new Uint32Array(0);
  #keys = new Uint32Array(0);
  #values = new Uint32Array(0);
  #contexts = 0;
  #symbols = 0;

  /** How many contexts there are. */
  get contexts(): number {
    return this.#contexts;
  }

  /** Whether a context lists any symbol. */
  lists(context: number): boolean {
    return this.first[context]! < this.first[context + 1]!;
  }

  /** The context `context` with `symbol` before it, or -1. */
  longer(context: number, symbol: number): number {
    const key = ((context << SYMBOL_BITS) | symbol) + 1;
    const mask = this.#keys.length - 1;
    let slot = (Math.imul(key, HASH) >>> 12) & mask;
    while (this.#keys[slot] !== 0) {
      if (this.#keys[slot] === key) return this.#values[slot]!;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Makes room. */
  begin(contexts: number, symbols: number): void {
    this.first = new Uint32Array(contexts + 1);
    this.symbols = new Uint8Array(symbols);
    this.sizes = new Uint16Array(symbols);
    this.escapes = new Uint16Array(contexts);
    this.totals = new Uint32Array(contexts);
    this.shorter = new Uint32Array(contexts);
    let slots = 16;
    while (slots < 2 * contexts) slots *= 2;
    this.#keys = new Uint32Array(slots);
    this.#values = new Uint32Array(slots);
  }

  /** Adds a context and returns its number. */
  context(parent: number, oldest: number, escape: number): number {
    const context = this.#contexts++;
    this.first[context] = this.first[context + 1] = this.#symbols;
    if (parent < ROOT) return context;
    this.totals[context] = this.escapes[context] = 1 << escape;
    this.shorter[context] = this.lists(parent) ? parent : this.shorter[parent]!;
    const key = ((parent << SYMBOL_BITS) | oldest) + 1;
    const mask = this.#keys.length - 1;
    let slot = (Math.imul(key, HASH) >>> 12) & mask;
    while (this.#keys[slot] !== 0) slot = (slot + 1) & mask;
    this.#keys[slot] = key;
    this.#values[slot] = context;
    return context;
  }

  /** Adds a symbol to the context that came last. */
  symbol(symbol: number, level: number): void {
    this.symbols[this.#symbols] = symbol;
    this.sizes[this.#symbols++] = 1 << level;
    this.totals[this.#contexts - 1]! += 1 << level;
    this.first[this.#contexts] = this.#symbols;
  }
}

/** The model in these bytes, which must be one that tools/text_model made. */
export function unpackModel(packed: Uint8Array): TextModel {
  const model = new TextModel();
  new ModelReader(packed, model).read();
  return model;
}

/** The packed bytes of the model that everybody has. */
export function packedModel(): Uint8Array {
  const characters = atob(PACKED_MODEL);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

let shared: TextModel | undefined;

/** The model that everybody has. Unpacked at first use, which takes a while. */
export function sharedModel(): TextModel {
  shared ??= unpackModel(packedModel());
  return shared;
}
