/**
 * Errors as the replies they are due.
 *
 * @module
 */

import {
  ERROR_CODES,
  type ErrorCode,
  type ErrorMessage,
  errorText,
  type LoginReject,
  type RemoteProtocolError,
} from "../wire/mod.ts";

/** The reply that reports an error. */
export function errorMessage(code: ErrorCode, detail: string): ErrorMessage {
  return {
    type: "error_msg",
    code,
    text: errorText(code, detail),
    hint: ERROR_CODES[code].hint,
  };
}

/** The reply that a peer's mistake is due. */
export function errorReply(error: RemoteProtocolError): ErrorMessage {
  const { code, message, hint } = error;
  return { type: "error_msg", code, text: message, hint };
}

/** The reply to a login that fails. */
export function loginReject(error: RemoteProtocolError): LoginReject {
  const { code, message, hint } = error;
  return { type: "login_reject", reason: message, code, hint };
}
