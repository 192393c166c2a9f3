/**
 * What can go wrong with the data folder, and what to do about it.
 *
 * @module
 */

/** What is known about a kind of error: advice when nothing better is known. */
const TABLE = {
  in_use: "Stop the other chatp serve, or choose another folder with --data",
  locked: "Let the other program finish with the file, then try again",
  damaged: "Restore the file from a backup; keep the damaged one for rescue",
  other_version: "Use the same version of chatp, or stop the server first",
  newer: "Use the newer chatp that wrote it, or another folder with --data",
  disk_full: "Make room on that disk, then try again",
  unwritable: "Check owner and permissions, or choose another folder",
  broken_disk: "Look at the system's log; check the disk and its room",
  file_exists: "Choose another name; nothing is ever replaced",
  not_found: "Name the server's folder with --data",
  copy_unwritable: "Check that its folder is there and yours to write",
  name_taken: "Choose another name",
  no_account: "Look at the list of accounts for the name",
  closed: "Open the log again",
  unexpected: "Report this as a bug of chatp, with this line",
} as const;

/** What kind of error it is. */
export type StoreErrorKind = keyof typeof TABLE;

/** An error as it crosses from one thread to another. */
export interface PlainStoreError {
  readonly kind: StoreErrorKind;
  readonly message: string;
  readonly advice: string;
}

/**
 * Something about the data folder that a person has to look at: `message` is
 * one line about what happened, with the file concerned, `advice` one line
 * about what to do.
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreErrorKind;
  /** What to do, one line. */
  readonly advice: string;

  /** `options.advice` replaces the kind's own where more is known. */
  constructor(
    kind: StoreErrorKind,
    message: string,
    options: { readonly advice?: string; readonly cause?: unknown } = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.kind = kind;
    this.advice = options.advice ?? TABLE[kind];
  }

  /** For a thread that can't receive the error itself. */
  get plain(): PlainStoreError {
    return { kind: this.kind, message: this.message, advice: this.advice };
  }

  /** The error of another thread. */
  static of({ kind, message, advice }: PlainStoreError): StoreError {
    return new StoreError(kind, message, { advice });
  }
}

/**
 * SQLite's messages (`sqlite3ErrStr` in its main.c); `node:sqlite` of Deno
 * tells no result codes.
 */
const SQLITE_MESSAGES: readonly [RegExp, StoreErrorKind, string][] = [
  [
    /database or disk is full/,
    "disk_full",
    "does not fit on its disk any more",
  ],
  [/is locked|schema is locked/, "locked", "is locked by another program"],
  [/malformed|corrupt/, "damaged", "is damaged"],
  [/file is not a database/, "damaged", "is no database"],
  [/readonly database/, "unwritable", "can't be written"],
  [/unable to open/, "unwritable", "can't be opened"],
  [/permission denied|authorization/, "unwritable", "may not be used"],
  [/disk I\/O error/, "broken_disk", "can't be read or written"],
];

/** Whatever was thrown while `file` was used, as a {@link StoreError}. */
export function storeError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const { code } = Object(error) as { code?: unknown };
  const [kind, what] = code === "ERR_SQLITE_ERROR"
    ? sqliteKind(detail)
    : systemKind(code);
  return new StoreError(kind, `${file} ${what}: ${detail}`, { cause: error });
}

type Kind = readonly [StoreErrorKind, string];

function sqliteKind(message: string): Kind {
  for (const [pattern, kind, what] of SQLITE_MESSAGES) {
    if (pattern.test(message)) return [kind, what];
  }
  return ["unexpected", "could not be used"];
}

/** `code` is that of a system call: ENOSPC and its like. */
function systemKind(code: unknown): Kind {
  if (typeof code !== "string") return ["unexpected", "could not be used"];
  if (code === "ENOSPC" || code === "EDQUOT") {
    return ["disk_full", "does not fit on its disk"];
  }
  if (code === "ENOENT") return ["not_found", "is missing"];
  if (code === "EIO") return ["broken_disk", "can't be read or written"];
  return /^E[A-Z]+$/.test(code)
    ? ["unwritable", "can't be used"]
    : ["unexpected", "could not be used"];
}
