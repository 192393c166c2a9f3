/** `assertObjectMatch`: the part of an object that a pattern speaks about. */
import { assertEquals } from "./assert.ts";

type Loose = Record<PropertyKey, unknown>;

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null;
}

/** `actual` cut down to what `pattern` names, at every depth. */
function pick(
  actual: unknown,
  pattern: unknown,
  seen: Map<unknown, unknown>,
): unknown {
  if (!isObject(actual) || !isObject(pattern)) return actual;
  if (actual instanceof RegExp || actual instanceof Date) return actual;
  if (seen.has(actual)) return seen.get(actual);
  if (actual instanceof Map && pattern instanceof Map) {
    const found = [...actual].filter(([key]) => pattern.has(key));
    return new Map(
      found.map(([key, value]) => [key, pick(value, pattern.get(key), seen)]),
    );
  }
  if (actual instanceof Set && pattern instanceof Set) {
    return actual.intersection(pattern);
  }
  if (Array.isArray(actual) && Array.isArray(pattern)) {
    return actual.slice(0, pattern.length)
      .map((value, index) => pick(value, pattern[index], seen));
  }
  const picked: Loose = {};
  seen.set(actual, picked);
  for (const key of Reflect.ownKeys(pattern)) {
    if (key in actual) picked[key] = pick(actual[key], pattern[key], seen);
  }
  return picked;
}

/**
 * Checks that `actual` has everything that `expected` has.
 *
 * @throws {AssertionError} naming what is missing or different
 */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- any object, as the package declares it
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(
    pick(actual, expected, new Map()),
    pick(expected, expected, new Map()),
    msg,
  );
}
