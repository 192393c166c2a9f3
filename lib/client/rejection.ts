/**
 * What a server's refusal to log somebody in means for the person.
 *
 * @module
 */

import { type FailureKind, UserError } from "../net/mod.ts";
import {
  type ErrorCode,
  errorCodeOf,
  type ErrorMessage,
  type LoginReject,
} from "../wire/mod.ts";

/** The failure that each code of a rejected login is; else `login_rejected`. */
const KINDS: Partial<Record<ErrorCode, FailureKind>> = {
  400: "login_rejected",
  403: "plaintext_refused",
  409: "name_taken",
  429: "too_many",
  500: "server_failed",
  503: "unavailable",
};

/** What an ERROR_MSG in the place of the login's answer is. */
const ERROR_KINDS: Partial<Record<ErrorCode, FailureKind>> = {
  ...KINDS,
  400: "wrong_protocol",
  413: "wrong_protocol",
};

/** What to try where it is the server that refuses, and gives no hint. */
const ADVICE: Partial<Record<FailureKind, string>> = {
  plaintext_refused: "Use chatps:// or jsons://, " +
    "or have the server started with --plaintext",
};

/** How a server says that a port is for another wire; not each wire has hints. */
const OTHER_WIRE = /: this port serves ([a-z]+):\/\/ alone$/;

/** A login that the server rejected; carries the server's code. */
export class LoginError extends UserError {
  /** The server's code, as far as the wire or the text tells it. */
  readonly code: ErrorCode | undefined;

  /** `event`: what the server said; `tls`: whether the connection has it. */
  constructor(event: LoginReject | ErrorMessage, tls: boolean) {
    const text = event.type === "login_reject" ? event.reason : event.text;
    const code = event.code ?? errorCodeOf(text);
    const [, scheme] = OTHER_WIRE.exec(text) ?? [];
    const kind = scheme === undefined
      ? kindOf(event.type, code, tls)
      : "wrong_protocol";
    const advice = scheme === undefined
      ? event.hint ?? ADVICE[kind]
      : `Connect with ${scheme}://`;
    super(
      kind,
      scheme === undefined
        ? `The server rejected the login: ${text}`
        : `The server takes ${scheme}:// alone there`,
      advice === undefined ? {} : { advice },
    );
    this.code = code;
  }
}

function kindOf(
  type: "login_reject" | "error_msg",
  code: ErrorCode | undefined,
  tls: boolean,
): FailureKind {
  const kinds = type === "login_reject" ? KINDS : ERROR_KINDS;
  const kind = (code && kinds[code]) ?? "login_rejected";
  return kind === "plaintext_refused" && tls ? "login_rejected" : kind;
}
