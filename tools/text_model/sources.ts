/**
 * Where the training lines come from. Only statistics of them are in the
 * model: how often symbols follow contexts that stand in many places.
 *
 * | source | licence |
 * | --- | --- |
 * | jfainberg/self_dialogue_corpus at 113a1b0 | BSD-3-Clause |
 * | jkkummerfeld/irc-disentanglement at 82ed04f | CC BY 4.0 |
 * | alexa/Topical-Chat at 7c93922 | CDLA-Sharing-1.0 |
 * | gunthercox/chatterbot-corpus at a01efec | BSD-3-Clause |
 * | own_lines.txt, other_lines.txt: written for this | as this project |
 *
 * The dialogues of Topical-Chat are under the Community Data License
 * Agreement, Sharing, which puts no condition on results of computation.
 * lib/bench/corpus.ts is measured with, and so never trained on.
 *
 * @module
 */

import { join } from "node:path";
import { linesOf, type Source } from "./lines.ts";

const MOST = 200;
const LONG = 60;
const SENTENCE = /(?<=[.!?])\s+/;
const MARKED_UP: readonly (readonly [RegExp, string])[] = [
  [/&lt;/g, "<"],
  [/&gt;/g, ">"],
  [/&quot;/g, '"'],
  [/&amp;/g, "&"],
  [/[’‘]/g, "'"],
  [/[“”]/g, '"'],
  [/…/g, "..."],
  [/\s+/g, " "],
];

/** Lines that are held out, and those to train with. */
export interface Split {
  readonly train: readonly string[];
  readonly held: readonly string[];
}

/** Every `nth` is held out. */
function split(lines: readonly string[], nth: number): Split {
  return {
    train: lines.filter((_, i) => i % nth !== nth - 1),
    held: lines.filter((_, i) => i % nth === nth - 1),
  };
}

function tidy(line: string): string {
  return MARKED_UP
    .reduce((text, [from, to]) => text.replace(from, to), line)
    .trim();
}

/** Chat is short: a long line becomes its sentences, some of them in pairs. */
function pieces(line: string): string[] {
  if (line.length <= LONG) return [line];
  const sentences = line.split(SENTENCE);
  const found: string[] = [];
  for (let i = 0; i < sentences.length;) {
    const taken = (found.length + line.length) % 4 === 0 ? 2 : 1;
    found.push(sentences.slice(i, i + taken).join(" "));
    i += taken;
  }
  return found;
}

function usable(line: string): boolean {
  return line.length >= 2 && line.length <= MOST;
}

function* filesIn(folder: string): Generator<string> {
  const entries = [...Deno.readDirSync(folder)];
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else yield join(folder, name);
  }
}

/** The rows of a file of comma-separated values, with quotes. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (
    const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)
  ) {
    row.push((match[1] ?? match[2] ?? "").replaceAll('""', '"'));
    if (match[3] === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** Self-dialogues, one conversation a row; every fortieth is held out. */
export function selfDialogues(clone: string): Split {
  const blocked = new Set(linesOf(join(clone, "blocked_workers.txt")));
  const talks: string[][] = [];
  for (const file of filesIn(join(clone, "corpus"))) {
    if (!file.endsWith(".csv")) continue;
    const [head, ...rows] = rowsOf(Deno.readTextFileSync(file));
    const worker = head!.indexOf("WorkerId");
    const columns = [...head!.keys()]
      .filter((i) => head![i]!.startsWith("Answer.sentence"));
    for (const row of rows) {
      if (row.length < head!.length || blocked.has(row[worker]!)) continue;
      const lines = columns.map((i) => tidy(row[i] ?? ""));
      talks.push(lines.flatMap(pieces).filter(usable));
    }
  }
  return {
    train: talks.filter((_, i) => i % 40 !== 39).flat(),
    held: talks.filter((_, i) => i % 40 === 39).flat(),
  };
}

