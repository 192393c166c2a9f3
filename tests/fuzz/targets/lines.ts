/**
 * What people type and write into files: addresses, lines, names, known
 * servers and keys; and texts that are shown or cut.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { SeededRandom } from "../../../lib/bench/random.ts";
import { COMMAND_WORDS } from "../../../lib/client/commands.ts";
import { parseLine } from "../../../lib/client/parse_line.ts";
import { parsePins } from "../../../lib/net/pins.ts";
import { wordsOf } from "../../../lib/net/line_file.ts";
import {
  formatAddress,
  parseListen,
  parseRelay,
  parseServer,
  SCHEMES,
  UserError,
} from "../../../lib/net/mod.ts";
import { keyLine, parseKnownKeys } from "../../../lib/secret/mod.ts";
import {
  cutText,
  EXIT,
  foldName,
  JsonClientCodec,
  parseRoomName,
  parseUsername,
  printable,
  RemoteProtocolError,
} from "../../../lib/wire/mod.ts";
import { FINGERPRINTS } from "../../secret/golden.ts";
import { ALICE } from "../../secret/key_ring.ts";
import { mutated } from "../mutate.ts";
import { number, text } from "../nonsense.ts";
import { type Seen, type Target, written } from "../target.ts";

const encoder = new TextEncoder();

/** A target whose input is a text, and whose inventions are of `grammar`. */
function textTarget(
  name: string,
  invariant: string,
  { seeds, grammar, run }: {
    readonly seeds: readonly string[];
    readonly grammar: (random: SeededRandom) => string;
    readonly run: (text: string) => Seen;
  },
): Target {
  return {
    name,
    invariant,
    seeds: () => seeds.map((each) => encoder.encode(each)),
    make: (random, seed, others) => {
      if (random.chance(0.4)) return mutated(random, seed, others);
      const made = encoder.encode(grammar(random));
      return random.chance(0.6) ? made : mutated(random, made, others);
    },
    run: (input) => run(new TextDecoder().decode(input)),
  };
}

const ADDRESSES = textTarget(
  "addresses",
  "Any text is an address or a UserError, and an address is read again as it " +
    "was written.",
  {
    seeds: [
      "chatps://0.0.0.0:5555",
      "chatp://[::1]:4000?v=1",
      "example.org:5555",
      "relay://localhost",
      "json://münchen.example/",
      "[::ffff:127.0.0.1]:0",
      "udpchat://[fe80::1%eth0]:5000",
    ],
    grammar: (random) => {
      const scheme = random.chance(0.8)
        ? random.pick([...Object.keys(SCHEMES), "CHATP", "http"])
        : text(random);
      const host = random.pick([
        "localhost",
        "[::1]",
        "[::ffff:1.2.3.4]",
        "127.1",
        "0x7f.1",
        "ex ample",
        "bücher.example",
        "[fe80::1%25lo]",
        "",
        text(random),
      ]);
      const port = random.chance(0.7) ? `:${number(random)}` : "";
      const query = random.pick([
        "",
        "",
        "/",
        "?v=1",
        "?v=2",
        "?v=9",
        "?a=1#b",
      ]);
      return random.chance(0.8)
        ? `${scheme}://${host}${port}${query}`
        : `${host}${port}`;
    },
    run: (address) => {
      const seen = new Set<string>();
      for (const parse of [parseServer, parseListen, parseRelay]) {
        try {
          const found = parse(address);
          const again = formatAddress(found);
          assertEquals(parse(again), found, "written, read");
          assertEquals(printable(again), again);
          seen.add(`${parse.name} ${found.scheme} ${found.version}`);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          assertEquals(error.kind, "usage");
          seen.add(`${parse.name} ${error.advice.slice(0, 30)}`);
        }
      }
      return seen;
    },
  },
);

const LINES = textTarget(
  "typed-lines",
  "Any line that is typed asks for something, what is said can be sent, or " +
    "it is a mistake with a hint.",
  {
    seeds: [
      "hi",
      "//slash",
      "/join tea",
      "/msg bob psst",
      "/history 10:30",
      "/history 2026-11-20",
      "/group team alice bob",
      "/topic -delete",
    ],
    grammar: (random) => {
      const word = random.chance(0.9)
        ? random.pick(COMMAND_WORDS)
        : text(random);
      const space = random.pick([" ", "  ", "\t", "\u3000", "\u00a0"]);
      const words = Array.from(
        { length: random.integer(4) },
        () =>
          random.chance(0.7)
            ? random.pick(["tea", "bob", "2h", "10:30", "99:99", "1970-01-01"])
            : random.chance(0.3)
            ? String(number(random))
            : text(random),
      );
      return [`/${word}`, ...words].join(space);
    },
    run: (line) => {
      const command = parseLine(line, {
        now: new Date(1_800_000_000_000),
        isSecret: () => false,
      });
      if (command.kind === "mistake") {
        assert(command.text !== "" && command.hint !== "");
        return new Set([`mistake ${command.hint.slice(0, 20)}`]);
      }
      if (command.kind !== "request") return new Set([command.kind]);
      const { request } = command;
      switch (request.type) {
        case "room_msg":
        case "private_msg":
        case "join_room":
          new JsonClientCodec(2).encode(request);
      }
      return new Set([request.type]);
    },
  },
);

