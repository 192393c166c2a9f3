/**
 * Values as Lua source.
 *
 * @module
 */

/** What can be written as Lua. */
export type LuaValue =
  | string
  | number
  | boolean
  | readonly LuaValue[]
  | ReadonlyMap<number, LuaValue>
  | { readonly [key: string]: LuaValue | undefined };

/** A table that fits is a line. */
const MOST_CHARACTERS = 60;

function luaString(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) {
    throw new TypeError(`No ASCII: ${JSON.stringify(text)}`);
  }
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/**
 * A value as Lua source: a list as a table from 1, a map by its numbers, an
 * object by its keys without those that are undefined.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { luaSource } from "./lua_value.ts";
 *
 * assertEquals(luaSource({ a: [1, "b"] }), '{ ["a"] = { 1, "b" } }');
 * ```
 */
export function luaSource(value: LuaValue, indent = ""): string {
  if (typeof value === "string") return luaString(value);
  if (typeof value !== "object") return String(value);
  const inner = `${indent}  `;
  const rows = value instanceof Map
    ? [...value].map(([key, one]) => `[${key}] = ${luaSource(one, inner)}`)
    : Array.isArray(value)
    ? value.map((one: LuaValue) => luaSource(one, inner))
    : Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => `[${luaString(key)}] = ${luaSource(one, inner)}`);
  const line = rows.length === 0 ? "{}" : `{ ${rows.join(", ")} }`;
  if (indent.length + line.length <= MOST_CHARACTERS && !line.includes("\n")) {
    return line;
  }
  return `{\n${rows.map((row) => `${inner}${row},\n`).join("")}${indent}}`;
}
