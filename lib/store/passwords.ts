/**
 * How a password is kept and checked: PBKDF2 with HMAC-SHA-256 (RFC 8018,
 * section 5.2) over its NFC form in UTF-8, with a random salt for each account.
 *
 * A check MUST take the same work whether there is an account or not, or the
 * time of an answer would tell which names have one. The work is done on a
 * thread of WebCrypto's, so that nobody waits whose password isn't checked.
 *
 * @module
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { Verifier } from "../chat/state.ts";

/** Rounds of PBKDF2 for a password that is set now. */
export const PASSWORD_ROUNDS = 600_000;

/** Bytes of UTF-8 that a password has at most, as it was typed. */
export const PASSWORD_BYTES = 1_024;

/** A stored count above this is damage: it would take a thread for seconds. */
const MOST_ROUNDS = 10_000_000;

/** Bytes of salt (RFC 8018, section 4.1 asks for 8 at least) and of hash. */
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** What nobody's password matches; its work is that of a new account. */
const NOBODY: Verifier = {
  rounds: PASSWORD_ROUNDS,
  salt: new Uint8Array(SALT_BYTES),
  hash: new Uint8Array(HASH_BYTES),
};

/**
 * Makes what is kept of a password: 600,000 rounds, a salt of 16 random bytes,
 * a hash of 32 bytes.
 *
 * @throws {RangeError} when it isn't well-formed text of 1 to 1,024 bytes of
 * UTF-8; the message doesn't have it.
 */
export async function hashPassword(password: string): Promise<Verifier> {
  const bytes = passwordBytes(password);
  if (bytes === undefined) {
    throw new RangeError(
      `A password is text of 1 to ${PASSWORD_BYTES} bytes of UTF-8`,
    );
  }
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await derive(bytes, salt, PASSWORD_ROUNDS);
  return { rounds: PASSWORD_ROUNDS, salt, hash };
}

/**
 * Whether this is the password of a verifier. Without one (nobody has that
 * name) it takes the same work and answers false. False without any work when
 * no account can have such a password: empty, more than 1,024 bytes of UTF-8,
 * or no well-formed text. A verifier that {@link hashPassword} can't have made
 * (damage) matches nothing. Never rejects.
 */
export async function verifyPassword(
  password: string,
  verifier: Verifier | undefined,
): Promise<boolean> {
  const bytes = passwordBytes(password);
  if (bytes === undefined) return false;
  const known = verifier !== undefined && isSound(verifier);
  const { rounds, salt, hash } = known ? verifier : NOBODY;
  const equal = timingSafeEqual(await derive(bytes, salt, rounds), hash);
  return equal && known;
}

/** A password as it is hashed, or undefined when nobody can have it. */
function passwordBytes(
  password: string,
): Uint8Array<ArrayBuffer> | undefined {
  const encoder = new TextEncoder();
  // Before anything looks at each character: the sender chose the length.
  if (password === "" || password.length > PASSWORD_BYTES) return undefined;
  if (encoder.encode(password).length > PASSWORD_BYTES) return undefined;
  // Every lone surrogate would be the same U+FFFD.
  if (!password.isWellFormed()) return undefined;
  return encoder.encode(password.normalize("NFC"));
}

function isSound({ rounds, salt, hash }: Verifier): boolean {
  return Number.isSafeInteger(rounds) && rounds >= 1 &&
    rounds <= MOST_ROUNDS && salt.length === SALT_BYTES &&
    hash.length === HASH_BYTES;
}

async function derive(
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    {
      name: "PBKDF2",
      hash: "SHA-256",
      salt: Uint8Array.from(salt),
      iterations,
    },
    key,
    HASH_BYTES * 8,
  );
  return new Uint8Array(bits);
}
