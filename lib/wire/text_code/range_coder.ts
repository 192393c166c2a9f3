/**
 * A range coder: turns choices of known frequencies into bytes and back
 * (docs/text_code.md, "Coder"). Integers below 2^32 only; where a number can
 * pass 2^32 on the way, it stays far below 2^53 and is exact.
 *
 * @module
 */

import { refusal, type RemoteProtocolError } from "../errors.ts";

const WHOLE = 0x1_0000_0000;
const LEAST_RANGE = 0x100_0000;

/** The largest sum of frequencies that a choice may have. */
export const MOST_TOTAL = 0x1_0000;

/** Bytes that are no text. */
export function noSuchText(why: string): RemoteProtocolError {
  return refusal(400, `Bytes that are no text, ${why}`);
}

/** Writes choices; the reader has to know the same frequencies. */
export class RangeEncoder {
  #bytes: Uint8Array;
  #length = 0;
  #low = 0;
  #range = WHOLE - 1;

  /** Room for `expected` bytes; more is taken when it is needed. */
  constructor(expected = 64) {
    this.#bytes = new Uint8Array(expected);
  }

  /** How many bytes are settled, but for a carry. */
  get length(): number {
    return this.#length;
  }

  /** Chooses the part [`start`, `start + size`) of [0, `total`). */
  encode(start: number, size: number, total: number): void {
    const unit = Math.floor(this.#range / total);
    this.#low += unit * start;
    this.#range = unit * size;
    if (this.#low >= WHOLE) this.#carry();
    while (this.#range < LEAST_RANGE) {
      this.#push(Math.floor(this.#low / LEAST_RANGE));
      this.#low = (this.#low % LEAST_RANGE) * 256;
      this.#range *= 256;
    }
  }

  /**
   * The bytes of all choices: the fewest that lie within the last range, with
   * zeros behind them not written, for the reader takes them for granted.
   */
  finish(): Uint8Array {
    let step = WHOLE;
    let value = Math.ceil(this.#low / step) * step;
    while (value >= this.#low + this.#range) {
      step /= 256;
      value = Math.ceil(this.#low / step) * step;
    }
    this.#low = value;
    if (value >= WHOLE) this.#carry();
    for (let left = this.#low; left > 0; left = (left % LEAST_RANGE) * 256) {
      this.#push(Math.floor(left / LEAST_RANGE));
    }
    while (this.#length > 0 && this.#bytes[this.#length - 1] === 0) {
      this.#length--;
    }
    return this.#bytes.slice(0, this.#length);
  }

  #carry(): void {
    this.#low -= WHOLE;
    let at = this.#length - 1;
    while (this.#bytes[at] === 255) this.#bytes[at--] = 0;
    this.#bytes[at]!++;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length + 8);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Reads the choices that a {@link RangeEncoder} wrote. */
export class RangeDecoder {
  readonly #bytes: Uint8Array;
  #read = 0;
  #code = 0;
  #range = WHOLE - 1;
  #unit = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#code = this.#code * 256 + this.#next();
  }

  /** Whether there are bytes that no choice has touched. */
  get hasRest(): boolean {
    return this.#read < this.#bytes.length;
  }

  /**
   * Where in [0, `total`) the next choice lies; {@link take} has to follow.
   * Throws RemoteProtocolError for bytes that no encoder writes.
   */
  peek(total: number): number {
    this.#unit = Math.floor(this.#range / total);
    const at = Math.floor(this.#code / this.#unit);
    if (at >= total) throw noSuchText("a choice lies past the last one");
    return at;
  }

  /** Goes past the choice [`start`, `start + size`) that was found. */
  take(start: number, size: number): void {
    this.#code -= this.#unit * start;
    this.#range = this.#unit * size;
    while (this.#range < LEAST_RANGE) {
      this.#code = this.#code * 256 + this.#next();
      this.#range *= 256;
    }
  }

  #next(): number {
    return this.#read < this.#bytes.length ? this.#bytes[this.#read++]! : 0;
  }
}
