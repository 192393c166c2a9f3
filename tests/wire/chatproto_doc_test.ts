/**
 * Holds docs/chatproto.md against the code: every example goes through the
 * codecs, both ways, and every table against the one that is read at run time.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Direction,
  ERROR_CODES,
  type Field,
  MESSAGES,
  WIRE_LIMITS,
} from "../../lib/wire/mod.ts";
import { golden, lineBytes } from "./golden.ts";
import { decoderOf, encode, type Message, readAll, wireOf } from "./wires.ts";

const DOCUMENT = (await Deno.readTextFile(
  new URL("../../docs/chatproto.md", import.meta.url),
)).replaceAll("\r\n", "\n");

/** One example: a fenced block, and the message that is stated before it. */
interface Example {
  readonly line: number;
  readonly wire: string;
  readonly direction: Direction;
  readonly type: string;
  readonly message: Message;
  readonly text: string;
}

/** A message by its fields, ciphertext as `{"ciphertext":"deadbeef"}`. */
function parseMessage(json: string): Message {
  return JSON.parse(
    json,
    (_, value) =>
      typeof value?.ciphertext === "string" ? golden(value.ciphertext) : value,
  );
}

function examples(): Example[] {
  const found: Example[] = [];
  const parts =
    /Means\s+`(?<means>\{[^`]*\})`|^```(?<info>[^\n]*)\n(?<text>[^]*?)^```$/gm;
  let means: string | undefined;
  for (const { index, groups } of DOCUMENT.matchAll(parts)) {
    if (groups?.["means"] !== undefined) means = groups["means"];
    const info = groups?.["info"];
    if (info === undefined || info === "text") continue;
    const line = DOCUMENT.slice(0, index).split("\n").length;
    const [kind, direction, type, version, ...rest] = info.split(" ");
    const wire = kind === "hex" && version === undefined
      ? "chatp1"
      : kind === "jsonl" && (version === "v1" || version === "v2")
      ? `json${version.slice(1)}`
      : undefined;
    assert(
      wire !== undefined && type !== undefined && rest.length === 0 &&
        (direction === "request" || direction === "event"),
      `line ${line}: the block says "${info}"`,
    );
    assert(means !== undefined, `line ${line}: no message is stated before`);
    const text = groups?.["text"] ?? "";
    const message = parseMessage(means);
    found.push({ line, wire, direction, type, message, text });
  }
  return found;
}

function bytesOf({ wire, text }: Example): Uint8Array<ArrayBuffer> {
  return wire === "chatp1" ? golden(text) : lineBytes(text.trimEnd());
}

for (const example of examples()) {
  const { line, wire, direction, type, message } = example;
  const what = `${wire} ${direction} ${type} on line ${line}`;
  Deno.test(`docs/chatproto.md: ${what} holds`, () => {
    assertEquals(message.type, type);
    const bytes = bytesOf(example);
    assertEquals(readAll(decoderOf(wireOf(wire), direction), bytes), [message]);
    assertEquals(encode(wireOf(wire), direction, message), bytes);
  });
}

Deno.test("docs/chatproto.md has an example of every type, each way and on each wire", () => {
  const shown = new Set(
    examples().map(({ wire, direction, type }) =>
      `${wire} ${direction} ${type}`
    ),
  );
  const due = Object.entries(MESSAGES).flatMap(([type, row]) =>
    (["request", "event"] as const).filter((direction) => direction in row)
      .flatMap((direction) =>
        ["chatp1", "json1", "json2"].map((wire) =>
          `${wire} ${direction} ${type}`
        )
      )
  );
  assertEquals([...shown].sort(), due.sort());
});

/** The cells of the rows below a heading, without code marks and header. */
function table(heading: string, header: string): string[][] {
  const lines = DOCUMENT.split("\n");
  const title = lines.indexOf(heading);
  assert(title >= 0, `no heading ${heading}`);
  const cells = (line: string) =>
    line.split("|").slice(1, -1).map((cell) =>
      cell.replaceAll("`", "").replaceAll(/\s+/g, " ").trim()
    );
  const top = lines.findIndex((line, index) =>
    index > title && cells(line)[0] === header
  );
  assert(top >= 0, `no table of ${header} under ${heading}`);
  const rows = lines.slice(top + 2);
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|")))
    .map(cells);
}

Deno.test("docs/chatproto.md states every error code with its title and hint", () => {
  assertEquals(
    table("## Errors", "code").map((cells) => cells.slice(0, 3)),
    Object.entries(ERROR_CODES).map(([code, { title, hint }]) => [
      code,
      title,
      hint,
    ]),
  );
});

Deno.test("docs/chatproto.md states every type with its code and fields", () => {
  const fields = (list: readonly Field[] | undefined) =>
    list === undefined
      ? ""
      : list.map(({ name, kind, optional }) =>
        (optional ? `[${name}]` : name) + (kind === "list" ? ": a list" : "")
      ).join(", ") || "no field";
  assertEquals(
    table("## Messages", "code"),
    Object.entries(MESSAGES).map(([type, row]) => [
      `0x${row.code.toString(16).padStart(2, "0")}`,
      type,
      fields("request" in row ? row.request : undefined),
      fields("event" in row ? row.event : undefined),
    ]),
  );
});

Deno.test("docs/chatproto.md states the protocol's limits", () => {
  const grouped = (value: number) =>
    String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  const [body, text, names] = table("## Limits", "what");
  assertEquals(body?.[1], `${grouped(WIRE_LIMITS.bodyBytes)} bytes`);
  assertEquals(text?.[1], `1–${grouped(WIRE_LIMITS.textBytes)} bytes`);
  assertEquals(
    names?.[1],
    `${WIRE_LIMITS.usernameCodePoints} and ${WIRE_LIMITS.roomCodePoints} code points`,
  );
});

Deno.test("docs/chatproto.md has the headings that the code's comments name", async () => {
  const headings = new Set(
    DOCUMENT.split("\n").filter((line) => line.startsWith("#"))
      .map((line) => line.replace(/^#+ /, "")),
  );
  const wire = new URL("../../lib/wire/", import.meta.url);
  const named: string[] = [];
  for await (const { name, isFile } of Deno.readDir(wire)) {
    if (!isFile) continue;
    const source = await Deno.readTextFile(new URL(name, wire));
    for (const [, heading] of source.matchAll(/chatproto\.md, "([^"]+)"/g)) {
      named.push(heading as string);
    }
  }
  assert(named.length > 0);
  assertEquals(named.filter((heading) => !headings.has(heading)), []);
});
