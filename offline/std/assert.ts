/**
 * Stand-in for `@std/assert`: the assertions that the tests use, with the
 * package's signatures and messages. Each throws an {@linkcode AssertionError}.
 */
import { diffMessage, equal, format } from "./assert_equal.ts";
export { assertObjectMatch } from "./assert_match.ts";

// deno-lint-ignore no-explicit-any -- a class of any arguments
type Class<T> = abstract new (...args: any[]) => T;

/** What a failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** `: message` or a full stop, the end of every message. */
function ending(msg?: string): string {
  return msg ? `: ${msg}` : ".";
}

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless the two have the same structure. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${ending(msg)}\n${diffMessage(actual, expected)}`,
  );
}

/** Fails if the two have the same structure. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${format(actual)} not to be: ${format(expected)}${
      ending(msg)
    }`,
  );
}

/** Fails if the two are the same by `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(
    `Expected "actual" to not be strictly equal to: ${format(actual)}${
      ending(msg)
    }\n`,
  );
}

/** Fails unless the two are the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    format(actual) === format(expected)
      ? `Values have the same structure but are not reference-equal${
        ending(msg)
      }\n\n${format(actual)}\n`
      : `Values are not strictly equal${ending(msg)}\n${
        diffMessage(actual, expected)
      }`,
  );
}

/** Fails unless `error` is of the class and its message has the text. */
function checkError(
  error: unknown,
  ErrorClass: Class<Error>,
  msgIncludes: string | undefined,
  msg: string | undefined,
): void {
  if (!(error instanceof ErrorClass)) {
    const found = (error as Error)?.constructor?.name ?? typeof error;
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${found}"${
        ending(msg)
      }`,
      { cause: error },
    );
  }
  if (msgIncludes !== undefined && !error.message.includes(msgIncludes)) {
    throw new AssertionError(
      `Expected error message to include ${format(msgIncludes)}, but got ${
        format(error.message)
      }${ending(msg)}`,
      { cause: error },
    );
  }
}

/** The three optional arguments of `assertThrows` and `assertRejects`. */
function expectation(
  first?: Class<Error> | string,
  second?: string,
  third?: string,
): { ErrorClass?: Class<Error>; includes?: string; msg?: string } {
  if (typeof first === "string") return { msg: first };
  return {
    ...(first && { ErrorClass: first }),
    ...(second !== undefined && { includes: second }),
    ...(third !== undefined && { msg: third }),
  };
}

/** Fails unless `fn` throws; gives back what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  first?: Class<Error> | string,
  second?: string,
  third?: string,
): unknown {
  const { ErrorClass, includes, msg } = expectation(first, second, third);
  try {
    fn();
  } catch (error) {
    if (ErrorClass) {
      if (!(error instanceof Error)) {
        throw new AssertionError(`A non-Error object was thrown${ending(msg)}`);
      }
      checkError(error, ErrorClass, includes, msg);
    }
    return error;
  }
  throw new AssertionError(`Expected function to throw${ending(msg)}`);
}

/** Fails unless the promise that `fn` makes rejects; resolves to the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  first?: Class<Error> | string,
  second?: string,
  third?: string,
): Promise<unknown> {
  const { ErrorClass, includes, msg } = expectation(first, second, third);
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch { /* said below: throwing is not rejecting */ }
  if (typeof promise?.then !== "function") {
    throw new AssertionError(
      `Function throws when expected to reject${ending(msg)}`,
    );
  }
  try {
    await promise;
  } catch (error) {
    if (ErrorClass) {
      if (!(error instanceof Error)) {
        throw new AssertionError(
          `A non-Error object was rejected${ending(msg)}`,
        );
      }
      checkError(error, ErrorClass, includes, msg);
    }
    return error;
  }
  throw new AssertionError(`Expected function to reject${ending(msg)}`);
}

/** Fails unless the text matches. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to match: "${expected}"${ending(msg)}`,
  );
}

/** Fails unless the text contains the other. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to contain: "${expected}"${ending(msg)}`,
  );
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any -- a class of any arguments
  T extends abstract new (...args: any[]) => any,
>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const found = typeof actual === "object"
    ? actual?.constructor?.name ?? `${actual}`
    : typeof actual;
  throw new AssertionError(
    `Expected object to be an instance of "${expectedType.name}" but was "${found}"${
      ending(msg)
    }`,
  );
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(
    msg ?? `Expect ${format(actual)} > ${format(expected)}`,
  );
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual >= expected) return;
  throw new AssertionError(
    msg ?? `Expect ${format(actual)} >= ${format(expected)}`,
  );
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(
    msg ?? `Expect ${format(actual)} < ${format(expected)}`,
  );
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual <= expected) return;
  throw new AssertionError(
    msg ?? `Expect ${format(actual)} <= ${format(expected)}`,
  );
}

/** Fails for `null` and `undefined`. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to not be null or undefined${ending(msg)}`,
  );
}

/** Fails unless every expected element is among the actual ones. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T> & object,
  expected: ArrayLike<T> & object,
  msg?: string,
): void {
  const present = Array.from(actual);
  const missing = Array.from(expected)
    .filter((item) => !present.some((other) => equal(item, other)));
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: "${format(actual)}" to include: "${format(expected)}"${
      ending(msg)
    }\nmissing: ${format(missing)}`,
  );
}

/** Fails unless the numbers are within `tolerance` (default: 1e-7, relative). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  if (delta <= tolerance) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to be close to "${expected}": delta "${delta}" is greater than "${tolerance}"${
      ending(msg)
    }`,
  );
}

/** Fails always. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${ending(msg)}`);
}

/** Fails always: marks a place that no run may reach. */
export function unreachable(msg?: string): never {
  throw new AssertionError(`Unreachable${ending(msg)}`);
}
