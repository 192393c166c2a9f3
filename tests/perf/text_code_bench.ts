/**
 * What the text code makes of lines of chat, and what that takes. Without
 * files it takes the lines of `chatp bench`, which the model has never seen.
 *
 *   deno run --allow-read tests/perf/text_code_bench.ts [FILE...]
 *
 * A file has one line a message; lines of 5 to 100 characters count. For
 * comparison the same lines are deflated, each by itself and without a dictionary.
 *
 * @module
 */

import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { LINES } from "../../lib/bench/corpus.ts";
import { sharedModel } from "../../lib/wire/text_code/model.ts";
import {
  compressText,
  expandText,
} from "../../lib/wire/text_code/text_code.ts";

const MOST = 8_192;
const MOST_LINES = 5_000;
const WARM_UP = 10_000;
const ROUNDS = 9;

const encoder = new TextEncoder();

function linesOf(file: string): string[] {
  return Deno.readTextFileSync(file).split("\n")
    .filter((line) => line.length >= 5 && line.length <= 100)
    .slice(0, MOST_LINES);
}

/** Microseconds an item, the median of some rounds, warm. */
function timed<Item>(items: readonly Item[], work: (item: Item) => void) {
  for (let i = 0; i < WARM_UP; i++) work(items[i % items.length]!);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (const item of items) work(item);
    return (performance.now() - start) * 1_000 / items.length;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

function measure(name: string, lines: readonly string[]): void {
  let plain = 0;
  let coded = 0;
  let deflated = 0;
  const packed: Uint8Array[] = [];
  for (const line of lines) {
    const bytes = encoder.encode(line);
    const compressed = compressText(line);
    plain += bytes.length;
    coded += compressed?.length ?? bytes.length;
    deflated += Math.min(bytes.length, deflateRawSync(bytes).length);
    if (compressed !== undefined) packed.push(compressed);
  }
  const row = [
    lines.length,
    (plain / lines.length).toFixed(2),
    (deflated / lines.length).toFixed(2),
    (coded / lines.length).toFixed(2),
    (8 * coded / plain).toFixed(2),
    timed(lines, compressText).toFixed(1),
    timed(packed, (each) => expandText(each, MOST)).toFixed(1),
  ];
  const cells = row.map((cell) => String(cell).padStart(9)).join("");
  console.log(name.padEnd(20) + cells);
}

if (import.meta.main) {
  const start = performance.now();
  sharedModel();
  console.log(`model read in ${(performance.now() - start).toFixed(1)} ms`);
  const head = [
    "lines",
    "UTF-8",
    "deflate",
    "coded",
    "bits/B",
    "µs in",
    "µs out",
  ];
  console.log(" ".repeat(20) + head.map((cell) => cell.padStart(9)).join(""));
  for (const file of Deno.args) measure(basename(file), linesOf(file));
  if (Deno.args.length === 0) measure("chatp bench", LINES);
}
