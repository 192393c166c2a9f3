/**
 * Structural equality as `@std/assert` understands it, and the message that
 * shows where two values differ.
 */
import { isDeepStrictEqual } from "node:util";

/** True for values that are compared by identity alone. */
function isPrimitive(value: unknown): boolean {
  return value === null ||
    (typeof value !== "object" && typeof value !== "function");
}

function prototypesEqual(a: object, b: object): boolean {
  const [left, right] = [Object.getPrototypeOf(a), Object.getPrototypeOf(b)];
  return left === right || (left ?? Object.prototype) ===
      (right ?? Object.prototype);
}

/** Own keys, and those of the class: its getters show private state. */
function keysDeep(value: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  let level: object | null = value;
  while (
    level && level !== Object.prototype && level !== Array.prototype
  ) {
    for (const key of Reflect.ownKeys(level)) keys.add(key);
    level = Object.getPrototypeOf(level);
  }
  return keys;
}

/** Compares by what the runtime knows about a built-in, not by its keys. */
function builtInEqual(a: object, b: object): boolean | undefined {
  if (a instanceof Date) return Object.is(+a, +(b as Date));
  if (
    a instanceof RegExp || a instanceof URL || a instanceof URLSearchParams ||
    a instanceof Intl.Locale
  ) {
    return String(a) === String(b);
  }
  if (ArrayBuffer.isView(a) || a instanceof ArrayBuffer) {
    return isDeepStrictEqual(a, b);
  }
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a.constructor.name} instances`);
  }
  if (a instanceof WeakRef) {
    return equal(a.deref(), (b as WeakRef<WeakKey>).deref());
  }
  return undefined;
}

/** Whether two values have the same structure; `0` and `-0` count as equal. */
export function equal(left: unknown, right: unknown): boolean {
  const seen = new Map<unknown, unknown>();

  function entriesEqual(
    a: Map<unknown, unknown> | Set<unknown>,
    b: Map<unknown, unknown> | Set<unknown>,
  ): boolean {
    if (a.size !== b.size) return false;
    const rest = [...b.entries()];
    for (const [key, value] of a.entries()) {
      const index = rest.findIndex(([otherKey, otherValue]) =>
        compare(key, otherKey) && compare(value, otherValue)
      );
      if (index < 0) return false;
      rest.splice(index, 1);
    }
    return true;
  }

  function compare(a: unknown, b: unknown): boolean {
    if (a === b || Object.is(a, b)) return true;
    if (isPrimitive(a) || isPrimitive(b)) return false;
    if (typeof a !== "object" || typeof b !== "object" || !a || !b) {
      return false;
    }
    if (!prototypesEqual(a, b)) return false;
    const known = builtInEqual(a, b);
    if (known !== undefined) return known;
    if (seen.get(a) === b) return true;
    if (Object.keys(a).length !== Object.keys(b).length) return false;
    seen.set(a, b);
    if (a instanceof Map || a instanceof Set) {
      return entriesEqual(a, b as typeof a);
    }
    for (const key of keysDeep(a).union(keysDeep(b))) {
      if (key in a !== key in b) return false;
      if (!compare(Reflect.get(a, key), Reflect.get(b, key))) return false;
    }
    return true;
  }

  return compare(left, right);
}

/** A value as text, keys sorted, nothing left out. */
export function format(value: unknown): string {
  return Deno.inspect(value, {
    depth: Infinity,
    sorted: true,
    trailingComma: true,
    compact: false,
    iterableLimit: Infinity,
    getters: true,
    strAbbreviateSize: Infinity,
  });
}

/** The longest common subsequence of two lists of lines, as marked lines. */
function diffLines(actual: string[], expected: string[]): string[] {
  const width = expected.length + 1;
  // Beyond this the table costs more memory than a diff is worth.
  if (actual.length * width > 4_000_000) {
    return [
      ...actual.map((l) => `-   ${l}`),
      ...expected.map((l) => `+   ${l}`),
    ];
  }
  const common = new Uint32Array((actual.length + 1) * width);
  for (let i = actual.length - 1; i >= 0; i--) {
    for (let j = expected.length - 1; j >= 0; j--) {
      common[i * width + j] = actual[i] === expected[j]
        ? common[(i + 1) * width + j + 1]! + 1
        : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < actual.length || j < expected.length) {
    if (i < actual.length && j < expected.length && actual[i] === expected[j]) {
      lines.push(`    ${actual[i]}`);
      i++, j++;
    } else if (
      j >= expected.length || (i < actual.length &&
        common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      lines.push(`-   ${actual[i++]}`);
    } else {
      lines.push(`+   ${expected[j++]}`);
    }
  }
  return lines;
}

/** The difference of two values, line by line: `-` actual, `+` expected. */
export function diffMessage(actual: unknown, expected: unknown): string {
  const [left, right] = [format(actual), format(expected)];
  const lines = diffLines(left.split("\n"), right.split("\n"));
  return ["", "", "    [Diff] Actual / Expected", "", "", ...lines, ""].join(
    "\n",
  );
}
