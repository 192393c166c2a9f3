/**
 * Holds the layers of docs/design.md: which folder may import which, and that
 * the codecs and the hub touch no socket, no clock, no timer and no chance.
 * Looks at every file in lib/, so also at those that come later.
 */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** What each folder of lib/ may import of the others. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  chat: ["wire"],
  net: ["wire"],
  secret: ["net", "wire"],
  store: ["chat", "wire"],
  server: ["net", "chat", "wire"],
  client: ["secret", "net", "chat", "wire"],
  bench: ["net", "wire"],
  capture: ["net", "wire"],
};

/** Folders that import nothing from outside lib/ and use nothing of these. */
const PURE: readonly string[] = ["wire", "chat"];

/** Files of other layers in which nothing reaches for the world either. */
const PURE_FILES: readonly string[] = [
  "lib/bench/conversation.ts",
  "lib/bench/datagram_meter.ts",
  "lib/bench/datagram_model.ts",
  "lib/bench/deliveries.ts",
  "lib/bench/frame_ledger.ts",
  "lib/bench/lazy_receipts.ts",
  "lib/bench/load/account.ts",
  "lib/bench/load/histogram.ts",
  "lib/bench/load/plan.ts",
  "lib/bench/load/reading_turns.ts",
  "lib/bench/load/shared_texts.ts",
  "lib/bench/load/verdict.ts",
  "lib/bench/manners.ts",
  "lib/bench/pdu_ledger.ts",
  "lib/bench/polling_model.ts",
  "lib/bench/stream.ts",
  "lib/bench/stream_model.ts",
  "lib/capture/dissect.ts",
  "lib/capture/half_stream.ts",
  "lib/capture/packets.ts",
  "lib/capture/pcap.ts",
  "lib/capture/udp_flows.ts",
  "lib/capture/udpchat_datagrams.ts",
  "lib/capture/udpchat_exchange.ts",
  "lib/client/abilities.ts",
  "lib/client/backlog.ts",
  "lib/client/backoff.ts",
  "lib/client/commands.ts",
  "lib/client/entrance.ts",
  "lib/client/entries.ts",
  "lib/client/exchange.ts",
  "lib/client/handshake.ts",
  "lib/client/held_back.ts",
  "lib/client/history_span.ts",
  "lib/client/lines.ts",
  "lib/client/liveness.ts",
  "lib/client/outbox.ts",
  "lib/client/parse_line.ts",
  "lib/client/password_dialogue.ts",
  "lib/client/retry.ts",
  "lib/client/room_book.ts",
  "lib/client/routing.ts",
  "lib/client/secrets.ts",
  "lib/client/talk.ts",
  "lib/client/terminal/rooms_view.ts",
  "lib/client/whereabouts.ts",
  "lib/secret/envelope.ts",
  "lib/secret/known_keys.ts",
  "lib/secret/replays.ts",
  "lib/server/liveness.ts",
  "lib/server/tidying.ts",
  "lib/store/gathering.ts",
  "lib/store/shared_news.ts",
];

