/**
 * What `chatp serve` is told of its limits.
 *
 * @module
 */

import { DEFAULT_LIMITS, LIMITS, type Limits } from "../lib/chat/mod.ts";
import { nearest } from "../lib/client/suggest.ts";
import { UserError } from "../lib/net/mod.ts";

/**
 * The limits that `--limit NAME=VALUE`, any number of them, leaves: those of the
 * table, but for the ones that were named.
 *
 * @throws {UserError} usage.
 */
export function limitsOf(settings: readonly string[] = []): Limits {
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(settings.map(setting)) };
}

function setting(text: string): [name: keyof Limits, value: number] {
  const [name = "", value = "", ...rest] = text.split("=");
  if (!isLimit(name)) {
    const meant = nearest(name, Object.keys(LIMITS));
    const guess = meant === undefined ? "" : `, did you mean ${meant}?`;
    throw new UserError("usage", `No limit is called "${name}"${guess}`, {
      advice: "See docs/limits.md for the names, such as in " +
        "--limit connections=20000",
    });
  }
  const number = Number(value);
  const isNumber = /^\d+$/.test(value) && Number.isSafeInteger(number);
  if (!isNumber || number < 1 || rest.length > 0) {
    throw new UserError(
      "usage",
      `--limit ${name} takes a whole number of ${LIMITS[name].unit} from 1 ` +
        `up, it says "${[value, ...rest].join("=")}"`,
      { advice: `Without it the limit is ${LIMITS[name].value}` },
    );
  }
  return [name, number];
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(LIMITS, name);
}
