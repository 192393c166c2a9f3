/**
 * Our own dissection of a frame in the words of the dissector in Lua, so that
 * the two can be compared.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { FieldItem, FieldValue, Frame } from "../../lib/capture/mod.ts";
import {
  HANDLE_KINDS,
  MEMBER_STATES,
  MESSAGES,
  WIRE_LIMITS,
} from "../../lib/wire/mod.ts";
import { expandText } from "../../lib/wire/text_code/text_code.ts";
import type { Dissected } from "./tshark.ts";

/** The only value of a field. */
function only({ fields }: Dissected, name: string): string {
  const values = fields.get(name) ?? [];
  assertEquals(values.length, 1, `${name}: ${values.join(", ")}`);
  return values[0] as string;
}

/** A value in the numbers of the wire. */
function onWire(name: string, value: string | number): string {
  if (name === "what") {
    return String(HANDLE_KINDS.findIndex((kind) => kind === value));
  }
  if (name !== "state") return String(value);
  const bits = Object.entries(MEMBER_STATES)
    .filter(([state]) => String(value).split(",").includes(state));
  return String(bits.reduce((sum, [, bit]) => sum + bit, 0));
}

/** Adds a field's values, those of lists one by one. */
function collect(
  into: Map<string, string[]>,
  name: string,
  value: FieldValue,
): void {
  const add = (key: string, one: string | number) =>
    into.set(key, [...into.get(key) ?? [], onWire(key, one)]);
  if (typeof value === "string" || typeof value === "number") {
    return void add(name, value);
  }
  for (const item of value as readonly (string | number | FieldItem)[]) {
    if (typeof item !== "object") {
      add(name.replace(/s$/, ""), item);
      continue;
    }
    for (const [key, one] of Object.entries(item)) {
      // Not as UTF-8, so under another name.
      if (key === "text" && /coded|encrypted/.test(`${item["flags"]}`)) {
        continue;
      }
      const number = typeof one === "number" &&
        /^(room|sender|user)$/.test(key);
      add(number ? `${key}_handle` : key, one);
    }
  }
}

/** What both make of a text, by the form that it has. */
function compareTexts(frame: Frame, found: Dissected, prefix: string): void {
  const { text } = frame.fields;
  if (frame.flags.includes("encrypted")) {
    const [hex] = found.fields.get(`${prefix}ciphertext`) ?? [];
    assertEquals(`<${hex?.split(":").length ?? 0} bytes>`, text);
  } else if (frame.flags.includes("coded")) {
    const hex = only(found, `${prefix}coded_text`).replaceAll(":", "");
    const bytes = Uint8Array.fromHex(hex);
    assertEquals(expandText(bytes, WIRE_LIMITS.textBytes), text);
    assertEquals(only(found, `${prefix}text_length`), `${bytes.length}`);
  } else assertEquals(only(found, `${prefix}text`), text);
}

/** Compares a frame of ChatProto 1.0. */
function compare1(frame: Frame, found: Dissected): void {
  const { type, bytes, fields, flags } = frame;
  const { code } = MESSAGES[type as keyof typeof MESSAGES];
  assertEquals(Number(only(found, "chatp.type")), code);
  assertEquals(Number(only(found, "chatp.length")), bytes - 9);
  for (const flag of ["history", "encrypted"]) {
    const set = Number(only(found, `chatp.flags.${flag}`)) === 1;
    assertEquals(set, flags.includes(flag), flag);
  }
  for (const [name, value] of Object.entries(fields)) {
    if (name === "text") compareTexts(frame, found, "chatp.");
    else if (name === "password") assert(found.fields.has("chatp.password"));
    else {
      const values = [value].flat().map(String);
      assertEquals(found.fields.get(`chatp.${name}`) ?? [], values, name);
    }
  }
}

const SECRETS = ["password", "old", "new", "token"];

/** Compares a frame of ChatProto 2. */
function compare2(frame: Frame, found: Dissected): void {
  const { type, fields, flags, handles = {} } = frame;
  assertEquals(only(found, "chatp2.kind"), type);
  const expected = new Map<string, string[]>();
  for (const [name, handle] of Object.entries(handles)) {
    collect(expected, `${name}_handle`, handle);
  }
  for (const [name, value] of Object.entries(fields)) {
    const isUnknown = name in handles && /^#\d+$/.test(String(value));
    if (isUnknown) assert(!found.fields.has(`chatp2.${name}`), name);
    else if (SECRETS.includes(name)) only(found, `chatp2.${name}`);
    else if (name === "key") {
      const length = only(found, "chatp2.key").split(":").length;
      assertEquals(`<${length} bytes>`, value);
    } else if (name === "text" && found.fields.has("chatp2.text_length")) {
      compareTexts(frame, found, "chatp2.");
    } else collect(expected, name, value);
  }
  // Its names are told one by one.
  expected.delete("flags");
  for (const [name, values] of expected) {
    assertEquals(found.fields.get(`chatp2.${name}`) ?? [], values, name);
  }
  const place = type === "preface" ? "features" : "flags";
  for (const flag of flags) {
    assert(only(found, `chatp2.${place}.${flag}`).match(/^(1|True)$/), flag);
  }
}

/** Compares what both made of a capture, frame by frame, field by field. */
export function compare(
  frames: readonly Frame[],
  found: readonly Dissected[],
): void {
  const shape = ({ wire, bytes }: { wire: string; bytes: number }) =>
    `${wire} ${bytes}`;
  assertEquals(
    found.map(({ protocol, bytes }) =>
      shape({ wire: protocol === "chatp" ? "chatp1" : protocol, bytes })
    ),
    frames.map(shape),
  );
  for (const [index, frame] of frames.entries()) {
    const one = found[index] as Dissected;
    if (one.protocol === "chatp") compare1(frame, one);
    else compare2(frame, one);
  }
}
