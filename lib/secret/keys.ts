/**
 * The keys of secret messages: RSA, 2,048 to 4,096 bits, one pair for both
 * RSA-OAEP and RSA-PSS (docs/end_to_end.md, "Keys").
 *
 * @module
 */

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { formatFingerprint } from "../net/mod.ts";
import {
  checkPublicKey,
  PUBLIC_KEY_BITS,
  RemoteProtocolError,
} from "../wire/mod.ts";
import { SecretError } from "./secret_error.ts";

/** How the key of a message is encrypted. */
const OAEP = { name: "RSA-OAEP", hash: "SHA-256" } as const;

/** How a message is signed. */
const PSS = { name: "RSA-PSS", hash: "SHA-256" } as const;

/** Somebody's public key. */
export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `der`, 32 bytes. */
  readonly digest: Uint8Array<ArrayBuffer>;
  /** The same as text, `AA:BB:…`. */
  readonly fingerprint: string;
  /** Bytes of a key block, and of a signature. */
  readonly size: number;
  /** RSA-OAEP with SHA-256. */
  readonly encryption: CryptoKey;
  /** RSA-PSS with SHA-256. */
  readonly verification: CryptoKey;
}

/** One's own keys. What is secret in it can't be exported again. */
export interface OwnKeys {
  readonly public: PublicKey;
  /** RSA-OAEP with SHA-256. */
  readonly decryption: CryptoKey;
  /** RSA-PSS with SHA-256. */
  readonly signing: CryptoKey;
}

/**
 * A public key out of its bytes.
 *
 * @throws {SecretError} bad_key.
 */
export async function importPublicKey(bytes: Uint8Array): Promise<PublicKey> {
  let bits: number;
  try {
    bits = checkPublicKey(bytes);
  } catch (error) {
    if (!(error instanceof RemoteProtocolError)) throw error;
    throw new SecretError("bad_key", error.detail);
  }
  const der = Uint8Array.from(bytes);
  const digest = Uint8Array.from(createHash("sha256").update(der).digest());
  const { subtle } = crypto;
  try {
    return {
      der,
      digest,
      fingerprint: formatFingerprint(digest),
      size: bits / 8,
      encryption: await subtle.importKey("spki", der, OAEP, true, ["encrypt"]),
      verification: await subtle.importKey("spki", der, PSS, true, ["verify"]),
    };
  } catch (cause) {
    throw new SecretError("bad_key", "it is damaged", { cause });
  }
}

/**
 * One's own keys out of a private key.
 *
 * @throws {SecretError} bad_key when it is none, or no such RSA key.
 */
export async function importOwnKeys(key: KeyObject): Promise<OwnKeys> {
  const kind = key.asymmetricKeyType ?? key.type;
  if (key.type !== "private" || kind !== "rsa") {
    const found = key.type === "public" ? "a public key" : kind;
    throw new SecretError(
      "bad_key",
      `a private RSA key was expected, this is ${found}`,
    );
  }
  const { least, most } = PUBLIC_KEY_BITS;
  const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (
    modulusLength < least || modulusLength > most || modulusLength % 8 !== 0 ||
    publicExponent !== 65_537n
  ) {
    throw new SecretError(
      "bad_key",
      `an RSA key of ${least} to ${most} bits with the exponent 65,537 was ` +
        `expected, this one has ${modulusLength} and ${publicExponent}`,
    );
  }
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const open = await importPublicKey(spki);
  const pkcs8 = Uint8Array.from(key.export({ type: "pkcs8", format: "der" }));
  const { subtle } = crypto;
  try {
    return {
      public: open,
      decryption: await subtle.importKey("pkcs8", pkcs8, OAEP, false, [
        "decrypt",
      ]),
      signing: await subtle.importKey("pkcs8", pkcs8, PSS, false, ["sign"]),
    };
  } catch (cause) {
    throw new SecretError("bad_key", "it is damaged", { cause });
  } finally {
    pkcs8.fill(0);
  }
}
