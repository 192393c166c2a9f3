/**
 * Characters that have no symbol of their own: their code points, cheap when
 * they come from the same corner of Unicode as the last one of the text
 * (docs/text_code.md, "Other characters").
 *
 * @module
 */

import {
  noSuchText,
  type RangeDecoder,
  type RangeEncoder,
} from "./range_coder.ts";

interface Area {
  readonly start: number;
  readonly size: number;
}

const PAGE = 64;
const SURROGATES: Area = { start: 0xd800, size: 0x800 };

/** The areas after the first one, which is the page of the last character. */
const AREAS: readonly Area[] = [
  { start: 0x4e00, size: 0x5200 }, // Chinese characters
  { start: 0xac00, size: 0x2c00 }, // Korean syllables
  { start: 0x1f000, size: 0x1000 }, // emoji
  { start: 0, size: 0x1_0000 },
  { start: 0x1_0000, size: 0x10_0000 },
];

/** Frequencies of the areas, same page first, after each area. */
const CHANCES: readonly (readonly number[])[] = [
  [52, 3, 1, 2, 5, 1],
  [6, 50, 1, 1, 5, 1],
  [8, 1, 49, 1, 4, 1],
  [24, 1, 1, 30, 7, 1],
  [48, 3, 1, 2, 9, 1],
  [48, 1, 1, 1, 3, 10],
];
const CHANCES_TOTAL = 64;
const FIRST_AREA = 4;

/** Codes the code points of one text's characters without symbols, in order. */
export class OtherCharacters {
  #area = FIRST_AREA;
  #page = 0;

  /** Writes a code point. */
  encode(encoder: RangeEncoder, point: number): void {
    const start = point - point % PAGE;
    const area = start === this.#page ? 0 : 1 +
      AREAS.findIndex((a) => point >= a.start && point < a.start + a.size);
    this.#pick(area, (from, size) => {
      encoder.encode(from, size, CHANCES_TOTAL);
    });
    const { start: base, size } = this.#bounds(area);
    // two steps, since a choice among so many would be too coarse
    const high = Math.floor((point - base) / PAGE);
    if (size > PAGE) encoder.encode(high, 1, size / PAGE);
    encoder.encode((point - base) % PAGE, 1, PAGE);
    this.#remember(area, point);
  }

  /** Reads a code point. Throws RemoteProtocolError when there is none. */
  decode(decoder: RangeDecoder): number {
    const at = decoder.peek(CHANCES_TOTAL);
    let area = 0;
    let from = 0;
    const chances = CHANCES[this.#area]!;
    while (at >= from + chances[area]!) from += chances[area++]!;
    decoder.take(from, chances[area]!);
    const { start, size } = this.#bounds(area);
    let point = start;
    if (size > PAGE) {
      const high = decoder.peek(size / PAGE);
      decoder.take(high, 1);
      point += PAGE * high;
    }
    const low = decoder.peek(PAGE);
    decoder.take(low, 1);
    point += low;
    if (
      point >= SURROGATES.start && point < SURROGATES.start + SURROGATES.size
    ) throw noSuchText("half a character stands alone");
    this.#remember(area, point);
    return point;
  }

  #pick(area: number, use: (from: number, size: number) => void): void {
    const chances = CHANCES[this.#area]!;
    let from = 0;
    for (let i = 0; i < area; i++) from += chances[i]!;
    use(from, chances[area]!);
  }

  #bounds(area: number): Area {
    return area === 0 ? { start: this.#page, size: PAGE } : AREAS[area - 1]!;
  }

  #remember(area: number, point: number): void {
    // the same page says nothing new about where the text comes from
    if (area > 0) this.#area = area;
    this.#page = point - point % PAGE;
  }
}
