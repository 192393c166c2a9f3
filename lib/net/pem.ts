/**
 * Files in PEM: certificates and keys, read, checked and written.
 *
 * @module
 */

import { createPrivateKey, type KeyObject } from "node:crypto";
import { type FailureKind, fileErrorMessage, UserError } from "./failure.ts";
import { writeNewFile } from "./new_file.ts";

/** That a file with a certificate or a key can't be used. */
export function badFile(
  message: string,
  advice?: string,
  cause?: unknown,
): UserError {
  return new UserError("bad_certificate_file", message, {
    ...advice !== undefined && { advice },
    cause,
  });
}

/** That a file can't be read; the advice of its kind, unless there is another. */
function unreadable(
  message: string,
  advice?: string,
  cause?: unknown,
): UserError {
  return new UserError("file_unreadable", message, {
    ...advice !== undefined && { advice },
    cause,
  });
}

/**
 * Reads a file; `what` names in an error what was looked for in it.
 *
 * @throws {UserError} file_unreadable.
 */
export async function readPem(
  file: string,
  what: string,
  advice?: string,
): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    throw unreadable(
      `Cannot read the ${what} ${file}: ${fileErrorMessage(cause)}`,
      advice,
      cause,
    );
  }
}

/**
 * Reads a file as {@link readPem} does, but a regular one alone: the read of a
 * pipe or a device may never return, and a server that waits for it could
 * neither look again nor end.
 *
 * @throws {UserError} file_unreadable.
 */
export async function readRegularPem(
  file: string,
  what: string,
): Promise<string> {
  // Whoever reads it says what is wrong with one that can't be looked at.
  const found = await Deno.stat(file).catch(() => undefined);
  if (found !== undefined && !found.isFile) {
    throw unreadable(
      `Cannot read the ${what} ${file}: it is no regular file`,
      "Name a file, not a folder, a pipe or a device",
    );
  }
  return await readPem(file, what);
}

/**
 * The private key in a file's text: PKCS#8, PKCS#1 or SEC 1, not encrypted.
 *
 * @throws {UserError} bad_certificate_file.
 */
export function parsePrivateKey(
  text: string,
  file: string,
  advice?: string,
): KeyObject {
  if (!/-----BEGIN (\w+ )?PRIVATE KEY-----/.test(text)) {
    throw badFile(
      `There is no private key in ${file}; PEM was expected`,
      advice,
    );
  }
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw badFile(
      `The key in ${file} is encrypted`,
      "Write it without a passphrase: openssl pkey -in FILE -out NEWFILE",
    );
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw badFile(`The private key in ${file} is damaged`, advice, cause);
  }
}

/** A file to be written. */
export interface PemFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * Writes files of which none is there yet, unless `force`.
 *
 * @throws {UserError} file_exists unless `force`, with `advice` if given;
 * file_unwritable.
 */
export async function writePems(
  files: readonly PemFile[],
  { force, advice }: { readonly force: boolean; readonly advice?: string },
): Promise<void> {
  const exists = (path: string) =>
    new UserError("file_exists", `${path} is there already`, {
      ...advice !== undefined && { advice },
    });
  if (!force) {
    for (const { path } of files) {
      if (await isThere(path)) throw exists(path);
    }
  }
  for (const { path, text, mode } of files) {
    const written = await writing(
      "file_unwritable",
      path,
      () => writeNewFile(path, text, { mode, replace: force }),
    );
    if (!written) throw exists(path);
  }
}

/** Does what writes to `path`; a failure becomes one of this kind. */
export async function writing<Result>(
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

/** Whether there is something of that name. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Whoever reads or writes it next says what is wrong with it.
    return true;
  }
}
