/**
 * The general compressors that Node has built in, told a dictionary before
 * each text.
 *
 * Deno's zlib leaves the option `dictionary` out when it compresses, and Node's
 * Brotli has none. So the dictionary goes through the compressor first, and is
 * flushed to a whole byte; what comes out behind that is the text, and whoever
 * knows the dictionary can read it. zstd even keeps the codes that it has made
 * for the dictionary.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  constants,
  createBrotliCompress,
  createDeflateRaw,
  createZstdCompress,
} from "node:zlib";
import { DICTIONARY } from "./dictionary_data.ts";

/** A compressor, at its best for short texts. */
export interface Compressor {
  readonly name: string;
  /** Begins a stream. */
  readonly open: () => ReturnType<
    | typeof createBrotliCompress
    | typeof createDeflateRaw
    | typeof createZstdCompress
  >;
  /** What makes it write all that it was given, and go on. */
  readonly flush: number;
}

/** Bits of the bytes looked back to: no more than hold dictionary and text. */
const WINDOW = 16;

/** All of them. */
export const COMPRESSORS: readonly Compressor[] = [
  {
    name: "deflate",
    open: () => createDeflateRaw({ level: 9, memLevel: 9 }),
    flush: constants.Z_SYNC_FLUSH,
  },
  {
    name: "zstd",
    open: () =>
      createZstdCompress({
        params: {
          [constants.ZSTD_c_compressionLevel]: 19,
          [constants.ZSTD_c_windowLog]: WINDOW,
          [constants.ZSTD_c_hashLog]: WINDOW,
          [constants.ZSTD_c_chainLog]: WINDOW,
        },
      }),
    flush: constants.ZSTD_e_flush,
  },
  {
    name: "brotli",
    open: () =>
      createBrotliCompress({
        params: {
          // With this dictionary 11 makes texts longer, and takes twice as long.
          [constants.BROTLI_PARAM_QUALITY]: 9,
          [constants.BROTLI_PARAM_LGWIN]: WINDOW,
        },
      }),
    flush: constants.BROTLI_OPERATION_FLUSH,
  },
];

/** The text code's knowledge, as far as a text can hold it, in UTF-8. */
export function sharedDictionary(): Uint8Array {
  return Buffer.from(DICTIONARY, "base64");
}

/** What a compressor makes of a text for whoever knows the dictionary. */
export async function compressBehind(
  dictionary: Uint8Array,
  text: Uint8Array,
  { open, flush }: Compressor,
): Promise<Uint8Array> {
  const stream = open();
  const chunks: Buffer[] = [];
  let written = 0;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    written += chunk.length;
  });
  const ended = once(stream, "end");
  stream.write(dictionary);
  await new Promise<void>((done) => stream.flush(flush, done));
  const start = written + stream.readableLength;
  stream.end(text);
  await ended;
  return Buffer.concat(chunks).subarray(start);
}
