/**
 * RSA keys: read, made, written, and what they do to a block of a relay's
 * clients (docs/relay.md, "Keys"). Blocks are RSA-OAEP with SHA-1,
 * MGF1-SHA-1 and no label (RFC 8017, 7.1), which is OpenSSL's default.
 *
 * @module
 */

import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from "node:crypto";
import { join } from "node:path";
import type { BlockDecryption, BlockEncryption } from "../wire/mod.ts";
import { fileErrorMessage, UserError } from "./failure.ts";
import { formatFingerprint } from "./fingerprint.ts";
import { badFile, parsePrivateKey, readPem, writePems } from "./pem.ts";

/** Bits of a key: the least that is taken, that is taken without a warning and is made, and the most. */
export const RSA_BITS = { least: 1_024, safe: 2_048, most: 8_192 } as const;

/** What any key of a pair has. */
interface RsaKey {
  /** Of the modulus. */
  readonly bits: number;
  /** SHA-256 of the pair's public key (SPKI, DER), `AA:BB:…`. */
  readonly fingerprint: string;
  /** What its owner should know. */
  readonly warnings: readonly string[];
}

/** A private key out of its file. */
export interface PrivateKeyFile extends RsaKey {
  readonly key: KeyObject;
}

/** One's own private key. */
export interface OwnKey extends RsaKey, BlockDecryption {}

/** The other's public key. */
export interface PeerKey extends RsaKey, BlockEncryption {}

/** A pair as PEM. */
export interface RsaPair {
  /** PKCS#8. */
  readonly privateKey: string;
  /** SPKI. */
  readonly publicKey: string;
  /** As {@link RsaKey}'s. */
  readonly fingerprint: string;
}

const OAEP = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: "sha1",
} as const;

/** Bytes of a block that OAEP with SHA-1 takes for itself: two hashes and two. */
const OAEP_BYTES = 42;

const ADVICE =
  "Make a pair with chatp keys new NAME, or check --key and --peer-key";

/** The pair's public key as SPKI. */
function spki(key: KeyObject): Uint8Array {
  const open = key.type === "private" ? createPublicKey(key) : key;
  return open.export({ type: "spki", format: "der" });
}

function fingerprint(key: KeyObject): string {
  return formatFingerprint(createHash("sha256").update(spki(key)).digest());
}

