/**
 * The tables of the wires for the dissector in Lua, out of those that the
 * codecs use.
 *
 * @module
 */

import {
  CLIENT_FRAMES,
  CP_CODES,
  CP_COMMANDS,
  CP_LIMITS,
  DATAGRAM_LIMITS,
  DEEPEST,
  ENTRY_FLAGS,
  ERROR_CODES,
  EXTENDED,
  EXTENDED_KINDS,
  FEATURES,
  FLAGS,
  FRAME_FLAGS,
  type FrameField,
  type FrameRow,
  GIVE_UP_AFTER,
  HANDLE_KINDS,
  HEADER_BYTES,
  LIST_REPLIES,
  MEMBER_STATES,
  type MessageRow,
  MESSAGES,
  PREFACE_BYTES,
  SERVER_FRAMES,
  WIRE_LIMITS,
} from "../../wire/mod.ts";
import { REMEMBERED } from "../../wire/udpchat/answers.ts";
import { SCHEMES } from "../../net/mod.ts";
import { fieldKey } from "../chatproto2_fields.ts";
import { CHATP_PORT } from "../roles.ts";
import { UDPCHAT_PORT } from "../udp_flows.ts";
import { UDPCHAT_TYPES } from "../udpchat_datagrams.ts";
import type { LuaValue } from "./lua_value.ts";

/** Numbers that stand for rooms and people. */
const HANDLES: ReadonlySet<string> = new Set(["room", "sender", "user"]);

/** What a number that is not alone under its name is called. */
const NUMBER_KEYS: Readonly<Record<string, string>> = {
  flags: "item_flags",
};

/** A field's name in filters, behind `chatp2.`. */
export function filterKey({ name, as }: FrameField): string {
  const key = fieldKey(name);
  if (as !== "number") return key;
  return HANDLES.has(name) ? `${key}_handle` : NUMBER_KEYS[name] ?? key;
}

function fieldTable(field: FrameField, isEntry = false): LuaValue {
  const { name, as, flag, of } = field;
  const isNumber = as === "number";
  return {
    key: filterKey(field),
    as,
    flag,
    of: of && fieldTables(of),
    names: isNumber && HANDLES.has(name) ? fieldKey(name) : undefined,
    is_bits: isNumber && (name === "flags" || name === "state") || undefined,
    is_text: isEntry && name === "text" || undefined,
  };
}

function fieldTables(fields: readonly FrameField[]): LuaValue {
  const isEntry = fields.some(({ name }) => name === "flags");
  return fields.map((field) => fieldTable(field, isEntry));
}

function frameTable({ name, flags, fields, reply }: FrameRow): LuaValue {
  return {
    name: name.toLowerCase(),
    flags,
    flag_bits: Object.values(flags).reduce((all, bit) => all | bit, 0),
    fields: fieldTables(fields),
    rest: fieldTables(fields.filter((field) => field.name !== "n")),
    reply: reply && fieldTables(reply),
  };
}

function frameTables(rows: readonly FrameRow[]): LuaValue {
  return new Map(rows.map((row) => [row.kind, frameTable(row)]));
}

const FRAMES = [...CLIENT_FRAMES, ...SERVER_FRAMES];

/** How a field is shown. */
type Shown = "number" | "string" | "bytes";

/** All fields of ChatProto 2, those of lists too, by their keys. */
export function frameFields(): ReadonlyMap<string, Shown> {
  const found = new Map<string, Shown>();
  const add = (field: FrameField): void => {
    if (field.as === "list") return field.of?.forEach(add);
    const key = filterKey(field);
    const as = field.as === "rest" ? "string" : field.as;
    const other = found.get(key);
    if (other !== undefined && other !== as) {
      throw new TypeError(`chatp2.${key} is a ${as} and a ${other}`);
    }
    found.set(key, as);
    // By name, where that was told.
    if (HANDLES.has(field.name)) found.set(fieldKey(field.name), "string");
  };
  for (const { fields, reply = [] } of FRAMES) {
    [...fields, ...reply].forEach(add);
  }
  Object.values(LIST_REPLIES).flat().forEach(add);
  return found;
}

