/**
 * The number by which two people compare their keys by voice
 * (docs/end_to_end.md, "The safety number").
 *
 * @module
 */

import { fingerprintBytes } from "../net/mod.ts";
import { userKey } from "./user_key.ts";

/** Digits, in groups of five. */
const DIGITS = 40;

/**
 * Rounds of PBKDF2. Who stands in between looks for two keys of their own that
 * give both sides the same number, and has to make so many for each try.
 */
const ROUNDS = 131_072;

const encoder = new TextEncoder();

/** Somebody's name and the fingerprint of their key, `AA:BB:…`. */
export interface KeyOwner {
  readonly name: string;
  readonly fingerprint: string;
}

/**
 * Forty digits in groups of five, the same whoever of the two makes them:
 * PBKDF2-HMAC-SHA-256 of `fingerprint name`, a line each, sorted.
 *
 * @throws {TypeError} when a fingerprint is none.
 * @throws {SecretError} bad_name.
 */
export async function safetyNumber(
  one: KeyOwner,
  other: KeyOwner,
): Promise<string> {
  const lines = [line(one), line(other)].sort();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(lines.join("")),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const bits = await crypto.subtle.deriveBits(
    {
      name: "PBKDF2",
      hash: "SHA-256",
      salt: encoder.encode("chatp safety number 1"),
      iterations: ROUNDS,
    },
    key,
    256,
  );
  const number = BigInt(`0x${new Uint8Array(bits).toHex()}`);
  const digits = (number % 10n ** BigInt(DIGITS)).toString()
    .padStart(DIGITS, "0");
  return (digits.match(/.{5}/g) ?? []).join(" ");
}

function line({ name, fingerprint }: KeyOwner): string {
  const bytes = fingerprintBytes(fingerprint);
  if (bytes === undefined) {
    throw new TypeError(`"${fingerprint}" is not a SHA-256 fingerprint`);
  }
  return `${bytes.toHex()} ${userKey(name)}\n`;
}
