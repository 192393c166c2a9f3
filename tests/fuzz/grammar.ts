/**
 * What wires might say, made from their own tables: right in most places, and
 * wrong in some.
 *
 * @module
 */

import type { SeededRandom } from "../../lib/bench/random.ts";
import {
  CP_CODES,
  CP_COMMANDS,
  type Direction,
  type Field,
  type MessageRow,
  MESSAGES,
  REQUEST_TYPES,
} from "../../lib/wire/mod.ts";
import {
  CLIENT_FRAMES,
  type FrameField,
  type FrameRow,
  SERVER_FRAMES,
} from "../../lib/wire/chatproto2/frames.ts";
import { EXTENDED, EXTENDED_KINDS } from "../../lib/wire/chatproto2/kinds.ts";
import { compressText } from "../../lib/wire/text_code/text_code.ts";
import { joined } from "../wire/golden.ts";
import { varint } from "./mutate.ts";
import { bomb, bytes, json, number, text } from "./nonsense.ts";

const encoder = new TextEncoder();
const utf8 = (text: string) => encoder.encode(text);

const ROWS: readonly (readonly [string, MessageRow])[] = Object.entries(
  MESSAGES,
);

function fieldsOf(random: SeededRandom, direction: Direction) {
  const [type, row] = random.pick(ROWS);
  const fields = row[direction] ?? row.request ?? row.event ?? [];
  return { type, code: row.code, fields };
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8 & 0xff, value & 0xff);
}

function value1(random: SeededRandom, { kind }: Field): Uint8Array {
  const numeric = kind === "integer" || kind === "code";
  const value = numeric && random.chance(0.8)
    ? utf8(String(number(random)))
    : random.chance(0.1)
    ? bytes(random, 20)
    : utf8(text(random));
  const length = random.chance(0.03) ? number(random) : value.length;
  return joined(u16(length), value);
}

/** A frame of ChatProto 1.0. */
export function chatproto1Frame(
  random: SeededRandom,
  direction: Direction,
): Uint8Array {
  const { code, fields } = fieldsOf(random, direction);
  const body = joined(...fields.flatMap((field) => {
    if (random.chance(0.03)) return [];
    const times = field.kind === "list" ? random.integer(5) : 1;
    return Array.from({ length: times }, () => value1(random, field));
  }));
  const length = random.chance(0.03) ? number(random) : body.length;
  return joined(
    Uint8Array.of(0x43, 0x50, 1),
    Uint8Array.of(random.chance(0.03) ? random.integer(256) : code),
    Uint8Array.of(random.chance(0.7) ? 0 : random.integer(256)),
    u16(length >>> 16),
    u16(length),
    body,
  );
}

function jsonField(random: SeededRandom, { kind }: Field): unknown {
  if (random.chance(0.1)) return json(random);
  if (kind === "integer" || kind === "code") return number(random);
  if (kind !== "list") return text(random);
  return Array.from({ length: random.integer(5) }, () => text(random));
}

/** A line of the JSON wire. */
export function jsonLine(
  random: SeededRandom,
  direction: Direction,
): Uint8Array {
  if (random.chance(0.03)) return utf8(`${bomb(random)}\n`);
  const { type, fields } = fieldsOf(random, direction);
  const line: Record<string, unknown> = {
    type: random.chance(0.03) ? json(random) : type,
  };
  for (const field of fields) {
    if (random.chance(0.97)) line[field.name] = jsonField(random, field);
  }
  for (const name of ["v", "history", "encrypted", "code", "hint"]) {
    if (random.chance(0.9)) continue;
    line[name] = random.chance(0.5)
      ? random.pick([true, 1, 2, 404])
      : json(random);
  }
  if (line["encrypted"] === true && random.chance(0.7)) {
    line["text"] = bytes(random, 30).toBase64();
  }
  const end = random.chance(0.9) ? "\n" : random.pick(["\r\n", "", "\n\n"]);
  return utf8(JSON.stringify(line) + end);
}

function field2(
  random: SeededRandom,
  { as, of = [], flag }: FrameField,
  flags: number,
): Uint8Array {
  // Of a list's item the flags are among its fields.
  const absent = flag !== undefined && (flags & flag) === 0;
  if (absent || random.chance(0.01)) return new Uint8Array(0);
  switch (as) {
    case "number":
      return varint(random.chance(0.7) ? random.integer(12) : number(random));
    case "list":
      return joined(
        ...Array.from(
          { length: random.integer(4) },
          () => joined(...of.map((each) => field2(random, each, flags))),
        ),
      );
    case "rest":
      return textBytes(random);
    default: {
      const value = textBytes(random);
      const length = random.chance(0.03) ? number(random) : value.length;
      return joined(varint(length), value);
    }
  }
}

function textBytes(random: SeededRandom): Uint8Array {
  const said = text(random);
  if (random.chance(0.3)) return compressText(said) ?? utf8(said);
  return random.chance(0.1) ? bytes(random, 30) : utf8(said);
}

