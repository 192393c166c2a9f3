/**
 * The arithmetic of passwords and tokens, as a server takes it.
 *
 * @module
 */

import { hashPassword, verifyPassword } from "./passwords.ts";
import { newToken, tokenDigest } from "./tokens.ts";

/** All of it. */
export const SECRETS = {
  hashPassword,
  verifyPassword,
  newToken,
  tokenDigest,
} as const;
