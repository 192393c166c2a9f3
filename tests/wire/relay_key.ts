/**
 * A key for tests that hides nothing: a block is its text's length in one byte,
 * the text, and zeros up to 16 bytes.
 *
 * @module
 */

import type { BlockDecryption, BlockEncryption } from "../../lib/wire/mod.ts";

/** Both halves of it. */
export const PLAIN_KEY: BlockDecryption & BlockEncryption = {
  size: 16,
  capacity: 15,
  encrypt(plaintext) {
    const block = new Uint8Array(16);
    block[0] = plaintext.length;
    block.set(plaintext, 1);
    return block;
  },
  decrypt([length = 0, ...bytes]) {
    return length > 15 ? undefined : Uint8Array.from(bytes.slice(0, length));
  },
};
