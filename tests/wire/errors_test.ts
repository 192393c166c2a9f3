import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  ERROR_CODES,
  type ErrorCode,
  errorCodeOf,
  errorText,
  isErrorCode,
  RemoteProtocolError,
} from "../../lib/wire/mod.ts";

const CODES = Object.keys(ERROR_CODES).map(Number) as ErrorCode[];

Deno.test("a remote error carries the reply that it is due", () => {
  const error = new RemoteProtocolError(404, "nobody is", { fatal: false });
  assertStrictEquals(error.message, "Not found: nobody is");
  assertEquals([error.code, error.fatal], [404, false]);
  assertStrictEquals(error.hint, ERROR_CODES[404].hint);
  assert(error instanceof Error && error.name === "RemoteProtocolError");
  const other = new RemoteProtocolError(503, "full", {
    fatal: true,
    hint: "!",
  });
  assertEquals([other.fatal, other.hint], [true, "!"]);
});

Deno.test("an error's code is told by its text", () => {
  for (const code of CODES) {
    assertStrictEquals(errorCodeOf(errorText(code, "so")), code);
  }
  for (const text of ["", "Not found", "not found: x", "I: Malformed: x"]) {
    assertStrictEquals(errorCodeOf(text), undefined);
  }
});

Deno.test("titles and hints are sentences of their own", () => {
  for (const { title, hint } of Object.values(ERROR_CODES)) {
    for (const text of [title, hint]) {
      assert(/^[A-Z].*[^.]$/.test(text) && !text.includes(":"), text);
    }
  }
});

Deno.test("only the codes of the table are codes", () => {
  assert(CODES.every(isErrorCode));
  for (const code of [0, -1, 200, 402, 404.5, NaN]) assert(!isErrorCode(code));
});
