/**
 * What can go wrong on a wire: the code table that every wire maps onto, and
 * the two errors that say whose fault it was.
 *
 * @module
 */

/** One row of {@link ERROR_CODES}. */
export interface ErrorRow {
  /** What happened, in a few words; the start of every text that reports it. */
  readonly title: string;
  /** What the person at the other end can do about it. */
  readonly hint: string;
}

/**
 * The error codes of docs/chatproto.md. Wires with numbers of their own map
 * onto these; titles and hints are the same everywhere.
 */
export const ERROR_CODES = {
  400: {
    title: "Malformed",
    hint: "Check the request against docs/chatproto.md",
  },
  401: {
    title: "Not logged in or wrong password",
    hint: "Log in first, and check the user name and the password",
  },
  403: {
    title: "Not allowed",
    hint: "Ask somebody who may, or choose another way",
  },
  404: {
    title: "Not found",
    hint: "Check the spelling; list the users or the rooms to see who is there",
  },
  409: {
    title: "Name taken",
    hint: "Choose another name",
  },
  413: {
    title: "Too large",
    hint: "Send it in smaller pieces",
  },
  429: {
    title: "Too fast",
    hint: "Wait a moment, then send it again",
  },
  500: {
    title: "Internal error",
    hint: "Try again; if it stays, tell whoever runs the server",
  },
  503: {
    title: "Unavailable",
    hint: "Connect again in a moment",
  },
} as const satisfies Record<number, ErrorRow>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a number from a wire is a code of {@link ERROR_CODES}. */
export function isErrorCode(code: number): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** The text that reports `code` with its concrete cause: `Title: detail`. */
export function errorText(code: ErrorCode, detail: string): string {
  return `${ERROR_CODES[code].title}: ${detail}`;
}

/**
 * The code whose title a text begins with, or undefined. This is how a client
 * of a wire that carries no code in a rejection (LOGIN_REJECT of ChatProto
 * 1.0) still tells the causes apart.
 */
export function errorCodeOf(text: string): ErrorCode | undefined {
  for (const [code, { title }] of Object.entries(ERROR_CODES)) {
    if (text.startsWith(`${title}:`)) return Number(code) as ErrorCode;
  }
  return undefined;
}

/** We tried to say something that the wire can't carry: a bug of ours. */
export class LocalProtocolError extends Error {
  override readonly name = "LocalProtocolError";
}

/** What a {@link RemoteProtocolError} has besides its text. */
export interface RemoteErrorOptions {
  /** True when the connection can't go on: answer, then close. */
  readonly fatal: boolean;
  /** What to do about it, where the code's own hint is not the best. */
  readonly hint?: string;
}

/** The peer sent what the wire forbids. Carries the reply that it is due. */
export class RemoteProtocolError extends Error {
  override readonly name = "RemoteProtocolError";
  /** The code to answer with. */
  readonly code: ErrorCode;
  /** What was wrong, without the code's title. */
  readonly detail: string;
  /** True when nothing after this can be understood: answer, then close. */
  readonly fatal: boolean;
  /** What the peer's user can do about it. */
  readonly hint: string;

  /** `detail`: what was wrong, what was expected, what was found. */
  constructor(
    code: ErrorCode,
    detail: string,
    { fatal, hint }: RemoteErrorOptions,
  ) {
    super(errorText(code, detail));
    this.code = code;
    this.detail = detail;
    this.fatal = fatal;
    this.hint = hint ?? ERROR_CODES[code].hint;
  }
}

/** A request that can't be done: the connection lives. */
export function refusal(code: ErrorCode, detail: string): RemoteProtocolError {
  return new RemoteProtocolError(code, detail, { fatal: false });
}
