/**
 * The symbols of the text code: which characters have a number of their own,
 * and what each counts as once it is past (docs/text_code.md, "Symbols").
 *
 * Nothing here depends on a locale or on a version of Unicode: the pairs of
 * capital and small letters are written out.
 *
 * @module
 */

const ASCII = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNO" +
  "PQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
const MARKS = "\n’‘“”…–—€£°¿¡";
const ACCENTS = "äöüßéèêëàâáåçñíîïóôøúûæœÄÖÜÉ";
const CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїє" +
  "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ";
const EMOJI = "😂🤣😊😀😁😄😅😉😍😘🥰😎😭😢😡😱🤔🙄😴😋😜🙃🙂😬🤯🥳🤷🤦🙏👍" +
  "👎👋👏🙌💪🤝👀❤💔💯🔥🎉✨🎂🍕☕🍻🚀✅❌\ufe0f\u200d";

const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜÉ" +
  "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ";
const SMALL = "abcdefghijklmnopqrstuvwxyzäöüé" +
  "абвгдежзиклмнопрстуфхцчшэюя";

/** The characters with numbers of their own: the first is number 1. */
export const ALPHABET: readonly string[] = [
  ...ASCII + MARKS + ACCENTS + CYRILLIC + EMOJI,
];

/** The symbol behind a text's last character; also what stands before its first. */
export const END = 0;

/** The symbol of every character without a number; its code point follows. */
export const OTHER: number = ALPHABET.length + 1;

/** How many symbols there are: END, the alphabet, OTHER. */
export const SYMBOLS: number = ALPHABET.length + 2;

/** The code point of each symbol; of END and OTHER, 0. */
export const CODE_POINTS: Uint32Array = Uint32Array.from(
  ["\0", ...ALPHABET, "\0"],
  (character) => character.codePointAt(0)!,
);

const NUMBERS: ReadonlyMap<number, number> = new Map(
  ALPHABET.map((character, index) => [character.codePointAt(0)!, index + 1]),
);

const NEAR_MOST = 0x500;
const NEAR: Uint8Array = Uint8Array.from(
  { length: NEAR_MOST },
  (_, point) => NUMBERS.get(point) ?? OTHER,
);

/** The symbol of a code point. */
export function symbolOf(point: number): number {
  return point < NEAR_MOST ? NEAR[point]! : NUMBERS.get(point) ?? OTHER;
}

/** 1 where a symbol is a capital letter, otherwise 0. */
export const IS_CAPITAL: Uint8Array = new Uint8Array(SYMBOLS);

/**
 * What a symbol counts as once it is past: a capital letter as its small one,
 * a digit as 0, an emoji as the first emoji, all else as itself.
 */
export const PAST: Uint8Array = Uint8Array.from(
  { length: SYMBOLS },
  (_, symbol) => symbol,
);

function countAs(characters: string, others: readonly string[]): void {
  [...characters].forEach((character, index) => {
    const symbol = symbolOf(character.codePointAt(0)!);
    PAST[symbol] = symbolOf(others[index % others.length]!.codePointAt(0)!);
  });
}

countAs(CAPITALS, [...SMALL]);
countAs("0123456789", ["0"]);
countAs(EMOJI, [[...EMOJI][0]!]);
for (const character of CAPITALS) {
  IS_CAPITAL[symbolOf(character.codePointAt(0)!)] = 1;
}
