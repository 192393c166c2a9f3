/**
 * Grows the tree of contexts: a context is kept, and a symbol is listed in it,
 * when that saves more bits on the training text than it costs in the model.
 *
 * @module
 */

import { END, SYMBOLS } from "../../lib/wire/text_code/alphabet.ts";
import { TOP_LEVEL } from "../../lib/wire/text_code/packed_model.ts";
import type { TrainingText } from "./lines.ts";
import { type ContextNode, emptyNode } from "./tree.ts";

/** What decides how large the tree becomes. */
export interface GrowOptions {
  /** Symbols in the longest context. */
  readonly deepest: number;
  /** Fewest places where a context must stand to be looked at. */
  readonly fewest: number;
  /** Weighted bits that a listed symbol has to save. */
  readonly symbolCost: number;
  /** Weighted bits that a context has to save besides. */
  readonly contextCost: number;
  /** How much of a count is put aside for what was never seen. */
  readonly discount: number;
}

/** What was counted behind one context. */
interface Counts {
  /** The symbols that were seen. */
  readonly seen: number[];
  /** The weighted count of each. */
  readonly count: Map<number, number>;
  /** The chance of each of them after smoothing. */
  readonly chance: Map<number, number>;
}

const ROOT_TOTAL = 8192;
const LEAST_ESCAPE = 1e-4;

/** Grows one tree. */
export class Grower {
  readonly #text: TrainingText;
  readonly #options: GrowOptions;
  readonly #places: Int32Array;
  readonly #sorted: Int32Array;
  readonly #weight = new Float64Array(SYMBOLS);
  readonly #number = new Int32Array(SYMBOLS);

  constructor(text: TrainingText, options: GrowOptions) {
    this.#text = text;
    this.#options = options;
    this.#places = Int32Array.from(text.symbols, (_, place) => place);
    this.#sorted = new Int32Array(this.#places.length);
  }

  /** The whole tree. */
  grow(): ContextNode {
    const even = new Float64Array(SYMBOLS).fill(1 / SYMBOLS);
    const all = this.#places.length;
    const { count } = this.#count(0, all, even);
    const node = emptyNode();
    let sum = 0;
    for (const n of count.values()) sum += n;
    const chance = new Map<number, number>();
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      chance.set(symbol, ((count.get(symbol) ?? 0) + 2) / sum);
    }
    setRoot(node, chance);
    this.#longer(node, 0, all, 0, chancesIn(node, undefined));
    return node;
  }

  /** The context that stands before places `from` to `to`, if it is of use. */
  #context(
    from: number,
    to: number,
    depth: number,
    shorter: Float64Array,
  ): ContextNode | undefined {
    const node = emptyNode();
    const counts = this.#count(from, to, shorter);
    this.#list(node, counts, shorter);
    const chances = node.symbols.length > 0
      ? chancesIn(node, shorter)
      : shorter;
    this.#longer(node, from, to, depth, chances);
    return node.symbols.length > 0 || node.longer.length > 0 ? node : undefined;
  }

  /** Counts what stands at the places, and smooths it with `shorter`. */
  #count(from: number, to: number, shorter: Float64Array): Counts {
    const seen: number[] = [];
    let sum = 0;
    for (let i = from; i < to; i++) {
      const place = this.#places[i]!;
      const symbol = this.#text.symbols[place]!;
      if (this.#number[symbol]!++ === 0) seen.push(symbol);
      this.#weight[symbol]! += this.#text.weights[place]!;
      sum += this.#text.weights[place]!;
    }
    const count = new Map<number, number>();
    const chance = new Map<number, number>();
    let aside = 0;
    for (const symbol of seen) {
      const n = this.#weight[symbol]!;
      const off = Math.min(
        n,
        this.#options.discount * n / this.#number[symbol]!,
      );
      aside += off;
      count.set(symbol, n);
      chance.set(symbol, (n - off) / sum);
      this.#weight[symbol] = this.#number[symbol] = 0;
    }
    for (const symbol of seen) {
      const smooth = chance.get(symbol)! + aside / sum * shorter[symbol]!;
      chance.set(symbol, smooth);
    }
    return { seen, count, chance };
  }

  /** Lists in the node the symbols that are worth it; none if not together. */
  #list(
    node: ContextNode,
    { seen, count, chance }: Counts,
    shorter: Float64Array,
  ): void {
    const { symbolCost, contextCost } = this.#options;
    const listed = new Set<number>();
    let others = 1;
    for (let round = 0; round < 4; round++) {
      for (const symbol of seen) {
        const ratio = chance.get(symbol)! / (others * shorter[symbol]!);
        if (count.get(symbol)! * Math.log2(ratio) > symbolCost) {
          listed.add(symbol);
        }
      }
      others = restOf(listed, chance) / restOf(listed, shorter);
    }
    if (listed.size === 0) return;
    let saved = 0;
    for (const symbol of seen) {
      saved += count.get(symbol)! * Math.log2(
        listed.has(symbol) ? chance.get(symbol)! / shorter[symbol]! : others,
      );
    }
    if (saved <= symbolCost * listed.size + contextCost) return;
    node.symbols = [...listed].sort((a, b) =>
      chance.get(b)! - chance.get(a)! || a - b
    );
    levelsOf(node, chance);
  }

  /** Sorts the places by the symbol one further back, and goes on with each. */
  #longer(
    node: ContextNode,
    from: number,
    to: number,
    depth: number,
    chances: Float64Array,
  ): void {
    const { deepest, fewest } = this.#options;
    if (depth >= deepest || to - from < fewest) return;
    const starts = this.#sort(from, to, depth + 1);
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      const first = from + starts[symbol]!;
      const last = from + starts[symbol + 1]!;
      if (last - first < fewest) continue;
      // nothing of this text lies before its start
      const next = symbol === END ? deepest : depth + 1;
      const longer = this.#context(first, last, next, chances);
      if (longer === undefined) continue;
      node.older.push(symbol);
      node.longer.push(longer);
    }
  }

  #sort(from: number, to: number, back: number): Int32Array {
    const { past } = this.#text;
    const starts = new Int32Array(SYMBOLS + 1);
    for (let i = from; i < to; i++) {
      const symbol = past[this.#places[i]! - back];
      if (symbol !== undefined) starts[symbol + 1]!++;
    }
    for (let s = 0; s < SYMBOLS; s++) starts[s + 1]! += starts[s]!;
    const next = starts.slice();
    for (let i = from; i < to; i++) {
      const symbol = past[this.#places[i]! - back];
      if (symbol !== undefined) {
        this.#sorted[from + next[symbol]!++] = this.#places[i]!;
      }
    }
    const end = from + starts[SYMBOLS]!;
    this.#places.set(this.#sorted.subarray(from, end), from);
    return starts;
  }
}

