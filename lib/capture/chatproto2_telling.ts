/**
 * What a frame of ChatProto 2 says, with what it means in its place
 * (docs/chatproto2.md).
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import { FRAME_FLAGS, type FrameRow, SERVER_KINDS } from "../wire/mod.ts";
import type { CutFrame } from "./chatproto2_cutter.ts";
import {
  fieldKey,
  type FieldSource,
  flagNames,
  type ReadFields,
  readFields,
} from "./chatproto2_fields.ts";
import type { ChatProto2Session, ReadFrame } from "./chatproto2_session.ts";
import type { FieldValue, Frame } from "./frame.ts";

/** What a frame has to say. */
export type Told = Pick<Frame, "fields" | "flags" | "handles" | "error">;

/** The flags that are set, in lower case; an unknown one by its bit. */
export function shownFlags(
  flags: number,
  names: Readonly<Record<string, number>>,
): string[] {
  const known = Object.values(names).reduce((all, bit) => all | bit, 0);
  const shown = flagNames(flags, names)
    .map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`))
    .map((name) => name.toLowerCase());
  for (let bit = 1; bit <= flags; bit *= 2) {
    if ((flags & ~known & bit) !== 0) shown.push(`flag_${bit}`);
  }
  return shown;
}

/** The flags of a frame which say more than that a field is there. */
function ownFlags({ flags, fields }: FrameRow): Record<string, number> {
  const guards = new Set(fields.map(({ flag }) => flag));
  return Object.fromEntries(
    Object.entries(flags).filter(([, bit]) => !guards.has(bit)),
  );
}

/** The bits that say that a field is there. */
function guardBits({ fields }: FrameRow): number {
  return fields.reduce((all, { flag = 0 }) => all | flag, 0);
}

/**
 * Reads a frame whose kind is known, and lets the session know what it says.
 *
 * @throws {RemoteProtocolError} 400 or 413, not fatal.
 */
export function tellFrame(
  session: ChatProto2Session,
  direction: Direction,
  { row, flags, reader }: CutFrame,
): Told {
  if (row === undefined) return { fields: {}, flags: [] };
  const source = { reader, textCode: session.textCode };
  const number = numbered(row, flags, source);
  if (number !== undefined && direction === "up") {
    // Whatever becomes of it, a reply will have its number.
    session.ask(number, row, flags);
  }
  const read = readRest(session, direction, row, source, flags);
  const asked = direction === "up" || number === undefined
    ? undefined
    : readReply(session, number, source, { row, flags, ...read });
  const frame = { row, flags, ...read };
  const meaning = direction === "up"
    ? session.request(frame)
    : session.event(frame);
  const { room, sequence, error } = meaning;
  return {
    fields: {
      ...number !== undefined && { n: number },
      ...asked !== undefined && { to: asked },
      ...room !== undefined && { room: session.named(room) },
      ...sequence !== undefined && { sequence },
      ...shownFields(session, frame),
    },
    flags: shownFlags(flags & ~guardBits(row), ownFlags(row)),
    ...handlesOf(read, room),
    ...error !== undefined && { error },
  };
}

/** All fields but the request number. */
function readRest(
  session: ChatProto2Session,
  direction: Direction,
  row: FrameRow,
  source: FieldSource,
  flags: number,
): ReadFields {
  const rest = row.fields.filter(({ name }) => name !== "n");
  try {
    return readFields(source, rest, flags);
  } catch (error) {
    // It is the next of its room even if nobody can read it.
    if (direction === "down" && row.kind === SERVER_KINDS.message) {
      session.event({ row, flags, fields: {}, handles: {} });
    }
    throw error;
  }
}

function numbered(
  { fields: [first] }: FrameRow,
  flags: number,
  { reader }: FieldSource,
): number | undefined {
  if (first?.name !== "n") return undefined;
  return (flags & FRAME_FLAGS.number) === 0 ? 0 : reader.number(first.name);
}

/** Adds what a REPLY says; answers what it is to, where that says more. */
function readReply(
  session: ChatProto2Session,
  number: number,
  source: FieldSource,
  { row, flags, fields, handles }: ReadFrame,
): string | undefined {
  const asked = session.asked(number);
  session.answered(number);
  if (row.kind === SERVER_KINDS.reply) {
    if (asked === undefined) {
      const { length } = source.reader.rest();
      fields["body"] = `<${length} bytes>`;
      return undefined;
    }
    const more = readFields(source, asked.reply, flags);
    Object.assign(fields, more.fields);
    Object.assign(handles, more.handles);
  } else if (row.kind !== SERVER_KINDS.refused) return undefined;
  return asked?.row.name.toLowerCase();
}

/** A frame's fields in their order, rooms and people by name. */
function shownFields(
  session: ChatProto2Session,
  { row, fields, handles }: ReadFrame,
): Record<string, FieldValue> {
  const shown: Record<string, FieldValue> = {};
  for (const { name } of row.fields) {
    const key = fieldKey(name);
    const handle = handles[key];
    if (handle !== undefined) shown[key] = session.named(handle);
  }
  return { ...shown, ...fields };
}

function handlesOf(
  { handles }: ReadFields,
  room: number | undefined,
): Pick<Told, "handles"> {
  const all = { ...room !== undefined && { room }, ...handles };
  return Object.keys(all).length === 0 ? {} : { handles: all };
}
