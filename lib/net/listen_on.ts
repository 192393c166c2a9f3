/**
 * Opening a port, and saying plainly why it can't be opened.
 *
 * @module
 */

import type { Server } from "node:net";
import { formatEndpoint } from "./address.ts";
import { errorCode, errorMessage, UserError } from "./failure.ts";

/**
 * Lets a server listen; answers where it really does. Later errors of the
 * server (a connection that can't be accepted) go to `onError`.
 *
 * @throws {UserError} address_in_use, address_unusable.
 */
export function listenOn(
  server: Server,
  { host, port, backlog }: {
    readonly host: string;
    readonly port: number;
    /** Connections that may wait to be accepted. Default: 511. */
    readonly backlog?: number;
  },
  onError: (error: Error) => void = () => {},
): Promise<{ readonly host: string; readonly port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    { host: string; port: number }
  >();
  server.on("error", (error) => {
    if (server.listening) onError(error);
    else reject(unusable(error, host, port));
  });
  server.listen({ host, port, ...backlog && { backlog } }, () => {
    const bound = server.address();
    if (bound === null || typeof bound === "string") {
      reject(unusable(new Error("it has no port"), host, port));
    } else resolve({ host: bound.address, port: bound.port });
  });
  return promise;
}

/** Why a port can't be opened, as its user is told. */
export function unusable(
  cause: unknown,
  host: string,
  port: number,
): UserError {
  const where = formatEndpoint(host, port);
  switch (errorCode(cause)) {
    case "EADDRINUSE":
      return new UserError(
        "address_in_use",
        `The address ${where} is in use by another program`,
        { cause },
      );
    case "EACCES":
    case "EPERM":
      return new UserError(
        "address_unusable",
        `This account may not listen on ${where}`,
        { advice: "Choose a port from 1024 up", cause },
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UserError(
        "address_unusable",
        `Cannot listen on ${where}: the name ${host} was not found`,
        { cause },
      );
    case "EINVAL":
    case "EADDRNOTAVAIL":
      return new UserError(
        "address_unusable",
        `Cannot listen on ${where}: this machine has no such address`,
        { cause },
      );
    default:
      return new UserError(
        "address_unusable",
        `Cannot listen on ${where}: ${errorMessage(cause)}`,
        { cause },
      );
  }
}
