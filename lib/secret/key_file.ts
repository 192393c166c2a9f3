/**
 * One's own keys out of a file (docs/end_to_end.md, "Keys").
 *
 * @module
 */

import { readPrivateKey, UserError } from "../net/mod.ts";
import { importOwnKeys, type OwnKeys } from "./keys.ts";
import { SecretError } from "./secret_error.ts";

/** One's own keys, and what their owner should know of the file. */
export interface KeyFile {
  readonly keys: OwnKeys;
  readonly warnings: readonly string[];
}

/**
 * Reads one's own keys: PEM, PKCS#8 or PKCS#1, not encrypted.
 *
 * @throws {UserError} file_unreadable; bad_certificate_file, also for a key that
 * secret messages can't be sealed with.
 */
export async function loadOwnKeys(file: string): Promise<KeyFile> {
  const { key, warnings } = await readPrivateKey(file);
  try {
    return { keys: await importOwnKeys(key), warnings };
  } catch (cause) {
    if (!(cause instanceof SecretError)) throw cause;
    throw new UserError("bad_certificate_file", `${file}: ${cause.message}`, {
      advice: "Make a pair with chatp keys new NAME",
      cause,
    });
  }
}
