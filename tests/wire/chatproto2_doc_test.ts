/**
 * Holds docs/chatproto2.md against the code: every example goes through both
 * ends, in the order of the page, and every table of frames is that of the code.
 */
import { assert, assertEquals } from "@std/assert";
import {
  CLIENT_FRAMES,
  type FrameField,
  type FrameRow,
  LIST_REPLIES,
  type Request,
  SERVER_FRAMES,
  type ServerEvent,
  WIRE_LIMITS,
} from "../../lib/wire/mod.ts";
import { Pair, type Step } from "./chatproto2_pair.ts";
import { golden } from "./golden.ts";
import { readAll } from "./wires.ts";

const DOCUMENT = (await Deno.readTextFile(
  new URL("../../docs/chatproto2.md", import.meta.url),
)).replaceAll("\r\n", "\n");

/** A fenced block, and what is stated before it. */
interface Example {
  readonly line: number;
  readonly side: string;
  readonly name: string;
  readonly message: Request | ServerEvent | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function parseMessage(json: string): Request | ServerEvent {
  return JSON.parse(
    json,
    (_, value) => {
      const hex = value?.ciphertext ?? value?.bytes;
      return typeof hex === "string" ? golden(hex) : value;
    },
  );
}

function examples(): Example[] {
  const found: Example[] = [];
  const parts =
    /Means\s+`(?<means>\{[^`]*\})`|^```hex (?<side>\w+) (?<name>\w+)\n(?<text>[^]*?)^```$/gm;
  let message: Request | ServerEvent | undefined;
  for (const { index, groups } of DOCUMENT.matchAll(parts)) {
    if (groups === undefined) continue;
    const { means, side, name, text } = groups;
    if (means !== undefined) message = parseMessage(means);
    if (side === undefined || name === undefined) continue;
    const line = DOCUMENT.slice(0, index).split("\n").length;
    found.push({ line, side, name, message, bytes: golden(text ?? "") });
    message = undefined;
  }
  return found;
}

const REPLIES = ["STORED", "REPLY", "REFUSED", "WELCOME"];

function stepOf({ side, name, message, line }: Example): Step {
  assert(message !== undefined, `line ${line}: nothing is stated before`);
  if (side !== "server") return { ask: message as Request };
  const event = message as ServerEvent;
  return REPLIES.includes(name) ? { reply: event } : { tell: event };
}

/** The name of the last frame in these bytes. */
function lastFrame(side: string, bytes: Uint8Array): string | undefined {
  const rows = side === "server" ? SERVER_FRAMES : CLIENT_FRAMES;
  let name: string | undefined;
  for (let at = 0; at < bytes.length; at += 1 + (bytes[at] as number)) {
    const high = (bytes[at + 1] as number) >> 4;
    const kind = high === 15 ? 16 + (bytes[at + 2] as number) : high;
    name = rows.find((row) => row.kind === kind)?.name;
  }
  return name;
}

Deno.test("docs/chatproto2.md: every example holds, in the order of the page", async (t) => {
  const coded = new Pair({});
  let pair = new Pair();
  for (const example of examples()) {
    const { side, name, line, bytes, message } = example;
    await t.step(`${side} ${name} on line ${line}`, () => {
      if (name === "preface") {
        pair = new Pair();
        assertEquals(bytes.toHex(), "435002000000000000");
        return;
      }
      if (name === "keepalive") {
        assertEquals(bytes.toHex(), "00");
        return;
      }
      assertEquals(lastFrame(side, bytes), name);
      const both = side === "coded" ? coded : pair;
      const step = stepOf(example);
      assertEquals(both.bytes(step).toHex(), bytes.toHex());
      const read = readAll(both.reader(step), bytes);
      assertEquals<unknown>(read, name === "NAMES" ? [] : [message]);
    });
  }
});

Deno.test("docs/chatproto2.md shows every frame, in each direction", () => {
  const shown = (side: string) =>
    new Set(
      examples().filter((each) => each.side === side).map(({ name }) => name),
    );
  const due = (rows: readonly FrameRow[]) =>
    [...rows.map(({ name }) => name), "preface", "keepalive"].sort();
  assertEquals([...shown("client")].sort(), due(CLIENT_FRAMES));
  const server = shown("server").add("SELECT");
  assertEquals([...server].sort(), due(SERVER_FRAMES));
});

/** The rows of the table under a heading whose first column is called so. */
function table(heading: string, header: string): string[][] {
  const lines = DOCUMENT.split("\n");
  const title = lines.indexOf(heading);
  assert(title >= 0, `no heading ${heading}`);
  const cells = (line: string) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim());
  const top = lines.findIndex((line, index) =>
    index > title && cells(line)[0] === header
  );
  assert(top >= 0, `no table of ${header} under ${heading}`);
  const rows = lines.slice(top + 2);
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|")))
    .map(cells);
}

function field({ name, as, flag, of }: FrameField): string {
  if (as === "list") {
    const items = (of ?? []).map(field).join(", ");
    return `list of ${of?.length === 1 ? items : `(${items})`}`;
  }
  const shown = as === "number" ? name : `${name}: ${as}`;
  return flag === undefined ? shown : `[${shown}]`;
}

const fields = (list: readonly FrameField[]) =>
  list.map(field).join(", ") || "nothing";

function rowOf({ kind, name, flags, fields: list }: FrameRow): string[] {
  const bits = Object.entries(flags).sort(([, a], [, b]) => a - b);
  return [
    kind < 16 ? `${kind}` : `15 ${kind - 16}`,
    name,
    bits.map(([flag, bit]) => `${bit} ${flag.toUpperCase()}`).join(", "),
    fields(list),
  ];
}

Deno.test("docs/chatproto2.md states every frame with its kind, flags and fields", () => {
  assertEquals(
    table("## Frames of the client", "kind"),
    CLIENT_FRAMES.map(rowOf),
  );
  assertEquals(
    table("## Frames of the server", "kind"),
    SERVER_FRAMES.map(rowOf),
  );
});

Deno.test("docs/chatproto2.md states what each REPLY has", () => {
  const rows = CLIENT_FRAMES.flatMap(({ name, reply }) =>
    reply === undefined || name === "LIST" ? [] : [[name, fields(reply)]]
  );
  const lists = Object.entries(LIST_REPLIES).map(([what, reply]) => [
    `LIST of ${what}`,
    fields(reply),
  ]);
  assertEquals(
    table("## Frames of the client", "to").sort(),
    [...rows, ...lists].sort(),
  );
});

Deno.test("docs/chatproto2.md states the protocol's limits", () => {
  const grouped = (value: number) =>
    String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  const [frame, text] = table("## Limits", "what");
  assertEquals(frame?.[1], grouped(WIRE_LIMITS.bodyBytes));
  assertEquals(text?.[1], `1–${grouped(WIRE_LIMITS.textBytes)}`);
});

Deno.test("docs/chatproto2.md has the headings that the code's comments name", async () => {
  const headings = new Set(
    DOCUMENT.split("\n").filter((line) => line.startsWith("#"))
      .map((line) => line.replace(/^#+ /, "")),
  );
  const folder = new URL("../../lib/wire/chatproto2/", import.meta.url);
  const named: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const source = (await Deno.readTextFile(new URL(name, folder)))
      .replaceAll(/\s*\n \* /g, " ");
    for (const [, list] of source.matchAll(/chatproto2\.md, ([^)]*)\)/g)) {
      for (const [, heading] of (list ?? "").matchAll(/"([^"]+)"/g)) {
        named.push(heading as string);
      }
    }
  }
  assert(named.length > 10);
  assertEquals(named.filter((heading) => !headings.has(heading)), []);
});
