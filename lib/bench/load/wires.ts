/**
 * The wires that a load can be put on.
 *
 * @module
 */

import { formatAddress, type ServerAddress, UserError } from "../../net/mod.ts";
import {
  parseWires,
  type StreamVariant,
  type Variant,
  VARIANTS,
} from "../variants.ts";

function takesLoad(variant: Variant): variant is StreamVariant {
  return variant.kind === "stream";
}

/**
 * The wires of `chatp bench load`: TCP connections on which the server tells by
 * itself what was said, so that what comes when is nobody's doing but its own.
 */
export const LOAD_WIRES: readonly StreamVariant[] = VARIANTS.filter(takesLoad);

const NAMES = LOAD_WIRES.map(({ wire }) => wire).join(", ");

/** What is measured when nothing is said: what `chatp connect` speaks. */
export const DEFAULT_LOAD_WIRE = "chatp2+tls";

/**
 * The wire that an address names.
 *
 * @throws {UserError} usage, when no load can be put on it.
 */
export function wireOf(address: ServerAddress): StreamVariant {
  const { wire, version, tls } = address;
  // JSON's first version is only the second without its codes.
  const base = wire === "chatproto" ? `chatp${version}` : wire;
  const found = LOAD_WIRES.find((each) =>
    each.wire === `${base}${tls ? "+tls" : ""}`
  );
  if (found !== undefined && (wire !== "json" || version === 2)) return found;
  throw new UserError(
    "usage",
    `There is no load for the wire of ${formatAddress(address)}`,
    {
      advice: `Give host and port alone, and --wires some of ${NAMES}`,
    },
  );
}

/**
 * The wires that a comma-separated list names, each once, in its order:
 * they are run in it.
 *
 * @throws {UserError} usage, when one is unknown, takes no load, or none is
 * named.
 */
export function parseLoadWires(list: string): readonly StreamVariant[] {
  const names = list.split(",").map((name) => name.trim());
  const other = VARIANTS.find((each) =>
    names.includes(each.wire) && !takesLoad(each)
  );
  if (other === undefined) {
    const found = parseWires(list, LOAD_WIRES);
    return found.toSorted((a, b) =>
      names.indexOf(a.wire) - names.indexOf(b.wire)
    );
  }
  throw new UserError(
    "usage",
    `There is no load over the wire "${other.wire}": it takes a TCP connection on which the server tells everything by itself`,
    { advice: `Name some of ${NAMES}, separated by commas` },
  );
}
