/**
 * Names as secret messages know people by.
 *
 * @module
 */

import { parseUsername, RemoteProtocolError } from "../wire/mod.ts";
import { SecretError } from "./secret_error.ts";

/**
 * A user's folded name. Names come from servers: this MUST stand in front of
 * whatever folds them, compares them or writes them down.
 *
 * @throws {SecretError} bad_name.
 */
export function userKey(name: string): string {
  try {
    return parseUsername(name).key;
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    throw new SecretError("bad_name", error.detail);
  }
}