/** Checks that it is RSA, and how long; gives what all keys have. */
function describe(key: KeyObject, file: string): RsaKey {
  const kind = key.asymmetricKeyType ?? "no asymmetric key";
  if (kind !== "rsa") {
    throw badFile(`The key in ${file} is ${kind}; RSA was expected`, ADVICE);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  const { least, safe, most } = RSA_BITS;
  if (bits < least || bits > most) {
    throw badFile(
      `The key in ${file} has ${bits} bits; ${least} to ${most} were expected`,
      "Make a pair with chatp keys new NAME",
    );
  }
  const warnings = bits < safe
    ? [
      `the key in ${file} has ${bits} bits: under ${safe} it is too short to be safe`,
    ]
    : [];
  return { bits, fingerprint: fingerprint(key), warnings };
}

/**
 * Reads one's own private key: PEM, PKCS#8 or PKCS#1, not encrypted. Warns of a
 * short one, and of a file that others may read.
 *
 * @throws {UserError} file_unreadable, bad_certificate_file.
 */
export async function readPrivateKey(file: string): Promise<PrivateKeyFile> {
  const text = await readPem(file, "private key", ADVICE);
  if (isPublic(text) && !isPrivate(text)) {
    throw badFile(
      `There is a public key in ${file}; a private one was expected`,
      "Give your own private key with --key, the other's public one with --peer-key",
    );
  }
  const key = parsePrivateKey(text, file, ADVICE);
  const { warnings, ...described } = describe(key, file);
  const shared = await isShared(file)
    ? [`others may read ${file}: chmod 600 ${file}`]
    : [];
  return { key, ...described, warnings: [...warnings, ...shared] };
}

/**
 * One's own private key for a relay, as {@link readPrivateKey} reads it.
 *
 * @throws {UserError} file_unreadable, bad_certificate_file.
 */
export async function loadOwnKey(file: string): Promise<OwnKey> {
  const { key, ...described } = await readPrivateKey(file);
  return {
    ...described,
    size: Math.ceil(described.bits / 8),
    decrypt(block) {
      try {
        return privateDecrypt({ key, ...OAEP }, block);
      } catch {
        // Why is not to be told: there is nothing but that it is not for us.
        return undefined;
      }
    },
  };
}

/**
 * Reads the other's public key: PEM, SPKI or PKCS#1.
 *
 * @throws {UserError} file_unreadable, bad_certificate_file.
 */
export async function loadPeerKey(file: string): Promise<PeerKey> {
  const text = await readPem(file, "public key", ADVICE);
  if (isPrivate(text) && !isPublic(text)) {
    throw badFile(
      `There is a private key in ${file}; a public one was expected`,
      "Give the other's public key with --peer-key: nobody needs another's private one",
    );
  }
  const key = parsePublicKey(text, file);
  const described = describe(key, file);
  return {
    ...described,
    capacity: Math.ceil(described.bits / 8) - OAEP_BYTES,
    encrypt: (plaintext) => publicEncrypt({ key, ...OAEP }, plaintext),
  };
}

/**
 * The fingerprint of a pair, told by either of its files.
 *
 * @throws {UserError} file_unreadable, bad_certificate_file.
 */
export async function fingerprintOfKey(file: string): Promise<string> {
  const advice = "Make a pair with chatp keys new NAME";
  const text = await readPem(file, "key", advice);
  if (isPublic(text)) {
    return describe(parsePublicKey(text, file), file).fingerprint;
  }
  if (!isPrivate(text)) {
    throw badFile(`There is no key in ${file}; PEM was expected`, advice);
  }
  return describe(parsePrivateKey(text, file, advice), file).fingerprint;
}

function isPrivate(text: string): boolean {
  return /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/.test(text);
}

function isPublic(text: string): boolean {
  return /-----BEGIN (RSA )?PUBLIC KEY-----/.test(text);
}

function parsePublicKey(text: string, file: string): KeyObject {
  if (!isPublic(text)) {
    throw badFile(
      `There is no public key in ${file}; PEM was expected`,
      ADVICE,
    );
  }
  try {
    return createPublicKey(text);
  } catch (cause) {
    throw badFile(`The public key in ${file} is damaged`, ADVICE, cause);
  }
}

/** Whether anybody but its owner may read a file. */
async function isShared(file: string): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  const { mode } = await Deno.stat(file);
  return ((mode ?? 0) & 0o077) !== 0;
}

/**
 * Makes a pair.
 *
 * @throws {UserError} usage when `bits` is out of bounds.
 */
export async function makeRsaPair(bits: number): Promise<RsaPair> {
  const { safe, most } = RSA_BITS;
  if (!(Number.isInteger(bits) && bits >= safe && bits <= most)) {
    throw new UserError(
      "usage",
      `A key has ${safe} to ${most} bits, not ${bits}`,
      { advice: "See chatp keys new --help" },
    );
  }
  const { publicKey, privateKey } = await new Promise<
    { publicKey: KeyObject; privateKey: KeyObject }
  >((resolve, reject) =>
    generateKeyPair(
      "rsa",
      { modulusLength: bits },
      (error, publicKey, privateKey) =>
        error ? reject(error) : resolve({ publicKey, privateKey }),
    )
  );
  return {
    privateKey: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    publicKey: String(publicKey.export({ type: "spki", format: "pem" })),
    fingerprint: fingerprint(publicKey),
  };
}

/** The files of a pair in its folder. */
export function pairFiles(folder: string) {
  return {
    privateKey: join(folder, "private_key.pem"),
    publicKey: join(folder, "public_key.pem"),
  };
}

/**
 * Writes a pair into a folder, which is made if it isn't there; the private key
 * for its owner alone (0600). What is there is never replaced.
 *
 * @throws {UserError} file_exists, file_unwritable.
 */
export async function writeRsaPair(
  folder: string,
  pair: RsaPair,
): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new UserError(
      "file_unwritable",
      `The folder ${folder} can't be made: ${fileErrorMessage(cause)}`,
      { cause },
    );
  }
  const files = pairFiles(folder);
  await writePems([
    { path: files.privateKey, text: pair.privateKey, mode: 0o600 },
    { path: files.publicKey, text: pair.publicKey, mode: 0o644 },
  ], { force: false, advice: "Choose another name: keys are not replaced" });
}
