/**
 * Makes the dictionary that `chatp bench` gives to general compressors, so
 * that the text code has rivals that know what it knows:
 * lib/bench/dictionary_data.ts.
 *
 *   deno run --allow-read --allow-write tools/text_model/dictionary.ts
 *
 * It needs nothing but this repository. A dictionary is text, and of the lines
 * that the model was made with only our own are kept as text; of the others
 * the model's statistics are all there is. So there are our own lines in it,
 * and in front of them what the model expects most. The same model always
 * gives the same bytes.
 *
 * @module
 */

import {
  CODE_POINTS,
  END,
  OTHER,
  PAST,
  symbolOf,
} from "../../lib/wire/text_code/alphabet.ts";
import {
  ROOT,
  sharedModel,
  type TextModel,
} from "../../lib/wire/text_code/model.ts";
import { DEEPEST } from "../../lib/wire/text_code/packed_model.ts";
import { ownLines } from "./sources.ts";

/** What deflate can look back to from behind it: 32 KiB, less a long text. */
const ROOM = 32_000;
/** Rarer rows are not looked at: more would not get in. */
const RAREST = 1e-6;
/** Bytes that it takes to say where a row is; a shorter one is not worth it. */
const REFERENCE = 3;
const DATA = new URL("../../lib/bench/dictionary_data.ts", import.meta.url);

/** Characters in a row, and how likely they begin at any place of a text. */
interface Row {
  readonly text: string;
  readonly likelihood: number;
}

const encoder = new TextEncoder();

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** The longest context of `past` that foresees anything. */
function contextOf(model: TextModel, past: readonly number[]): number {
  let found = ROOT;
  let context = ROOT;
  for (const symbol of past.slice(-DEEPEST).reverse()) {
    context = model.longer(context, symbol);
    if (context < 0) break;
    if (model.lists(context)) found = context;
  }
  return found;
}

/** What the model foresees behind some symbols, with each one's likelihood. */
function foreseen(
  model: TextModel,
  past: readonly number[],
): (readonly [symbol: number, likelihood: number])[] {
  const context = past.length === 0 ? ROOT : contextOf(model, past);
  const [from, to] = [model.first[context]!, model.first[context + 1]!];
  const total = model.totals[context]!;
  return [...model.symbols.subarray(from, to)]
    .map((symbol, i) => [symbol, model.sizes[from + i]! / total] as const);
}

/** All rows that begin as `row` does, itself among them. */
function* rowsFrom(
  model: TextModel,
  past: readonly number[],
  row: Row,
): Generator<Row> {
  if (row.likelihood < RAREST) return;
  yield row;
  for (const [symbol, share] of foreseen(model, past)) {
    if (symbol === END || symbol === OTHER) continue;
    yield* rowsFrom(model, [...past, PAST[symbol]!], {
      text: row.text + String.fromCodePoint(CODE_POINTS[symbol]!),
      likelihood: row.likelihood * share,
    });
  }
}

/** What each byte of a row saves on average, in the dictionary's own terms. */
function worth({ text, likelihood }: Row): number {
  const bytes = bytesOf(text);
  return likelihood * (bytes - REFERENCE) / bytes;
}

/** The rows that are worth most, none inside another, `room` bytes at most. */
function choose(rows: readonly Row[], room: number): Row[] {
  let chosen: Row[] = [];
  let left = room;
  const byWorth = [...rows].sort((one, other) => worth(other) - worth(one));
  for (const row of byWorth) {
    if (worth(row) <= 0) break;
    if (chosen.some(({ text }) => text.includes(row.text))) continue;
    const inside = chosen.filter(({ text }) => row.text.includes(text));
    left += bytesOf(inside.map(({ text }) => text).join(""));
    left -= bytesOf(row.text);
    if (left < 0) break;
    chosen = [...chosen.filter((each) => !inside.includes(each)), row];
  }
  return chosen;
}

/** The dictionary of a model and of lines that it was made with. */
export function dictionaryOf(
  model: TextModel,
  lines: readonly string[],
): string {
  const starts = foreseen(model, []);
  const shareOf = (wanted: number) =>
    starts.find(([symbol]) => symbol === wanted)?.[1] ?? 0;
  const space = symbolOf(" ".codePointAt(0)!);
  const rows = [
    ...rowsFrom(model, [END], { text: "", likelihood: shareOf(END) }),
    ...rowsFrom(model, [space], { text: " ", likelihood: shareOf(space) }),
  ];
  const own = lines.join("\n");
  // What is near is said in fewer bits: the likeliest stands last.
  const expected = choose(rows, ROOM - bytesOf(own))
    .sort((one, other) => one.likelihood - other.likelihood);
  return expected.map(({ text }) => text).join("") + own;
}

/** The dictionary of the model that everybody has. */
export function sharedDictionary(): string {
  return dictionaryOf(sharedModel(), ownLines().train);
}

/** The source of the module that holds the dictionary. */
function moduleOf(dictionary: string): string {
  const rows = encoder.encode(dictionary).toBase64().match(/.{1,76}/g)!;
  return `/**
 * What general compressors are told before each text: base64, to be read
 * without white space. Generated by tools/text_model/dictionary.ts, which says
 * what is in it; not to be edited.
 *
 * @module
 */

/** The dictionary in base64. */
export const DICTIONARY = \`
${rows.join("\n")}
\`;
`;
}

if (import.meta.main) {
  const dictionary = sharedDictionary();
  Deno.writeTextFileSync(DATA, moduleOf(dictionary));
  console.log(`${bytesOf(dictionary)} bytes`);
}
