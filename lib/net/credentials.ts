/**
 * A server's certificate and key: read from files, or made once and kept.
 *
 * @module
 */

import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import {
  type CertificatePair,
  makeCertificate,
  makeKey,
} from "./certificate.ts";
import { makeDataFolder } from "./data_folder.ts";
import { errorMessage, UserError } from "./failure.ts";
import { writeNewFile } from "./new_file.ts";
import {
  badFile,
  isThere,
  parsePrivateKey,
  readPem,
  readRegularPem,
  writePems,
  writing,
} from "./pem.ts";

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
 * PKCS#8, PKCS#1 or SEC 1, not encrypted) from regular files. Dates only warn,
 * since a client may have pinned it.
 *
 * @throws {UserError} file_unreadable: missing, no regular file, not to be read;
 * bad_certificate_file: not to be understood, or not a pair.
 */
export async function loadCredentials(
  certificateFile: string,
  keyFile: string,
  now: Date = new Date(),
): Promise<Credentials> {
  const certificate = await readRegularPem(certificateFile, "certificate");
  const keyText = await readRegularPem(keyFile, "key");
  const leaf = parseCertificate(certificate, certificateFile);
  const privateKey = parsePrivateKey(keyText, keyFile);
  if (!isPair(leaf, privateKey)) {
    throw badFile(
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
 * folder, made (ECDSA) if they aren't there. What is there is never replaced.
 * The key comes first, and a certificate that is missing is made for the key
 * that is there, so it may be interrupted anywhere and run twice at once; a
 * certificate alone is one whose key was lost, and nothing is made beside it.
 *
 * @throws {UserError} bad_certificate_file, data_folder_unusable.
 */
export async function keptCredentials(
  folder: string,
  now: Date,
): Promise<Credentials> {
  try {
    return await keepCredentials(folder, now);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.kind !== "file_unreadable") throw error;
    // Nobody named its files.
    throw new UserError("data_folder_unusable", error.message, {
      cause: error,
    });
  }
}

async function keepCredentials(
  folder: string,
  now: Date,
): Promise<Credentials> {
  const certificateFile = join(folder, "server.crt");
  const keyFile = join(folder, "server.key");
  await makeDataFolder(folder);
  // In this order: another server may be writing both.
  if (await isThere(certificateFile) && !await isThere(keyFile)) {
    throw badFile(
      `The key ${keyFile} is missing beside the certificate ${certificateFile}`,
      `Put it back, or remove ${certificateFile} to have a new pair made; ` +
        "clients that know the old one refuse that (status 18)",
    );
  }
  await keep(keyFile, 0o600, () => makeKey("ecdsa"));
  await keep(certificateFile, 0o644, async () => {
    const key = await readRegularPem(keyFile, "key");
    // A key that can't be used is told as that, not as a failed certificate.
    parsePrivateKey(key, keyFile);
    const { certificate } = await makeCertificate({
      name: "localhost",
      days: KEPT_DAYS,
      kind: "ecdsa",
      now,
      key,
    }).catch((cause) => {
      throw badFile(
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
  await writePems(files, { force });
}

/**
 * The certificates of `--ca`, PEM, checked.
 *
 * @throws {UserError} file_unreadable, bad_certificate_file.
 */
export async function readAuthority(file: string): Promise<string> {
  const text = await readPem(
    file,
    "certificate",
    "Check the name after --ca and the file's permissions",
  );
  parseCertificate(text, file);
  return text;
}

async function keep(
  path: string,
  mode: number,
  make: () => Promise<string>,
): Promise<void> {
  if (await isThere(path)) return;
  const text = await make();
  await writing(
    "data_folder_unusable",
    path,
    () => writeNewFile(path, text, { mode, replace: false }),
  );
}

function parseCertificate(text: string, file: string): X509Certificate {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw badFile(`There is no certificate in ${file}; PEM was expected`);
  }
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw badFile(`The certificate in ${file} is damaged`, undefined, cause);
  }
}

function secureContext(cert: string, key: string, file: string): SecureContext {
  try {
    return createSecureContext({ cert, key, minVersion: "TLSv1.2" });
  } catch (cause) {
    throw badFile(
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
