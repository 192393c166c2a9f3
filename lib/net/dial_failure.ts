/**
 * What a failed attempt to connect means, told by the system's error and by
 * how far the attempt had come.
 *
 * @module
 */

import { formatEndpoint } from "./address.ts";
import { errorCode, errorMessage, UserError } from "./failure.ts";

/** What an attempt was doing: finding the name, connecting, agreeing on TLS. */
export type DialPhase = "name" | "tcp" | "tls";

const NOT_FOUND: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "ENODATA",
]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EINVAL",
  "EACCES",
  "EPERM",
]);

/** Codes of a connection that is gone at the other end. */
export const BROKEN: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
]);

/** Turns the cause of a failed attempt into what a person can act upon. */
export function dialFailure(
  cause: unknown,
  phase: DialPhase,
  address: { readonly host: string; readonly port: number },
  { timeout }: { readonly timeout: number },
): UserError {
  const code = firstCode(cause) ?? "";
  const where = formatEndpoint(address.host, address.port);
  if (NOT_FOUND.has(code)) {
    return new UserError(
      "name_not_found",
      code === "EAI_AGAIN"
        ? `The name ${address.host} can't be looked up at the moment`
        : `The name ${address.host} was not found`,
      { cause },
    );
  }
  if (code === "ETIMEDOUT") {
    const waited = { name: "to resolve", tcp: "to connect", tls: "for TLS" };
    return new UserError(
      "timed_out",
      `${where} did not answer within ${timeout / 1000} s (waited ${
        waited[phase]
      })`,
      { cause },
    );
  }
  if (code === "ECONNREFUSED") {
    return new UserError("refused", `${where} refused the connection`, {
      cause,
    });
  }
  if (UNREACHABLE.has(code)) {
    return new UserError(
      "unreachable",
      `There is no way to ${where} (${code})`,
      { cause },
    );
  }
  if (phase === "tls") return tlsFailure(cause, code, where);
  return new UserError(
    "connection_lost",
    `The connection to ${where} failed: ${errorMessage(cause)}`,
    { cause },
  );
}

function tlsFailure(cause: unknown, code: string, where: string): UserError {
  // What a TLS client makes of an answer that is no TLS record at all.
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return new UserError(
      "wrong_protocol",
      `${where} does not speak TLS`,
      {
        advice: "The server speaks plaintext: try chatp:// or json://",
        cause,
      },
    );
  }
  if (BROKEN.has(code)) {
    return new UserError(
      "tls_failed",
      `${where} closed the connection during the TLS handshake`,
      {
        advice:
          "If the server has no TLS on that port, try chatp:// or json://",
        cause,
      },
    );
  }
  // No certificate fails the handshake by its chain, since the chain is judged
  // afterwards: what is left is a signature that its key did not make.
  if (/CERT/.test(code) && !code.startsWith("ERR_SSL_")) {
    return new UserError(
      "tls_failed",
      `${where} could not prove that its certificate is its own`,
      {
        advice:
          "Somebody may be answering in the server's place: try another network",
        cause,
      },
    );
  }
  return new UserError(
    "tls_failed",
    `TLS with ${where} failed: ${errorMessage(cause)}`,
    { cause },
  );
}

/** The code of an error, or of the first in it when several addresses failed. */
function firstCode(cause: unknown): string | undefined {
  if (cause instanceof AggregateError) {
    const codes = cause.errors.map(errorCode);
    return codes.find((code) => code === "ECONNREFUSED") ?? codes[0];
  }
  return errorCode(cause);
}
