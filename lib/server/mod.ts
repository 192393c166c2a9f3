/**
 * The server on real sockets.
 *
 * @module
 */

export type { Secrets } from "./answers.ts";
export * from "./logger.ts";
export * from "./relay_server.ts";
export * from "./server.ts";