const SAID = /^(?:\S+ \d{4}-\d\d-\d\d )?\[\d\d:\d\d(?::\d\d)?\] <[^>]*> (.*)$/;
const ADDRESSED = /^[\w|^[\]`-]{2,20}[:,]\s+/;

/** What was said on IRC, without whom it was said to; dev and test held out. */
export function channels(clone: string): Split {
  const said = (wanted: RegExp) => {
    const lines = new Set<string>();
    for (const file of filesIn(join(clone, "data"))) {
      if (!wanted.test(file.replaceAll("\\", "/"))) continue;
      for (const line of linesOf(file)) {
        const text = SAID.exec(line)?.[1];
        if (text === undefined) continue;
        const found = tidy(text.replace(ADDRESSED, ""));
        if (usable(found)) lines.add(found);
      }
    }
    return lines;
  };
  const train = said(
    /\/train\/.*raw\.txt$|new-domains\/.*ascii\.txt$|channel-two\.all\.raw/,
  );
  const held = [...said(/\/(dev|test)\/.*raw\.txt$/)];
  return { train: [...train], held: held.filter((line) => !train.has(line)) };
}

interface Conversation {
  readonly content: readonly { readonly message: string }[];
}

/** Conversations about topics, the four smaller sets. */
export function topicalChats(clone: string): string[] {
  const names = ["test_freq", "test_rare", "valid_freq", "valid_rare"];
  return names.flatMap((name) => {
    const file = join(clone, "conversations", `${name}.json`);
    const talks: Record<string, Conversation> = JSON.parse(
      Deno.readTextFileSync(file),
    );
    return Object.values(talks).flatMap(({ content }) =>
      content.flatMap(({ message }) => pieces(tidy(message)).filter(usable))
    );
  });
}

/** What a chatterbot was taught in one language. */
export function chatterbot(clone: string, language: string): string[] {
  const folder = join(clone, "chatterbot_corpus", "data", language);
  return [...filesIn(folder)].flatMap((file) =>
    linesOf(file)
      .map((line) => /^\s*-\s+(?:-\s+)?(.*)$/.exec(line)?.[1] ?? "")
      .map((line) => tidy(line.replace(/^['"]|['"]$/g, "")))
      .filter(usable)
  );
}

/** The languages but English of which a little is learnt. */
const LANGUAGES = [
  ...["dutch", "french", "german", "italian", "portuguese", "russian"],
  ...["spanish", "swedish", "turkish", "ukrainian"],
  // letters without numbers: that they come in rows
  ...["bengali", "chinese", "hebrew", "hindi", "japanese", "korean"],
  ...["persian", "tamil", "thai"],
];

/** The lines written for this in English; every fifth is held out. */
export function ownLines(): Split {
  return split(linesOf(new URL("own_lines.txt", import.meta.url)), 5);
}

/** How much each source counts. Chosen by the lines that are held out. */
export interface Weights {
  readonly selfDialogues: number;
  readonly channels: number;
  readonly topicalChats: number;
  readonly chatterbot: number;
  readonly own: number;
  readonly languages: number;
}

/** All sources. `clones`: the folder with the repositories by their names. */
export function readSources(clones: string, weights: Weights): {
  readonly sources: readonly Source[];
  readonly held: Readonly<Record<string, readonly string[]>>;
} {
  const dialogues = selfDialogues(join(clones, "self_dialogue_corpus"));
  const irc = channels(join(clones, "irc-disentanglement"));
  const bot = join(clones, "chatterbot-corpus");
  const own = ownLines();
  const other = linesOf(new URL("other_lines.txt", import.meta.url));
  const languages = LANGUAGES.flatMap((each) => chatterbot(bot, each));
  return {
    sources: [
      { lines: dialogues.train, weight: weights.selfDialogues },
      { lines: irc.train, weight: weights.channels },
      {
        lines: topicalChats(join(clones, "Topical-Chat")),
        weight: weights.topicalChats,
      },
      { lines: chatterbot(bot, "english"), weight: weights.chatterbot },
      { lines: own.train, weight: weights.own },
      { lines: [...languages, ...other], weight: weights.languages },
    ],
    held: { selfDialogues: dialogues.held, channels: irc.held, own: own.held },
  };
}
