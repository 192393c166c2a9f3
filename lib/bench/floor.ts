/**
 * What the texts of a conversation come to without the text code, each text by
 * itself: as they are, and in the general compressor that brings a dictionary.
 *
 * @module
 */

import { brotliCompressSync, constants } from "node:zlib";
import { ChatModel } from "./chat_model.ts";
import type { Conversation } from "./workload.ts";

/** What one compressor makes of all texts. */
export interface Compressed {
  readonly compressor: string;
  readonly bytes: number;
}

/** Each text with how often it travels. */
function copies({ users, steps }: Conversation): Map<string, number> {
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
  return texts;
}

/** What the compressors make of the texts, the best first, plain ones last. */
export function floors(conversation: Conversation): readonly Compressed[] {
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  const compressors: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    "brotli with its own dictionary": (bytes) =>
      brotliCompressSync(bytes, { params: quality }),
    "as they are": (bytes) => bytes,
  };
  const texts = copies(conversation);
  const encoder = new TextEncoder();
  return Object.entries(compressors).map(([compressor, compress]) => {
    let bytes = 0;
    for (const [text, times] of texts) {
      const plain = encoder.encode(text);
      // What does not become shorter goes as it is.
      bytes += times * Math.min(plain.length, compress(plain).length);
    }
    return { compressor, bytes };
  }).sort((one, other) => one.bytes - other.bytes);
}
