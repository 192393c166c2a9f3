/**
 * The tree of contexts as it is grown, before it is packed.
 *
 * @module
 */

/** What may follow one context, and the longer contexts that end with it. */
export interface ContextNode {
  /** The symbols that are foreseen here, the likeliest first. */
  symbols: number[];
  /** The frequency of each of `symbols` is two to the power of this. */
  levels: number[];
  /** Likewise for every other symbol together. Of no meaning in the root. */
  escape: number;
  /** The symbols that longer contexts have before this one, rising. */
  older: number[];
  /** The longer context with each of `older`. */
  longer: ContextNode[];
}

/** A context that foresees nothing. */
export function emptyNode(): ContextNode {
  return { symbols: [], levels: [], escape: 0, older: [], longer: [] };
}

/** How many contexts a tree has, and how many symbols they list. */
export function sizeOf(node: ContextNode): {
  contexts: number;
  symbols: number;
} {
  let contexts = 1;
  let symbols = node.symbols.length;
  for (const child of node.longer) {
    const below = sizeOf(child);
    contexts += below.contexts;
    symbols += below.symbols;
  }
  return { contexts, symbols };
}
