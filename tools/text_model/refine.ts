/**
 * Refines a grown tree by use: codes the training text with it, and gives each
 * context the frequencies of what it was really asked for. Growing can't know
 * those, for most of a short context's places are taken by longer ones. What
 * is asked for too seldom to be worth its place goes.
 *
 * @module
 */

import { END } from "../../lib/wire/text_code/alphabet.ts";
import { chancesIn, type GrowOptions, levelsOf, setRoot } from "./grow.ts";
import type { TrainingText } from "./lines.ts";
import type { ContextNode } from "./tree.ts";

/** A context in use. */
interface Spot {
  readonly node: ContextNode;
  /** The nearest shorter context that lists symbols. */
  readonly shorter: Spot | undefined;
  readonly longer: (Spot | undefined)[];
  /** Weighted uses of each listed symbol; behind them, of the escape. */
  readonly uses: Float64Array;
  /** The place of each symbol among those that are listed, plus one. */
  readonly place: Uint8Array;
  /** What the context stands for. */
  readonly chances: Float64Array;
}

/** How much the frequencies of before weigh, as so many uses. */
const PRIOR = 4;

function spotOf(node: ContextNode, shorter: Spot | undefined): Spot {
  const lists = node.symbols.length > 0;
  const chances = lists || shorter === undefined
    ? chancesIn(node, shorter?.chances)
    : shorter.chances;
  const place = new Uint8Array(256);
  node.symbols.forEach((symbol, i) => place[symbol] = i + 1);
  const uses = new Float64Array(node.symbols.length + 1);
  const spot: Spot = { node, shorter, longer: [], uses, place, chances };
  node.longer.forEach((child, i) => {
    spot.longer[node.older[i]!] = spotOf(child, lists ? spot : shorter);
  });
  return spot;
}

/** Codes all text, counting what every context is asked for. */
function use(root: Spot, { symbols, past, weights }: TrainingText): void {
  for (let at = 0; at < symbols.length; at++) {
    let spot: Spot | undefined = root;
    let found: Spot | undefined = root;
    for (let back = at - 1; back >= -1; back--) {
      const older: number = back < 0 ? END : past[back]!;
      spot = spot.longer[older];
      if (spot === undefined) break;
      if (spot.node.symbols.length > 0) found = spot;
    }
    const symbol = symbols[at]!;
    const weight = weights[at]!;
    while (found !== undefined) {
      const place: number = found.place[symbol]!;
      found.uses[place === 0 ? found.uses.length - 1 : place - 1]! += weight;
      if (place > 0) break;
      found = found.shorter;
    }
  }
}

/** Gives the node the frequencies of its uses, or empties it. */
function adjust(spot: Spot, options: GrowOptions): void {
  const { node, shorter, uses } = spot;
  let sum = 0;
  for (const n of uses) sum += n;
  if (shorter === undefined) {
    const chance = node.symbols.map((s, i) =>
      [s, (uses[i]! + 2) / sum] as const
    );
    setRoot(node, new Map(chance));
  } else if (node.symbols.length > 0) {
    const old = (symbol: number) => spot.chances[symbol]!;
    const chance = new Map(
      node.symbols.map((symbol, i) => [
        symbol,
        (uses[i]! + PRIOR * old(symbol)) / (sum + PRIOR),
      ]),
    );
    let known = 0;
    let foreseen = 0;
    for (const [symbol, p] of chance) {
      known += p;
      foreseen += shorter.chances[symbol]!;
    }
    const others = Math.max(1 - known, 1e-4) / Math.max(1 - foreseen, 1e-4);
    let saved = uses.at(-1)! * Math.log2(others);
    const kept = node.symbols.filter((symbol, i) => {
      const plain = shorter.chances[symbol]!;
      saved += uses[i]! * Math.log2(chance.get(symbol)! / plain);
      const ratio = chance.get(symbol)! / (others * plain);
      return uses[i]! * Math.abs(Math.log2(ratio)) > options.symbolCost;
    });
    const cost = options.symbolCost * kept.length + options.contextCost;
    setSymbols(node, saved > cost ? kept : [], chance);
  }
  for (const longer of spot.longer) {
    if (longer !== undefined) adjust(longer, options);
  }
}

function setSymbols(
  node: ContextNode,
  symbols: number[],
  chance: ReadonlyMap<number, number>,
): void {
  symbols.sort((a, b) => chance.get(b)! - chance.get(a)! || a - b);
  node.symbols = symbols;
  if (symbols.length === 0) node.levels = [];
  else levelsOf(node, chance);
}

/** Drops the contexts that list nothing and lead nowhere. */
function trim(node: ContextNode): boolean {
  const keep = node.longer.map(trim);
  node.older = node.older.filter((_, i) => keep[i]);
  node.longer = node.longer.filter((_, i) => keep[i]);
  return node.symbols.length > 0 || node.longer.length > 0;
}

/** Refines the tree under `root` in place, `rounds` times. */
export function refine(
  root: ContextNode,
  text: TrainingText,
  options: GrowOptions,
  rounds: number,
): void {
  for (let round = 0; round < rounds; round++) {
    const spot = spotOf(root, undefined);
    use(spot, text);
    adjust(spot, options);
    trim(root);
  }
}
