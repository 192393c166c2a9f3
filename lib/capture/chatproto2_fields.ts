/**
 * Fields of a frame of ChatProto 2 by the tables of its frames
 * (docs/chatproto2.md, "Frames of the client", "Frames of the server").
 *
 * @module
 */

import {
  ENTRY_FLAGS,
  type FieldReader,
  FRAME_FLAGS,
  type FrameField,
  HANDLE_KINDS,
  MEMBER_STATES,
  type TextCode,
} from "../wire/mod.ts";
import { readText } from "../wire/chatproto2/message_text.ts";
import type { FieldItem, FieldValue } from "./frame.ts";

/** The fields of a frame, or of an item of a list in it. */
export interface ReadFields {
  /** In their order; what nobody should read is `***`. */
  readonly fields: Record<string, FieldValue>;
  /** Rooms and people by their handles, by the names of the fields. */
  readonly handles: Record<string, number>;
}

/** What reading fields takes. */
export interface FieldSource {
  readonly reader: FieldReader;
  /** Undefined: coded texts were not agreed upon. */
  readonly textCode: TextCode | undefined;
}

/** Numbers that stand for rooms and people. */
const HANDLES: ReadonlySet<string> = new Set(["room", "sender", "user"]);

/** What lets somebody in who reads it. */
const SECRETS: ReadonlySet<string> = new Set([
  "password",
  "old",
  "new",
  "token",
]);

/** Numbers of an item whose bits say what else it has. */
const ITEM_BITS: ReadonlySet<string> = new Set(["flags", "state"]);

const ITEM_FLAGS = {
  coded: FRAME_FLAGS.coded,
  encrypted: FRAME_FLAGS.encrypted,
  direct: ENTRY_FLAGS.direct,
};

/** A field's name as it stands in a line: `room name` is `room_name`. */
export function fieldKey(name: string): string {
  return name.replaceAll(" ", "_");
}

/** The key of a list: `users` of `user`, `items` of what has several fields. */
export function listKey({ of = [] }: FrameField): string {
  const [first, second] = of;
  if (first === undefined || second !== undefined) return "items";
  return `${fieldKey(first.name)}s`;
}

/** The names of the flags that are set. */
export function flagNames(
  flags: number,
  names: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(names)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}

function textValue(
  bytes: Uint8Array,
  flags: number,
  code: TextCode | undefined,
): string {
  const text = readText(bytes, flags, code);
  return typeof text === "string" ? text : `<${text.length} bytes>`;
}

/** A number by what it means. */
function numberValue(name: string, value: number): string | number {
  switch (name) {
    case "what":
      return HANDLE_KINDS[value] ?? value;
    case "state":
      return flagNames(value, MEMBER_STATES).join(",");
    case "flags":
      return flagNames(value, ITEM_FLAGS).join(",");
  }
  return value;
}

/**
 * Reads fields, those that their flags say are there.
 *
 * @throws {RemoteProtocolError} 400 or 413, not fatal.
 */
export function readFields(
  { reader, textCode }: FieldSource,
  rows: readonly FrameField[],
  frameFlags: number,
): ReadFields {
  const fields: Record<string, FieldValue> = {};
  const handles: Record<string, number> = {};
  let flags = frameFlags;
  let isEntry = false;
  for (const row of rows) {
    if (row.flag !== undefined && (flags & row.flag) === 0) continue;
    const key = fieldKey(row.name);
    if (row.as === "list") {
      fields[listKey(row)] = readList({ reader, textCode }, row.of ?? []);
    } else if (row.as === "number") {
      const value = reader.number(row.name);
      if (HANDLES.has(row.name)) handles[key] = value;
      else fields[key] = numberValue(row.name, value);
      if (ITEM_BITS.has(row.name)) flags = value;
      isEntry ||= row.name === "flags";
    } else if (row.as === "rest" || (isEntry && row.name === "text")) {
      const bytes = row.as === "rest" ? reader.rest() : reader.bytes(row.name);
      fields[key] = textValue(bytes, flags, textCode);
    } else if (row.as === "bytes") {
      fields[key] = `<${reader.bytes(row.name).length} bytes>`;
    } else {
      const value = reader.string(row.name);
      fields[key] = SECRETS.has(row.name) ? "***" : value;
    }
  }
  return { fields, handles };
}

function readList(
  source: FieldSource,
  of: readonly FrameField[],
): readonly (string | number)[] | readonly FieldItem[] {
  const items = source.reader.list((): FieldItem => {
    const { fields, handles } = readFields(source, of, 0);
    const numbers = Object.entries(handles).map(([key, handle]) =>
      [key in fields ? `${key}_handle` : key, handle] as const
    );
    // A list is told with its handles: that is what it is for.
    return { ...Object.fromEntries(numbers), ...fields as FieldItem };
  });
  if (of.length !== 1) return items;
  return items.map((item) => Object.values(item)[0] as string | number);
}