function restOf(
  listed: Iterable<number>,
  chance: ReadonlyMap<number, number> | Float64Array,
): number {
  let rest = 1;
  for (const symbol of listed) {
    rest -= chance instanceof Float64Array
      ? chance[symbol]!
      : chance.get(symbol)!;
  }
  return Math.max(rest, LEAST_ESCAPE);
}

/** Lists all symbols in the root by their chances. */
export function setRoot(
  node: ContextNode,
  chance: ReadonlyMap<number, number>,
): void {
  node.symbols = [...chance.keys()].sort((a, b) =>
    chance.get(b)! - chance.get(a)! || a - b
  );
  node.levels = node.symbols.map((symbol) =>
    levelOf(ROOT_TOTAL * chance.get(symbol)!)
  );
}

/** Sets the levels of a node's symbols and of its escape by their chances. */
export function levelsOf(
  node: ContextNode,
  chance: ReadonlyMap<number, number>,
): void {
  const escape = restOf(node.symbols, chance);
  let most = escape;
  for (const symbol of node.symbols) most = Math.max(most, chance.get(symbol)!);
  const scale = 2 ** TOP_LEVEL / most;
  node.levels = node.symbols.map((s) => levelOf(scale * chance.get(s)!));
  node.escape = levelOf(scale * escape);
}

/** The power of two nearest to a frequency, as a level. */
function levelOf(frequency: number): number {
  const level = Math.round(Math.log2(frequency));
  return Math.min(TOP_LEVEL, Math.max(0, level));
}

/** The chances of all symbols that a node, once in the model, stands for. */
export function chancesIn(
  node: ContextNode,
  shorter: Float64Array | undefined,
): Float64Array {
  const chances = new Float64Array(SYMBOLS);
  const escape = shorter === undefined ? 0 : 2 ** node.escape;
  let total = escape;
  for (const level of node.levels) total += 2 ** level;
  if (shorter !== undefined) {
    const others = escape / total / restOf(node.symbols, shorter);
    for (let s = 0; s < SYMBOLS; s++) chances[s] = others * shorter[s]!;
  }
  node.symbols.forEach((s, i) => chances[s] = 2 ** node.levels[i]! / total);
  return chances;
}
