/**
 * What the texts of a conversation come to without the text code, each text by
 * itself: in the best general compressor that is told what the text code
 * knows, in the one that brings a dictionary of its own, and as they are.
 *
 * @module
 */

import { brotliCompressSync, constants } from "node:zlib";
import { ChatModel } from "./chat_model.ts";
import {
  compressBehind,
  type Compressor,
  COMPRESSORS,
  sharedDictionary,
} from "./compressors.ts";
import { count } from "./figures.ts";
import type { Conversation } from "./workload.ts";

/** What one compressor makes of all texts. */
export interface Compressed {
  readonly compressor: string;
  readonly bytes: number;
}

/** A text and how often it travels. */
interface Copies {
  readonly plain: Uint8Array;
  readonly times: number;
}

type Compress = (plain: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** How many texts decide which compressor is the best: each takes 50 ms in all. */
const SAMPLE = 24;
const AS_THEY_ARE = "as they are";

/** Each text with how often it travels. */
function copies({ users, steps }: Conversation): readonly Copies[] {
  const model = new ChatModel(users);
  const texts = new Map<string, number>();
  for (const step of steps) {
    const due = model.apply(step);
    if (!("text" in step.action)) continue;
    const { text } = step.action;
    if (typeof text !== "string") continue;
    const times = 1 + due.filter(({ kind }) => kind === "delivery").length;
    texts.set(text, (texts.get(text) ?? 0) + times);
  }
  const encoder = new TextEncoder();
  return [...texts].map(([text, times]) => ({
    plain: encoder.encode(text),
    times,
  }));
}

/** Bytes of all copies; what does not become shorter goes as it is. */
async function sum(
  texts: readonly Copies[],
  compress: Compress,
): Promise<number> {
  let bytes = 0;
  for (const { plain, times } of texts) {
    bytes += times * Math.min(plain.length, (await compress(plain)).length);
  }
  return bytes;
}

function smallest<Item extends { readonly bytes: number }>(
  items: readonly Item[],
): Item[] {
  return [...items].sort((one, other) => one.bytes - other.bytes);
}

/** The compressor that makes the least of the first texts, as a function. */
async function bestWithDictionary(
  texts: readonly Copies[],
): Promise<{ readonly name: string; readonly compress: Compress }> {
  const dictionary = sharedDictionary();
  const compressWith = (each: Compressor): Compress => (plain) =>
    compressBehind(dictionary, plain, each);
  const tried = [];
  for (const each of COMPRESSORS) {
    const compress = compressWith(each);
    const bytes = await sum(texts.slice(0, SAMPLE), compress);
    tried.push({ name: each.name, compress, bytes });
  }
  return smallest(tried)[0]!;
}

/** What the compressors make of the texts, the best first. */
export async function floors(
  conversation: Conversation,
): Promise<readonly Compressed[]> {
  const texts = copies(conversation);
  const best = await bestWithDictionary(texts);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  const compressors: Record<string, Compress> = {
    [`${best.name} with the text code's dictionary`]: best.compress,
    "brotli with its own dictionary": (plain) =>
      brotliCompressSync(plain, { params }),
    [AS_THEY_ARE]: (plain) => plain,
  };
  const found: Compressed[] = [];
  for (const [compressor, compress] of Object.entries(compressors)) {
    found.push({ compressor, bytes: await sum(texts, compress) });
  }
  return smallest(found);
}

/** What the texts would be otherwise, in words. */
export function floorWords(floors: readonly Compressed[]): string {
  return new Intl.ListFormat("en").format(
    floors.map(({ compressor, bytes }) =>
      compressor === AS_THEY_ARE
        ? `${count(bytes)} ${AS_THEY_ARE}`
        : `${count(bytes)} in ${compressor}`
    ),
  );
}