const NAMES = textTarget(
  "names",
  "Any text is a name or a RemoteProtocolError; a name is one again as it is " +
    "shown, and folds to what folds to itself.",
  {
    seeds: ["alice", "Zoë", "general", "ＡＢＣ", "ﬁsh", "İstanbul"],
    grammar: text,
    run: (name) => {
      const seen = new Set<string>();
      const folded = foldName(name);
      assertEquals(foldName(folded), folded, "folded, folded");
      for (const parse of [parseUsername, parseRoomName]) {
        try {
          const found = parse(name);
          assertEquals(parse(found.shown), found, "shown, read");
          assertEquals(printable(found.shown), found.shown);
          seen.add(parse.name);
        } catch (error) {
          if (!(error instanceof RemoteProtocolError)) throw error;
          seen.add(error.detail.replaceAll(/"[^]*"|\d+/g, "…").slice(0, 60));
        }
      }
      return seen;
    },
  },
);

const SHOWN = textTarget(
  "shown-texts",
  "Any text is one line of what is safe to show, and stays what it is when it " +
    "is made so again.",
  {
    seeds: ["hi", "red \u001b[31m\n", "\u202eevil", "👩\u200d💻"],
    grammar: text,
    run: (said) => {
      const shown = printable(said);
      assertEquals(printable(shown), shown);
      assert(!/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(shown), "unsafe to show");
      return new Set([String(shown === said)]);
    },
  },
);

const CUT = textTarget(
  "relay-blocks",
  "Any text is cut into pieces of UTF-8 that fit a block and are the text " +
    "together, none of them the word that ends a conversation.",
  {
    seeds: ["\u0000hi", "\u000cthe word exit", "\u0000👋👋👋👋exit", "xexit"],
    grammar: (random) =>
      random.pick(["a", "\u0000", "\u000c"]) + text(random) +
      random.pick(["", "exit", "exitexit"]),
    run: (input) => {
      const most = 12 + (input.codePointAt(0) ?? 0) % 200;
      const said = input.slice(1).toWellFormed();
      const pieces = cutText(said, most);
      const decoder = new TextDecoder("utf-8", {
        fatal: true,
        ignoreBOM: true,
      });
      const texts = pieces.map((piece) => decoder.decode(piece));
      assertEquals(texts.join(""), said);
      for (const { length } of pieces) assertLessOrEqual(length, most);
      if (texts.length > 1) assert(!texts.includes(EXIT), "a piece ends it");
      return new Set([`${Math.min(pieces.length, 20)}`]);
    },
  },
);

const KEY = ALICE.public.der.toBase64();

const KNOWN = textTarget(
  "known-files",
  "Any text is read as known servers and known keys line by line, each line " +
    "taken or reported once, and what is taken is read again as it was " +
    "written.",
  {
    seeds: [
      `# known\n\n127.0.0.1:5555 ${FINGERPRINTS.alice}\n[::1]:1 ${FINGERPRINTS.bob}\r\n`,
      `127.0.0.1:5555 alice ${KEY}\n[::1]:5555 bob ${KEY} accepted\n`,
    ],
    grammar: (random) => {
      const word = () =>
        random.pick([
          "localhost:5555",
          "[::1]:1",
          FINGERPRINTS.bob,
          FINGERPRINTS.alice.replaceAll(":", ""),
          KEY,
          "accepted",
          "alice",
          "#",
          text(random),
        ]);
      const line = () =>
        Array.from({ length: random.integer(5) }, word).join(" ");
      return Array.from({ length: random.integer(5) }, line).join("\n");
    },
    run: (file) => {
      const lines = wordsOf(file).length;
      const damaged: number[] = [];
      const pins = parsePins(file, (line) => damaged.push(line));
      assertEquals(pins.length + new Set(damaged).size, lines);
      for (const { endpoint, fingerprint } of pins) {
        const [again] = parsePins(`${endpoint} ${fingerprint}`);
        assertEquals(again, { endpoint, fingerprint, line: 1 });
      }
      const bad: number[] = [];
      const keys = parseKnownKeys(file, (line) => bad.push(line));
      assertEquals(keys.length + new Set(bad).size, lines);
      for (const known of keys) {
        const { server, user, key, accepted } = known;
        const [again] = parseKnownKeys(keyLine(server, user, key, accepted));
        assertEquals(written(again), written({ ...known, line: 1 }));
      }
      return new Set([
        `${Math.min(pins.length, 3)} ${Math.min(keys.length, 3)}`,
      ]);
    },
  },
);

/** Texts. */
export const TEXTS: readonly Target[] = [
  ADDRESSES,
  LINES,
  NAMES,
  SHOWN,
  CUT,
  KNOWN,
];
