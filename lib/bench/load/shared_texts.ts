/**
 * The text code of ChatProto 2 for many clients in one process: a text that
 * comes to all of them is expanded for the first and known to the others. Each
 * on a machine of its own would do so for itself; here the generator would
 * spend half of its time on it, and be what is measured.
 *
 * @module
 */

import { TEXT_CODE, type TextCode } from "../../wire/mod.ts";

/** Texts that are known; then all are forgotten. */
const MOST_KNOWN = 32_768;
/** A longer code is expanded each time, bytes. */
const LONGEST = 1_024;

/** Expands each text once. */
export class SharedTexts implements TextCode {
  readonly #code: TextCode;
  readonly #known = new Map<string, string>();

  /** `code`: what expands a text that is not known. */
  constructor(code: TextCode = TEXT_CODE) {
    this.#code = code;
  }

  compress(text: string): Uint8Array | undefined {
    return this.#code.compress(text);
  }

  expand(bytes: Uint8Array, most: number): string {
    if (bytes.length > LONGEST) return this.#code.expand(bytes, most);
    const key = `${most} ${String.fromCharCode(...bytes)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const text = this.#code.expand(bytes, most);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, text);
    return text;
  }
}