function messageTable(name: string, { request, event }: MessageRow): LuaValue {
  const of = (fields: MessageRow["request"]): LuaValue | undefined =>
    fields?.map(({ name, kind, optional }) => ({ name, kind, optional }));
  return { name, request: of(request), event: of(event) };
}

const snake = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function errorTable(): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(ERROR_CODES).map(([code, { title }]) => [+code, title]),
  );
}

/** What the dissector knows of ChatProto 1.0. */
function chatProto1Tables(): Record<string, LuaValue> {
  return {
    header_bytes: HEADER_BYTES,
    message_flags: FLAGS,
    messages: new Map(
      Object.entries(MESSAGES).map(([name, row]) =>
        [row.code, messageTable(name, row)] as const
      ),
    ),
  };
}

/** What the dissector knows of ChatProto 2. */
function chatProto2Tables(): Record<string, LuaValue> {
  const flags = new Set(FRAMES.flatMap((row) => Object.keys(row.flags)));
  const { coded, encrypted } = FRAME_FLAGS;
  return {
    preface_bytes: PREFACE_BYTES,
    features: Object.fromEntries(
      Object.entries(FEATURES).map(([name, bit]) => [snake(name), bit]),
    ),
    extended: EXTENDED,
    extended_kinds: EXTENDED_KINDS,
    text_flags: { coded, encrypted },
    entry_flags: ENTRY_FLAGS,
    frame_flags: [...flags],
    frame_fields: Object.fromEntries(frameFields()),
    numbers: {
      code: errorTable(),
      what: new Map(HANDLE_KINDS.map((kind, index) => [index, kind])),
      state: memberStates(),
    },
    frames: {
      request: frameTables(CLIENT_FRAMES),
      event: frameTables(SERVER_FRAMES),
    },
    list_replies: Object.fromEntries(
      Object.entries(LIST_REPLIES).map(([what, fields]) =>
        [what, fieldTables(fields)] as const
      ),
    ),
  };
}

/** What the dissector knows of reliable UDP. Times in s. */
function udpChatTables(): LuaValue {
  return {
    port: UDPCHAT_PORT,
    header_bytes: DATAGRAM_LIMITS.header,
    deepest: DEEPEST,
    types: Object.fromEntries(
      [...UDPCHAT_TYPES].map((type) => [type, true] as const),
    ),
    lasts: REMEMBERED / 1_000,
    control_lasts: GIVE_UP_AFTER / 1_000,
  };
}

/** What the dissector knows of CP. */
function cpTables(): LuaValue {
  return {
    port: SCHEMES.cp.port,
    pdu_bytes: CP_LIMITS.pduBytes,
    commands: Object.fromEntries(
      Object.keys(CP_COMMANDS).map((name) => [name, true] as const),
    ),
    codes: new Map(
      Object.entries(CP_CODES).map(([code, { text }]) => [+code, text]),
    ),
  };
}

/** Everything that the dissector knows of the wires. */
export function dissectorTables(): LuaValue {
  return {
    port: CHATP_PORT,
    body_bytes: WIRE_LIMITS.bodyBytes,
    errors: errorTable(),
    ...chatProto1Tables(),
    ...chatProto2Tables(),
    cp: cpTables(),
    udpchat: udpChatTables(),
  };
}

/** Every state of a member in words. */
function memberStates(): ReadonlyMap<number, string> {
  const names = Object.entries(MEMBER_STATES);
  const all = names.reduce((sum, [, bit]) => sum | bit, 0);
  return new Map(
    Array.from({ length: all + 1 }, (_, state) => [
      state,
      names.filter(([, bit]) => (state & bit) !== 0)
        .map(([name]) => name).join(", ") || "none",
    ]),
  );
}