/** What reaches for the world, as it stands in code. */
const IMPURE: readonly RegExp[] = [
  /(?<![.\w$#])(?:Deno|process|globalThis|localStorage|sessionStorage|console|performance|crypto|Temporal)\b/g,
  /(?<![.\w$#])(?:set|clear)(?:Timeout|Interval|Immediate)\b/g,
  /(?<![.\w$#])(?:queueMicrotask|fetch|eval)\s*\(/g,
  /(?<![.\w$#])(?:WebSocket|Worker|BroadcastChannel|Function|Buffer)\b(?=\s*[.(])/g,
  /(?<![.\w$#])Date\s*\.\s*now\b/g,
  /(?<![.\w$#])new\s+Date\b(?!\s*\(\s*[^)\s])/g,
  /(?<![.\w$#])(?<!new\s+)Date\s*\(/g,
  /(?<![.\w$#])Math\s*\.\s*random\b/g,
  /\bimport\s*\.\s*meta\b/g,
];

/** A piece of source: code, or the inside of a literal. Comments are left out. */
interface Piece {
  readonly kind: "code" | "string" | "template" | "pattern";
  readonly text: string;
}

/** After these a slash begins a pattern and is no division. */
const BEFORE_PATTERN =
  /(?:^|[=(,[{;:!&|?+\-*%<>~^}]|\b(?:return|typeof|case|in|of|new|throw|void|delete|yield|await|else|do))$/;

/** Splits source into code and literals. */
function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  let code = "";
  let at = 0;
  const literal = (kind: Piece["kind"], end: number) => {
    found.push({ kind: "code", text: code });
    found.push({ kind, text: source.slice(at + 1, end) });
    code = "";
    at = end + 1;
  };
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0].length;
  };
  /** Braces that are open, and for each whether it is a template's `${`. */
  const braces: boolean[] = [];
  const template = () => {
    const length = match(/[`}](?:[^\\`$]|\\[^]|\$(?!\{))*/y) as number;
    literal("template", at + length);
    if (source[at - 1] === "$") {
      at++;
      braces.push(true);
    }
  };
  while (at < source.length) {
    const character = source[at] as string;
    const comment = match(/\/\/[^\n]*|\/\*[^]*?\*\//y);
    const quoted = match(/"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y);
    const pattern = BEFORE_PATTERN.test(code.trimEnd().slice(-12))
      ? match(/\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//y)
      : undefined;
    if (comment !== undefined) {
      at += comment;
      code += " ";
    } else if (quoted !== undefined) literal("string", at + quoted - 1);
    else if (pattern !== undefined) literal("pattern", at + pattern - 1);
    else if (character === "`") template();
    else if (character === "}" && braces.pop() === true) template();
    else {
      if (character === "{") braces.push(false);
      code += character;
      at++;
    }
  }
  found.push({ kind: "code", text: code });
  return found;
}

/** What a file imports, `undefined` where that is made at run time. */
function imports(source: readonly Piece[]): (string | undefined)[] {
  return source.flatMap(({ kind, text }, index) => {
    if (kind !== "code") return [];
    const next = source[index + 1];
    const named = next?.kind === "string" ? next.text : undefined;
    // A call that does not end the piece has no literal for its argument.
    const made = [...text.matchAll(/\bimport\s*\((?=\s*\S)/g)];
    return [
      ...made.map(() => undefined),
      .../\b(?:from|import|import\s*\()\s*$/.test(text) ? [named] : [],
    ];
  });
}

/** What a file's code has that reaches for the world. */
function impurities(source: readonly Piece[]): string[] {
  const code = source.map(({ kind, text }) => kind === "code" ? text : '""')
    .join("").replaceAll(/(?<=[{,]\s*)\w+(?=\s*:)/g, "key");
  return IMPURE.flatMap((pattern) => code.match(pattern) ?? []);
}

/** Why a file of a layer may not import this, or undefined when it may. */
function forbidden(
  layer: string,
  file: URL,
  specifier: string | undefined,
): string | undefined {
  const pure = PURE.includes(layer);
  if (specifier === undefined) {
    return pure ? "imports what is known at run time only" : undefined;
  }
  if (!/^\.{0,2}\/|^file:/.test(specifier)) {
    return pure ? `imports ${specifier}` : undefined;
  }
  const target = new URL(specifier, file).href;
  const lib = new URL("lib/", ROOT).href;
  const folder = target.startsWith(lib)
    ? target.slice(lib.length).split("/")[0] as string
    : undefined;
  if (folder === layer) return undefined;
  if (folder !== undefined && LAYERS[layer]?.includes(folder)) return undefined;
  return `imports ${specifier}`;
}

async function* files(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* files(new URL(`${name}/`, folder));
    else if (/\.[cm]?[jt]sx?$/.test(name)) yield new URL(name, folder);
  }
}

/** Every file in lib/, with its layer and its source in pieces. */
async function library() {
  const lib = new URL("lib/", ROOT);
  const found = [];
  for await (const file of files(lib)) {
    const path = file.href.slice(lib.href.length);
    found.push({
      file,
      path: `lib/${path}`,
      layer: path.split("/")[0] as string,
      source: pieces(await Deno.readTextFile(file)),
    });
  }
  return found;
}

Deno.test("every folder in lib/ has its layer", async () => {
  const unknown = (await library()).filter(({ layer }) => !(layer in LAYERS));
  assertEquals(unknown.map(({ path }) => path), []);
});

Deno.test("imports in lib/ point down the layers", async () => {
  const all = await library();
  assert(all.some(({ path }) => path === "lib/chat/hub.ts"));
  const bad = all.flatMap(({ file, path, layer, source }) =>
    imports(source).map((specifier) => forbidden(layer, file, specifier))
      .filter((why) => why !== undefined).map((why) => `${path} ${why}`)
  );
  assertEquals(bad, []);
});

Deno.test("the codecs and the hub touch no socket, clock, timer or chance", async () => {
  const files = await library();
  const paths = new Set(files.map(({ path }) => path));
  assertEquals(PURE_FILES.filter((path) => !paths.has(path)), []);
  const bad = files
    .filter(({ layer, path }) =>
      PURE.includes(layer) || PURE_FILES.includes(path)
    )
    .flatMap(({ path, source }) =>
      impurities(source).map((what) => `${path} uses ${what}`)
    );
  assertEquals(bad, []);
});

/** Code, and what is found in it. */
const IMPURITIES: readonly (readonly [source: string, found: string[]])[] = [
  ["const now = Date.now();", ["Date.now"]],
  ["const at = new Date();", ["new Date"]],
  ["const at = new Date;", ["new Date"]],
  ["const at = Date();", ["Date("]],
  ["const at = new Date(now);", []],
  ["Deno.exit(0)", ["Deno"]],
  ["const id = crypto.randomUUID();", ["crypto"]],
  ["const x = Math\n  .random();", ["Math\n  .random"]],
  ["const x = Math.max(1, 2);", []],
  ["performance.now()", ["performance"]],
  ["const later = setTimeout;", ["setTimeout"]],
  ["setInterval(() => {}, 1); setImmediate(f)", [
    "setInterval",
    "setImmediate",
  ]],
  ["queueMicrotask(f)", ["queueMicrotask("]],
  ["const { Deno: d } = x;", []],
  ["this.setTimeout(1); hub.performance.x; this.#crypto.y", []],
  ["// Date.now()\n/* Math.random()\n * Deno */ f();", []],
  ["const text = \"Deno\" + 'Math.random()';", []],
  ['const text = "a\\"; Deno.exit(); //";', []],
  ["const text = `Deno ${Math.random()} Date.now()`;", ["Math.random"]],
  ["const text = `${`${Deno}`} ${{ a: 1 }} crypto.x`; setTimeout", [
    "Deno",
    "setTimeout",
  ]],
  ['const pattern = /Deno[/`"]/; Date.now()', ["Date.now"]],
  ["const half = a / b; Math.random() / 2;", ["Math.random"]],
  ["return /[`]/.test(text) ? Deno : 1; // `", ["Deno"]],
];

for (const [source, found] of IMPURITIES) {
  Deno.test(`the purity test finds ${found.length} in ${JSON.stringify(source)}`, () => {
    assertEquals(impurities(pieces(source)).sort(), [...found].sort());
  });
}

Deno.test("the purity test finds every kind of import", () => {
  const source = `
    import { a } from "./a.ts";
    import type { B } from './b.ts';
    import "npm:c";
    export * from "node:d";
    export { e } from "../e/mod.ts";
    type F = import("jsr:@f/f").F;
    const g = await import("g");
    const h = await import(name);
    const i = await import(\`./\${name}.ts\`);
    // import "./comment.ts";
    const text = 'import "./text.ts"';
    const from = "nothing";
  `;
  assertEquals(imports(pieces(source)), [
    "./a.ts",
    "./b.ts",
    "npm:c",
    "node:d",
    "../e/mod.ts",
    "jsr:@f/f",
    "g",
    undefined,
    undefined,
  ]);
});

/** A file's layer, what it imports, and whether it may. */
const DIRECTIONS: readonly (readonly [
  layer: string,
  specifier: string | undefined,
  may: boolean,
])[] = [
  ["wire", "./bytes.ts", true],
  ["wire", "../chat/mod.ts", false],
  ["wire", "node:buffer", false],
  ["wire", "npm:x", false],
  ["wire", "@std/assert", false],
  ["wire", "https://example.org/x.ts", false],
  ["wire", "../../deno.json", false],
  ["wire", undefined, false],
  ["chat", "../wire/mod.ts", true],
  ["chat", "../net/mod.ts", false],
  ["net", "../wire/mod.ts", true],
  ["net", "node:net", true],
  ["net", "../chat/mod.ts", false],
  ["net", "../secret/mod.ts", false],
  ["secret", "../net/mod.ts", true],
  ["secret", "../chat/mod.ts", false],
  ["client", "../secret/mod.ts", true],
  ["server", "../secret/mod.ts", false],
  ["server", "../chat/mod.ts", true],
  ["server", "../client/mod.ts", false],
  ["client", "../server/mod.ts", false],
  ["client", "../../commands/connect.ts", false],
  ["bench", "../net/mod.ts", true],
  ["bench", "../server/mod.ts", false],
  ["capture", "../client/mod.ts", false],
  ["capture", "../../main.ts", false],
];

for (const [layer, specifier, may] of DIRECTIONS) {
  const does = may ? "may" : "may not";
  Deno.test(`a file in lib/${layer} ${does} import ${specifier}`, () => {
    const file = new URL(`lib/${layer}/file.ts`, ROOT);
    assertEquals(forbidden(layer, file, specifier) === undefined, may);
  });
}
