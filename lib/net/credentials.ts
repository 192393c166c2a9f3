/**
 * A server's certificate and key: read from files, or made once and kept.
 *
 * @module
 */

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import {
  type CertificatePair,
  makeCertificate,
  makeKey,
} from "./certificate.ts";
import { makeDataFolder } from "./data_folder.ts";
import {
  errorMessage,
  type FailureKind,
  fileErrorMessage,
  UserError,
} from "./failure.ts";
import { writeNewFile } from "./new_file.ts";

/** What a server needs to speak TLS. */
export interface Credentials extends CertificatePair {
  /** TLS 1.2 or newer. */
  readonly secureContext: SecureContext;
  /** SHA-256 of the certificate, `AA:BB:…`. */
  readonly fingerprint: string;
  /** What the operator should know: that it has expired, or is not valid yet. */
  readonly warning?: string;
}

/** How long a certificate lives that is made unasked, days: clients pin it. */
const KEPT_DAYS = 3650;

/**
 * Reads a certificate (PEM, a chain may follow it) and its private key (PEM:
 * PKCS#8, PKCS#1 or SEC 1, not encrypted). Dates only warn, since a client may
 * have pinned it.
 *
 * @throws {UserError} bad_certificate_file: missing, unreadable, not to be
 * understood, or not a pair.
 */
export async function loadCredentials(
  certificateFile: string,
  keyFile: string,
  now: Date = new Date(),
): Promise<Credentials> {
  const certificate = await readPem(certificateFile, "certificate");
  const keyText = await readPem(keyFile, "key");
  const leaf = parseCertificate(certificate, certificateFile);
  const privateKey = parseKey(keyText, keyFile);
  if (!isPair(leaf, privateKey)) {
    throw bad(
      `The key ${keyFile} does not belong to the certificate ${certificateFile}`,
      "Name the two files of one pair with --cert and --key",
    );
  }
  const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const warning = dateWarning(leaf, certificateFile, now);
  return {
    certificate,
    key,
    fingerprint: leaf.fingerprint256,
    secureContext: secureContext(certificate, key, certificateFile),
    ...warning !== undefined && { warning },
  };
}

/** `checkPrivateKey`, which Deno has only since 2.7. */
function isPair(leaf: X509Certificate, key: KeyObject): boolean {
  const asDer = { type: "spki", format: "der" } as const;
  const own = leaf.publicKey.export(asDer);
  return own.equals(createPublicKey(key).export(asDer));
}

/**
 * The server's own certificate: `server.crt` and `server.key` of the data
 * folder, made (ECDSA) if they aren't there. What is there is never replaced,
 * and a certificate that is missing is made for the key that is there, so it
 * may be interrupted anywhere and run twice at once.
 *
 * @throws {UserError} bad_certificate_file, data_folder_unusable.
 */
export async function keptCredentials(
  folder: string,
  now: Date,
): Promise<Credentials> {
  const certificateFile = join(folder, "server.crt");
  const keyFile = join(folder, "server.key");
  await makeDataFolder(folder);
  await keep(keyFile, 0o600, () => makeKey("ecdsa"));
  await keep(certificateFile, 0o644, async () => {
    const key = await readPem(keyFile, "key");
    // A key that can't be used is told as that, not as a failed certificate.
    parseKey(key, keyFile);
    const { certificate } = await makeCertificate({
      name: "localhost",
      days: KEPT_DAYS,
      kind: "ecdsa",
      now,
      key,
    }).catch((cause) => {
      throw bad(
        `Cannot make a certificate for the key ${keyFile}: ${
          errorMessage(cause)
        }`,
        "Use a key on P-256 or an RSA key, or remove the file",
      );
    });
    return certificate;
  });
  return await loadCredentials(certificateFile, keyFile, now);
}

/**
 * Writes a pair to two files, the key for its owner alone (0600).
 *
 * @throws {UserError} file_exists unless `force`; file_unwritable.
 */
export async function writeCredentials(
  pair: CertificatePair,
  { certificateFile, keyFile, force }: {
    readonly certificateFile: string;
    readonly keyFile: string;
    readonly force: boolean;
  },
): Promise<void> {
  const files = [
    { path: keyFile, text: pair.key, mode: 0o600 },
    { path: certificateFile, text: pair.certificate, mode: 0o644 },
  ];
  if (!force) {
    for (const { path } of files) {
      if (await exists(path)) throw fileExists(path);
    }
  }
  for (const { path, text, mode } of files) {
    const written = await writing(
      "file_unwritable",
      path,
      () => writeNewFile(path, text, { mode, replace: force }),
    );
    if (!written) throw fileExists(path);
  }
}

/**
 * The certificates of `--ca`, PEM, checked.
 *
 * @throws {UserError} bad_certificate_file.
 */
export async function readAuthority(file: string): Promise<string> {
  const text = await readPem(file, "certificate");
  parseCertificate(text, file);
  return text;
}

async function keep(
  path: string,
  mode: number,
  make: () => Promise<string>,
): Promise<void> {
  if (await exists(path)) return;
  const text = await make();
  await writing(
    "data_folder_unusable",
    path,
    () => writeNewFile(path, text, { mode, replace: false }),
  );
}

async function writing<Result>(
  kind: FailureKind,
  path: string,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    throw new UserError(
      kind,
      `Cannot write ${path}: ${fileErrorMessage(cause)}`,
      { cause },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Whoever reads or writes it next says what is wrong with it.
    return true;
  }
}

async function readPem(file: string, what: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    throw bad(
      `Cannot read the ${what} ${file}: ${fileErrorMessage(cause)}`,
      undefined,
      cause,
    );
  }
}

function parseCertificate(text: string, file: string): X509Certificate {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw bad(`There is no certificate in ${file}; PEM was expected`);
  }
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw bad(`The certificate in ${file} is damaged`, undefined, cause);
  }
}

function parseKey(text: string, file: string): KeyObject {
  if (!/-----BEGIN (\w+ )?PRIVATE KEY-----/.test(text)) {
    throw bad(`There is no private key in ${file}; PEM was expected`);
  }
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw bad(
      `The key in ${file} is encrypted`,
      "Write it without a passphrase: openssl pkey -in FILE -out NEWFILE",
    );
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw bad(`The private key in ${file} is damaged`, undefined, cause);
  }
}

function secureContext(cert: string, key: string, file: string): SecureContext {
  try {
    return createSecureContext({ cert, key, minVersion: "TLSv1.2" });
  } catch (cause) {
    throw bad(
      `TLS can't use the certificate ${file}: ${errorMessage(cause)}`,
      undefined,
      cause,
    );
  }
}

function dateWarning(
  { validFromDate, validToDate }: X509Certificate,
  file: string,
  now: Date,
): string | undefined {
  const day = (date: Date) => date.toISOString().slice(0, 10);
  if (validToDate < now) {
    return `The certificate ${file} expired on ${day(validToDate)}`;
  }
  if (validFromDate > now) {
    return `The certificate ${file} is not valid before ${day(validFromDate)}`;
  }
  return undefined;
}

function fileExists(path: string): UserError {
  return new UserError("file_exists", `${path} is there already`);
}

function bad(message: string, advice?: string, cause?: unknown): UserError {
  return new UserError("bad_certificate_file", message, {
    ...advice !== undefined && { advice },
    cause,
  });
}
