/**
 * The token that resumes a session. The client has the token, the store its
 * digest alone: who reads the file can't resume anything with it. A token has
 * too many random bits to be guessed, so one plain SHA-256 is enough.
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";

/** Random bits that nobody guesses: 192, and base64url without padding. */
const TOKEN_BYTES = 24;

/** A token that is given out, and what is kept of it. */
export interface Token {
  /** 32 characters of base64url (RFC 4648, section 5). */
  readonly token: string;
  /** SHA-256 of the token's characters, hex: 64 characters. */
  readonly digest: string;
}

/** Makes a token that was never given before. */
export function newToken(): Token {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, digest: tokenDigest(token) };
}

/** What is kept of a token; of any text, since a client may send any. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}
