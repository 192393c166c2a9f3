/**
 * What can go wrong for the person at the terminal: each kind with an exit
 * status, a title and a piece of advice (docs/errors.md prints this table, and
 * a test holds the two together).
 *
 * @module
 */

/** What there is to say about a kind of failure. */
export interface Failure {
  /** Exit status of the process; every failure of a client has its own. */
  readonly status: number;
  /** What it means, in a few words, for `--help` and the docs. */
  readonly title: string;
  /** What to try next, when nothing more exact is known. */
  readonly advice: string;
}

const TABLE = {
  address_in_use: {
    status: 1,
    title: "the port to listen on is taken",
    advice: "Stop the other program, or choose another port",
  },
  address_unusable: {
    status: 1,
    title: "the address to listen on can't be used",
    advice:
      "Listen on an address of this machine, such as 0.0.0.0 or 127.0.0.1",
  },
  bad_certificate_file: {
    status: 1,
    title: "a certificate or key file can't be used",
    advice: "Make a new pair with chatp cert, or check --cert, --key and --ca",
  },
  file_exists: {
    status: 1,
    title: "a file that was to be written is there already",
    advice: "Choose another name, or replace it with --force",
  },
  too_few_files: {
    status: 1,
    title: "too few files may be open",
    advice: "Allow more (ulimit -n; in systemd LimitNOFILE)",
  },
  usage: {
    status: 2,
    title: "the command line is wrong",
    advice: "See chatp --help",
  },
  name_not_found: {
    status: 10,
    title: "the server's name was not found",
    advice: "Check the spelling and the network, or use the IP address",
  },
  refused: {
    status: 11,
    title: "nothing listens there",
    advice: "Check that chatp serve is running there, and on that port",
  },
  timed_out: {
    status: 12,
    title: "the server did not answer in time",
    advice: "Check address, port and firewall, or wait longer with --timeout",
  },
  unreachable: {
    status: 13,
    title: "there is no way to the server",
    advice: "Check the network connection and the address",
  },
  connection_lost: {
    status: 14,
    title: "the connection broke",
    advice: "Connect again; if it keeps breaking, look at the server's log",
  },
  wrong_protocol: {
    status: 15,
    title: "the server speaks another protocol",
    advice:
      "Choose the wire by the scheme: chatps://, chatp://, jsons://, json://, cps:// or cp://",
  },
  tls_failed: {
    status: 16,
    title: "TLS could not be agreed on",
    advice: "Check that the server offers TLS 1.2 or newer on that port",
  },
  certificate_untrusted: {
    status: 17,
    title: "the server's certificate is not trusted",
    advice:
      "Ask the operator for the certificate's fingerprint and pass it with --fingerprint",
  },
  certificate_changed: {
    status: 18,
    title: "the server's certificate is not the one known from before",
    advice:
      "Ask the operator whether it was replaced; only if so remove its line from known_servers",
  },
  plaintext_refused: {
    status: 19,
    title: "plaintext to another machine is refused",
    advice:
      "Use chatps://, jsons:// or cps://, or allow plaintext with --plaintext",
  },
  name_taken: {
    status: 20,
    title: "the user name is in use",
    advice: "Choose another name, or wait: a guest who was cut off keeps the " +
      "name for ten minutes",
  },
  login_rejected: {
    status: 21,
    title: "the server rejected the login",
    advice: "Check the user name and the password",
  },
  request_rejected: {
    status: 22,
    title: "the server rejected something that was sent",
    advice: "See the errors above; the rest was acknowledged",
  },
  unconfirmed: {
    status: 23,
    title: "something that was sent was not acknowledged",
    advice: "Look in the room whether it arrived before sending it again",
  },
  file_unreadable: {
    status: 24,
    title: "a file named on the command line can't be read",
    advice: "Check its name and permissions",
  },
  data_folder_unusable: {
    status: 25,
    title: "the data folder can't be used",
    advice: "Check its permissions, or choose another one with --data",
  },
  unavailable: {
    status: 26,
    title: "the server takes nobody at the moment",
    advice: "Try again in a moment",
  },
  file_unwritable: {
    status: 27,
    title: "a file named on the command line can't be written",
    advice: "Check that its folder is there and yours to write",
  },
  no_account: {
    status: 28,
    title: "nobody has an account of that name",
    advice: "See who has one with chatp user list",
  },
  too_many: {
    status: 29,
    title: "the server takes no more from this address for now",
    advice: "Wait a moment, or end other clients at your address",
  },
  server_failed: {
    status: 30,
    title: "the server failed to do what it should",
    advice: "Try again; if it stays, tell whoever runs the server",
  },
} as const satisfies Record<string, Failure>;

/** The name of a failure. */
export type FailureKind = keyof typeof TABLE;

/** Every failure, in the order of its exit status. */
export const FAILURES: Readonly<Record<FailureKind, Failure>> = TABLE;

/**
 * A failure to be told to the person at the terminal: `message` is one line
 * about what happened, with the names concerned, `advice` one line about what
 * to try next. It is nobody's bug, so no stack is shown for it.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  /** Which row of {@link FAILURES} this is. */
  readonly kind: FailureKind;
  /** What to try next, one line. */
  readonly advice: string;

  /**
   * `options.advice` replaces the kind's own where more is known; a `cause` that
   * says that a disk is full does, too.
   */
  constructor(
    kind: FailureKind,
    message: string,
    options: { readonly advice?: string; readonly cause?: unknown } = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.kind = kind;
    const usual = isDiskFull(options.cause)
      ? "Make room on that disk, then try again"
      : FAILURES[kind].advice;
    this.advice = options.advice ?? usual;
  }

  /** The exit status that tells this kind. */
  get status(): number {
    return FAILURES[this.kind].status;
  }
}

/** The code of a system or TLS error (`ECONNREFUSED`, …), or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a file could not be read or written, without its name and the call. */
export function fileErrorMessage(error: unknown): string {
  return errorMessage(error).replace(/ \(os error \d+\).*$/s, "");
}
