/**
 * The text code of ChatProto 2: a text, by itself, in as few bytes as a model
 * of chat that everybody has allows (docs/text_code.md).
 *
 * - Every well-formed text that is compressed expands to itself.
 * - Any bytes MUST expand to a text within the limit or throw
 *   RemoteProtocolError: never a hang, never more memory than the limit.
 *
 * @module
 */

import { refusal, type RemoteProtocolError } from "../errors.ts";
import {
  CODE_POINTS,
  END,
  IS_CAPITAL,
  OTHER,
  PAST,
  symbolOf,
  SYMBOLS,
} from "./alphabet.ts";
import { ROOT, sharedModel, type TextModel } from "./model.ts";
import { OtherCharacters } from "./other_characters.ts";
import { DEEPEST } from "./packed_model.ts";
import { noSuchText, RangeDecoder, RangeEncoder } from "./range_coder.ts";

// half of what fits, so that no single text can come to the end
const STAMPS = 0x8000_0000;

/** One place in one text: what stands before it, and what that foresees. */
class Position {
  readonly #model: TextModel;
  readonly #past = new Uint8Array(DEEPEST + 1);
  readonly #ruledOut = new Uint32Array(SYMBOLS);
  #length = 1;
  #afterCapital = 0;
  #stamp = 0;
  #escaped = false;

  constructor(model: TextModel) {
    this.#model = model;
  }

  /** Goes to the start of a text. */
  restart(): void {
    this.#past[0] = END;
    this.#length = 1;
    this.#afterCapital = 0;
    if (this.#stamp < STAMPS) return;
    this.#ruledOut.fill(0);
    this.#stamp = 0;
  }

  /** Writes the symbol that stands here and goes past it. */
  encode(encoder: RangeEncoder, symbol: number): void {
    let context = this.#longest();
    this.#startPlace();
    while (!this.#encodeIn(context, encoder, symbol)) {
      context = this.#ruleOut(context);
    }
    this.#pass(symbol);
  }

  /** Reads the symbol that stands here and goes past it. */
  decode(decoder: RangeDecoder): number {
    let context = this.#longest();
    this.#startPlace();
    for (;;) {
      const symbol = this.#decodeIn(context, decoder);
      if (symbol >= 0) {
        this.#pass(symbol);
        return symbol;
      }
      context = this.#ruleOut(context);
    }
  }

  /** Returns false when the symbol is not foreseen, and has been escaped. */
  #encodeIn(context: number, encoder: RangeEncoder, wanted: number): boolean {
    const { first, symbols, sizes, escapes } = this.#model;
    const total = this.#totalOf(context);
    const last = first[context + 1]!;
    let start = 0;
    for (let i = first[context]!; i < last; i++) {
      const symbol = symbols[i]!;
      if (symbol === wanted) {
        encoder.encode(start, sizes[i]!, total);
        return true;
      }
      if (this.#ruledOut[symbol] !== this.#stamp) start += sizes[i]!;
    }
    encoder.encode(start, escapes[context]!, total);
    return false;
  }

  /** The symbol, or -1 for an escape. */
  #decodeIn(context: number, decoder: RangeDecoder): number {
    const { first, symbols, sizes, escapes } = this.#model;
    const at = decoder.peek(this.#totalOf(context));
    const last = first[context + 1]!;
    let start = 0;
    for (let i = first[context]!; i < last; i++) {
      const symbol = symbols[i]!;
      if (this.#ruledOut[symbol] === this.#stamp) continue;
      const size = sizes[i]!;
      if (at < start + size) {
        decoder.take(start, size);
        return symbol;
      }
      start += size;
    }
    decoder.take(start, escapes[context]!);
    return -1;
  }

  /** The sum of the frequencies of what can come in a context. */
  #totalOf(context: number): number {
    let total = this.#model.totals[context]!;
    if (!this.#escaped) return total;
    const { first, symbols, sizes } = this.#model;
    const last = first[context + 1]!;
    for (let i = first[context]!; i < last; i++) {
      if (this.#ruledOut[symbols[i]!] === this.#stamp) total -= sizes[i]!;
    }
    return total;
  }

  #startPlace(): void {
    this.#stamp++;
    this.#escaped = false;
  }

  /** After an escape: the symbols that it can't be, and where to go on. */
  #ruleOut(context: number): number {
    this.#escaped = true;
    const { first, symbols, shorter } = this.#model;
    const last = first[context + 1]!;
    for (let i = first[context]!; i < last; i++) {
      this.#ruledOut[symbols[i]!] = this.#stamp;
    }
    return shorter[context]!;
  }

  /** The longest context that ends here and foresees anything. */
  #longest(): number {
    const model = this.#model;
    let context = ROOT;
    let found = ROOT;
    const most = Math.min(this.#length, DEEPEST);
    for (let back = 1; back <= most; back++) {
      const symbol = this.#past[(this.#length - back) & DEEPEST]!;
      context = model.longer(context, symbol);
      if (context < 0) break;
      if (model.lists(context)) found = context;
    }
    return found;
  }

  #pass(symbol: number): void {
    const capital = IS_CAPITAL[symbol]!;
    this.#past[this.#length & DEEPEST] = capital & this.#afterCapital
      ? symbol
      : PAST[symbol]!;
    this.#afterCapital = capital;
    this.#length++;
  }
}

let shared: Position | undefined;

/** The one position in use: there is never more than one text in the works. */
function textStart(): Position {
  shared ??= new Position(sharedModel());
  shared.restart();
  return shared;
}

/** The bytes of a code point in UTF-8. */
function utf8Length(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
}

/** The text's bytes in UTF-8, or undefined when it is not well-formed. */
function utf8LengthOf(text: string): number | undefined {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point >= 0xd800 && point < 0xe000) return undefined;
    if (point > 0xffff) i++;
    length += utf8Length(point);
  }
  return length;
}

/**
 * The text in the text code, or undefined when that would not be shorter than
 * its UTF-8, or when the text is not well-formed.
 */
export function compressText(text: string): Uint8Array | undefined {
  const plain = utf8LengthOf(text);
  if (plain === undefined || plain === 0) return undefined;
  const position = textStart();
  const encoder = new RangeEncoder(Math.min(plain, 1024) + 8);
  const others = new OtherCharacters();
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    const symbol = symbolOf(point);
    position.encode(encoder, symbol);
    if (symbol === OTHER) others.encode(encoder, point);
    if (encoder.length >= plain) return undefined;
  }
  position.encode(encoder, END);
  const bytes = encoder.finish();
  return bytes.length < plain ? bytes : undefined;
}

/**
 * The text that {@link compressText} made these bytes of. `most`: how many
 * bytes of UTF-8 it may have. Throws RemoteProtocolError, never a fatal one:
 * 413 when the text is longer than that, 400 when the bytes are no text.
 */
export function expandText(bytes: Uint8Array, most: number): string {
  const position = textStart();
  const decoder = new RangeDecoder(bytes);
  const others = new OtherCharacters();
  let text = "";
  let length = 0;
  for (;;) {
    const symbol = position.decode(decoder);
    if (symbol === END) break;
    const point = symbol === OTHER
      ? others.decode(decoder)
      : CODE_POINTS[symbol]!;
    length += utf8Length(point);
    if (length > most) throw tooLong(most);
    text += String.fromCodePoint(point);
  }
  if (decoder.hasRest) throw noSuchText("more of them stand behind its end");
  return text;
}

function tooLong(most: number): RemoteProtocolError {
  return refusal(413, `A text may have ${most} bytes once it is expanded`);
}
