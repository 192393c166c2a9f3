/**
 * Making self-signed certificates (RFC 5280) for servers that nobody else
 * vouches for.
 *
 * @module
 */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { parseServer } from "./address.ts";
import { UserError } from "./failure.ts";

/** The kinds of key: ECDSA on P-256, or RSA of 2,048 bits. */
export type KeyKind = "ecdsa" | "rsa";

/** What a certificate is to say. */
export interface CertificateRequest {
  /** The server's name or IP address; `localhost`, 127.0.0.1 and ::1 are added. */
  readonly name: string;
  /** Days that it is valid, from `now` on. */
  readonly days: number;
  /** The kind of the key; of no effect on one that is given. */
  readonly kind: KeyKind;
  readonly now: Date;
  /** A private key to certify, PEM (PKCS#8); else a fresh one is made. */
  readonly key?: string | undefined;
}

/** A certificate and its private key. */
export interface CertificatePair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8, not encrypted. */
  readonly key: string;
}

const ALGORITHMS = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
} as const;

const DAY = 24 * 60 * 60 * 1000;

/** Twenty years: more than any certificate should live. */
const MOST_DAYS = 7300;

/**
 * Makes a self-signed server certificate, signed with SHA-256. It vouches for
 * its own key and no other (`CA:FALSE`).
 *
 * @throws {UserError} usage, for a name or a number of days that can't be.
 */
export async function makeCertificate(
  { name, days, kind, now, key }: CertificateRequest,
): Promise<CertificatePair> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    throw new UserError(
      "usage",
      `A certificate is valid for 1 to ${MOST_DAYS} days, not ${days}`,
      { advice: "Give another number with --days" },
    );
  }
  const host = checkName(name);
  const pem = key ?? await makeKey(kind);
  const keys = await importKeys(pem);
  // Both take long to load and few need them; the second needs the first.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [host] }],
    notBefore: now,
    notAfter: new Date(now.getTime() + days * DAY),
    keys,
    signingAlgorithm: keys.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        keys.algorithm === ALGORITHMS.rsa
          ? digitalSignature | keyEncipherment
          : digitalSignature,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternativeNames(host)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: pem };
}

/** Makes a private key: PEM (PKCS#8), not encrypted. */
export async function makeKey(kind: KeyKind): Promise<string> {
  const generate = promisify(generateKeyPair) as (
    type: string,
    options: Record<string, unknown>,
  ) => Promise<{ privateKey: KeyObject }>;
  const { privateKey } = kind === "rsa"
    ? await generate("rsa", { modulusLength: 2048 })
    : await generate("ec", { namedCurve: "P-256" });
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** The key as WebCrypto wants it, P-256 or RSA. */
async function importKeys(pem: string): Promise<
  CryptoKeyPair & { readonly algorithm: typeof ALGORITHMS["ec" | "rsa"] }
> {
  const key = createPrivateKey(pem);
  const algorithm = key.asymmetricKeyType === "rsa"
    ? ALGORITHMS.rsa
    : ALGORITHMS.ec;
  const secret = key.export({ type: "pkcs8", format: "der" });
  const open = createPublicKey(key).export({ type: "spki", format: "der" });
  const { subtle } = crypto;
  return {
    algorithm,
    privateKey: await subtle
      .importKey("pkcs8", Uint8Array.from(secret), algorithm, false, ["sign"]),
    publicKey: await subtle
      .importKey("spki", Uint8Array.from(open), algorithm, true, ["verify"]),
  };
}

function alternativeNames(
  host: string,
): { type: "dns" | "ip"; value: string }[] {
  const names = new Set([host, "localhost", "127.0.0.1", "::1"]);
  return [...names].map((value) => ({
    type: isIP(value) === 0 ? "dns" : "ip",
    value,
  }));
}

/** A positive number of 127 bits in hex (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString("hex");
}

/** The name as certificates bear it: an IP address, or a name in ASCII. */
function checkName(name: string): string {
  const wildcard = name.startsWith("*.") ? "*." : "";
  const rest = name.slice(wildcard.length);
  const host = /[:/?#]/.test(rest) && isIP(rest) === 0
    ? undefined
    : parseServer(rest).host;
  if (host !== undefined && rest !== "" && host.length <= 64) {
    return wildcard + host;
  }
  throw new UserError(
    "usage",
    `"${name}" is no name for a server`,
    { advice: "Give a host name or an IP address with --name" },
  );
}