/** A frame of ChatProto 2; a REPLY has what some request's has. */
export function chatproto2Frame(
  random: SeededRandom,
  direction: Direction,
): Uint8Array {
  const rows = direction === "request" ? CLIENT_FRAMES : SERVER_FRAMES;
  const row: FrameRow = random.pick(rows);
  let flags = random.chance(0.05) ? random.integer(16) : 0;
  for (const bit of Object.values(row.flags)) {
    if (random.chance(0.3)) flags |= bit;
  }
  const reply = row.name === "REPLY"
    ? random.pick(CLIENT_FRAMES).reply ?? []
    : [];
  const fields = joined(
    ...[...row.fields, ...reply].map((each) => field2(random, each, flags)),
  );
  const kind = random.chance(0.02) ? random.integer(32) : row.kind;
  const head = kind < EXTENDED_KINDS
    ? [kind << 4 | flags]
    : [EXTENDED << 4 | flags, kind - EXTENDED_KINDS];
  const body = joined(Uint8Array.from(head), fields);
  const length = random.chance(0.02) ? number(random) : body.length;
  return joined(varint(length), body);
}

/** A preface, mostly a right one. */
export function preface(random: SeededRandom): Uint8Array {
  const features = random.chance(0.8) ? random.integer(2) : random.integer(256);
  return Uint8Array.of(0x43, 0x50, 2, 0, features, 0, 0, 0, 0);
}

const CP_WORDS = [...Object.keys(CP_COMMANDS), ...Object.keys(CP_CODES)];

/** What a peer of CP may send in one read. */
export function cpRead(random: SeededRandom): Uint8Array {
  const pdu = () => {
    const word = random.pick(CP_WORDS);
    const data = /^\d/.test(word)
      ? ` ${text(random)}`
      : random.pick(["", "alice", "bob:hi", "secret", text(random), ":::"]);
    const end = random.pick(["\r\n", "\r\n", "\r\n", "", "\n", "\r"]);
    return utf8(word + data + end);
  };
  const most = random.chance(0.1) ? 400 : 3;
  return joined(...Array.from({ length: 1 + random.integer(most) }, pdu));
}

const UDP_FIELDS = [
  "type",
  "username",
  "password",
  "group",
  "text",
  "members",
  "ref",
  "time_sent",
  "token",
  "n",
  "link",
  "seqn",
  "status",
  "error",
  "response",
  "before",
  "limit",
  "MessageID",
  "msg_seqn",
  "sequence",
];

const UDP_TYPES = [...REQUEST_TYPES, "GRP_SUB", "MSG_RBA", "CHT"];

function udpValue(random: SeededRandom, name: string): unknown {
  if (random.chance(0.15)) return json(random);
  switch (name) {
    case "type":
      return random.pick(UDP_TYPES);
    case "members":
      return Array.from({ length: random.integer(4) }, () => text(random));
    case "time_sent":
      return "2026-11-21T02:30:00.123456";
    case "status":
      return random.pick([200, 400, 401, 403, 429, 500]);
    case "error":
      return random.pick([null, "no", "Too fast: wait"]);
    case "token":
      return random.pick(["t0ken", "t"]);
    case "n":
      return random.integer(5);
    case "response":
      return random.chance(0.6) ? udpResponse(random) : json(random);
    case "link":
    case "seqn":
    case "before":
    case "limit":
    case "MessageID":
    case "msg_seqn":
    case "sequence":
      return random.chance(0.6) ? random.integer(12) : number(random);
    default:
      return text(random);
  }
}

function udpResponse(random: SeededRandom): unknown {
  const group = () => ({
    Name: random.pick(["General Chat Room", "tea", "@bob", text(random)]),
    Date_Created: "2026-11-21 02:30:00",
    Members: ["alice", text(random)],
    kind: random.pick(["public", "group", "direct", "?"]),
    sequence: random.integer(9),
    received: random.integer(9),
    receivedByAll: random.integer(9),
  });
  const said = () => ({
    MessageID: random.integer(20),
    msg_seqn: random.integer(9),
    group: "General Chat Room",
    username: random.pick(["alice", "bob"]),
    text: text(random),
    time_sent: "2026-11-21T02:30:00.123000",
    sequence: random.integer(9),
  });
  const some = <Each>(make: () => Each) =>
    Array.from({ length: random.integer(4) }, make);
  return random.pick([
    () => ({ username: "alice", token: "t0ken" }),
    () => some(group),
    () => some(said),
    () => some(() => text(random)),
    () => ({ sequence: random.integer(9), MessageID: random.integer(9) }),
  ])();
}

/** A datagram of reliable UDP; SEQNs are few, so that they meet. */
export function datagram(random: SeededRandom): Uint8Array {
  const view = new DataView(new ArrayBuffer(7));
  const seqn = random.chance(0.5)
    ? random.integer(10) - 2
    : random.chance(0.7)
    ? 1_000 + random.integer(200)
    : random.pick([2 ** 31 - 1, -(2 ** 31), -1]);
  view.setInt32(0, seqn);
  for (const at of [4, 5, 6]) {
    view.setUint8(at, Number(random.chance(0.25)));
  }
  const body: Record<string, unknown> = {};
  for (const name of UDP_FIELDS) {
    if (random.chance(name === "type" ? 0.8 : 0.3)) {
      body[name] = udpValue(random, name);
    }
  }
  const said = random.chance(0.05)
    ? random.pick([bomb(random), "null", "", "NaN", "[]", text(random)])
    : JSON.stringify(body);
  return joined(new Uint8Array(view.buffer), utf8(said));
}
